# Bound functions, one by one and in batches from a library signature.

dynbind <- function(libnames, signature, envir = parent.frame(), callmode = "default",
                    pat = NULL, replace = NULL, funcptr = FALSE) {
  check_env(envir, "envir")
  check_flag(funcptr, "funcptr")
  library <- as_library(libnames)
  if (!is.externalptr(library)) library <- need_library(check_strings(library, "libnames"))
  entries <- .Call(C_call_entries, paste(check_strings(signature, "signature"), collapse = ""))
  names <- entries$name
  if (!is.null(pat)) {
    names <- sub(check_string(pat, "pat"), check_string(replace, "replace"), names)
  }
  found <- .Call(C_library_has, library, entries$name)
  handles <- list()
  for (i in which(found)) {
    params <- params_of(entries, i)
    handle <- new_call(library, entries$name[i], entries$signature[i], callmode, envir, params,
                       if (funcptr) "variable" else "symbol")
    handles[[i]] <- handle
    bind_late(names[i], envir, handle, entries$signature[i], params, entries$variadic[i])
  }
  find <- function(name, mode) get0(c(names[entries$name == name], name)[1L], envir = envir, mode = mode)
  for (i in which(found & nzchar(entries$attributes))) {
    attributes <- read_attributes(entries$attributes[i], entries$name[i])
    apply_attributes(handles[[i]], attributes, entries$name[i], params_of(entries, i), library, find)
    # again, as another function that asked for it may have got one without attributes
    bind_late(names[i], envir, handles[[i]], entries$signature[i], params_of(entries, i), entries$variadic[i])
  }
  missing <- entries$name[!found]
  if (length(missing)) {
    warning(new_warning("symbol", paste0(library_label(library), " does not have ",
                                         paste0("'", missing, "'", collapse = ", ")),
                        sys.call(), symbols = missing))
  }
  invisible(structure(class = "dynbind.report",
                      list(libhandle = library, unresolved.symbols = missing)))
}

# The names of the parameters of entry i, NULL if they have none.
params_of <- function(entries, i) if (entries$count[i] == 0L) character() else entries$params[[i]]

print.dynbind.report <- function(x, ...) {
  cat("library: ", library_label(x$libhandle), "\n", sep = "")
  if (length(x$unresolved.symbols)) {
    cat("unresolved symbols: ", paste(x$unresolved.symbols, collapse = ", "), "\n", sep = "")
  } else {
    cat("all symbols found\n")
  }
  invisible(x)
}

# The function is made when it is first used: compiling takes a thousand times as long as the promise.
bind_late <- function(name, envir, handle, signature, params, variadic) {
  force(handle)
  force(signature)
  force(params)
  force(variadic)
  delayedAssign(name, new_bound(handle, signature, params, variadic), assign.env = envir)
}

# The handle of a bound function: everything by text, resolved on the first call. name is for people;
# the rest as C_bound_new has it.
new_call <- function(library, name, signature, callmode, env, params, how = "symbol", symbol = name,
                     getter = NULL, hint = NULL, note = NULL) {
  .Call(C_bound_new, library, name, signature, callmode, env, params, symbol,
        match(how, bound_hows) - 1L, getter, hint, note)
}

# Called by C: a getter asked for an address.
ask_getter <- function(getter, symbol) getter(symbol)

bound_hows <- c("symbol", "variable", "asked", "symbol or asked")

# A function that frees, by its name: what `find` looks for, else a symbol of the library that takes the
# pointer.
destructor <- function(name, library, find) {
  found <- find(name, "function")
  if (!is.null(found)) return(found)
  if (is.null(.dynsym(library, name))) {
    abort("symbol", paste0("expected the name of a function behind '@free=', got '", name,
                           "', which is neither a function here nor a symbol of ",
                           library_label(library)), symbol = name)
  }
  handle <- new_call(library, name, "p)v", "default", NULL, "pointer")
  new_bound(handle, "p)v", "pointer", FALSE, compiled = FALSE)
}

# A function of this package's environment. R's compiler never runs by itself for small ones.
compiled_function <- function(formals, body) {
  compiler::cmpfun(eval(call("function", as.pairlist(formals), body), parent.env(environment())))
}

# A closure over a handle. With parameter names it has these formals, else `...`. Its body has the entry point as a
# constant that holds the handle, and C takes the arguments out of the frame; where there are none .Call() is faster,
# which R's compiler calls without a detour. `if (FALSE) NULL` is an invisible NULL, which R's compiler makes of it:
# invisible() takes longer than a call. What is called once is not worth compiling. rules say whether parameters may
# be left out; C returns invisibly then.
new_bound <- function(handle, signature, params, variadic, compiled = TRUE, rules = has_rules(handle)) {
  is_open <- variadic || is.null(params)
  formals <- if (rules) open_formals(make.unique(as.character(params)), is_open)
             else open_formals(if (!is_open) make.unique(params), is_open)
  body <- if (rules || length(formals)) {
    call(".External2", .Call(C_constant_with, if (rules) constants$C_params_frame else constants$C_bound_frame, handle))
  } else {
    call(".Call", constants$C_bound_none, handle)
  }
  if (!rules && returns_void(signature)) body <- bquote({.(body); if (FALSE) NULL})
  f <- if (compiled) compiled_function(formals, body)
       else eval(call("function", as.pairlist(formals), body), parent.env(environment()))
  attr(f, "call") <- handle
  class(f) <- "dynbound"
  f
}

has_rules <- function(handle) !is.null(.Call(C_bound_rules, handle))

open_formals <- function(params, is_open) {
  formals <- rep(alist(x = ), length(params) + is_open)
  names(formals) <- c(params, if (is_open) "...")
  formals
}

# Called by C: the R function of a function pointer that C returned.
callable <- function(pointer, signature, env) {
  about <- .Call(C_call_entries, paste0("f(", signature, ";"))
  params <- if (about$count == 0L) character()
  new_bound(new_call(pointer, "function", signature, "default", env, params), signature, params,
            about$variadic, compiled = FALSE)
}

# What a bound function is, or the message of the error that its first call would raise.
describe_bound <- function(x) {
  tryCatch(.Call(C_bound_describe, attr(x, "call")), dyncall_error = conditionMessage)
}

print.dynbound <- function(x, ...) {
  about <- describe_bound(x)
  if (is.character(about)) {
    cat("<function that cannot be called: ", about, ">\n", sep = "")
    return(invisible(x))
  }
  address <- "unresolved"
  library <- about$library
  where <- "a pointer"
  if (is_library(library)) {
    where <- library_label(library)
    found <- about$address
    if (is.null(found)) {
      found <- tryCatch(.dynsym(library, about$symbol), dyncall_error = function(e) NULL)
    }
    if (!is.null(found)) address <- pointer_text(found)
  } else {
    address <- pointer_text(library)
  }
  mode <- if (about$mode == "default") "cdecl" else about$mode
  arguments <- paste(c("", names(formals(unclass(x)))), collapse = ", ")
  cat(deparse(args(unclass(x)), nlines = 1L)[1L], "\n",
      ".dyncall.", mode, "(<pointer: ", address, ">, \"", about$signature, "\"", arguments, ")\n",
      "<", prototype(about$signature, about$name, about$params),
      if (about$how == 1L) " through a variable", " in ", where, ">\n",
      if (!is.null(about$note)) paste0("<", about$note, ">\n"),
      if (!is.null(about$rules)) paste0("<", about$rules$text, ">\n"), sep = "")
  invisible(x)
}

format.dynbound <- function(x, ...) {
  about <- describe_bound(x)
  if (is.character(about)) return(about)
  prototype(about$signature, about$name, about$params)
}
