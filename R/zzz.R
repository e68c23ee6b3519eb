# The functions that C calls, by the names of RDC_HOOKS in src/r.h.
hooks <- list(raise = raise_condition, warn = warn_condition, resolve = resolve_types,
              typeinfo = find_handle, locate = locate, assigning = assigning, callable = callable,
              frame = dyncall_frame, origin = origin, release = release, trace = trace_call,
              ask = ask_getter, complete = port_handle, judge = judge, convert = convert_value,
              adapt = convert_object)

# Entry points as constants (src/constant.c) for the bodies of functions that are made here, by name.
constants <- new.env()

use_constants <- function(ns) {
  list2env(.Call(C_constant_all), constants)
  for (name in names(selector_modes)) make_selector(name, ns)
  for (name in fast_methods) make_method(name, ns, .BaseNamespaceEnv[[".__S3MethodsTable__."]])
}

# What does little else than call C: R does that without a detour where the entry point is a constant.
fast_methods <- c("$.struct", "$<-.struct", "[[.struct", "[[<-.struct",
                  "$.carray", "$<-.carray", "[[.carray", "[[<-.carray")

# In R's table of methods the function of this package makes way, on first use, for one that is compiled with
# constants.
make_method <- function(name, ns, table) {
  f <- get(name, ns)
  delayedAssign(name, {
    made <- compiled_function(formals(f), eval(call("substitute", body(f), constants)))
    assign(name, made, envir = table)
    made
  }, assign.env = table)
}

# Called as probe(x, x), so that C sees how this version of R hands over arguments.
probe <- function(name, ...) .External2(C_arguments_probe)

.onLoad <- function(libname, pkgname) {
  .Call(C_init_hooks, hooks)
  use_constants(parent.env(environment()))
  probe(libname, libname)
  call_path(getOption("rdyncall.path"))
  installed$ports <- file.path(libname, pkgname, "dynports")
  installed$base <- names(baseenv())
  if (isTRUE(getOption("rdyncall.debug"))) dyndebug(TRUE)
  if (isTRUE(getOption("rdyncall.trace"))) dyntrace(TRUE)
}

# The library stays loaded with R: finalizers of objects that live on are in it.
