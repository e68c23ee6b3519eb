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
  for (i in which(found)) {
    handle <- new_call(library, entries$name[i], entries$signature[i], callmode, envir,
                       entries$params[[i]], if (funcptr) "variable" else "symbol")
    assign(names[i], new_bound(handle, entries$signature[i], entries$params[[i]],
                               entries$variadic[i]), envir = envir)
  }
  for (i in which(found & nzchar(entries$attributes))) {
    find <- function(name) {
      get0(c(names[entries$name == name], name)[1L], envir = envir, mode = "function")
    }
    words <- strsplit(entries$attributes[i], "[[:space:]]+")[[1L]]
    own_result(attr(get(names[i], envir = envir, inherits = FALSE), "call"),
               free_attribute(words, entries$attributes[i]), "@copy" %in% words, library, find)
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

print.dynbind.report <- function(x, ...) {
  cat("library: ", library_label(x$libhandle), "\n", sep = "")
  if (length(x$unresolved.symbols)) {
    cat("unresolved symbols: ", paste(x$unresolved.symbols, collapse = ", "), "\n", sep = "")
  } else {
    cat("all symbols found\n")
  }
  invisible(x)
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

# Makes a handle one whose results have an owner: freed by the function of a name, which `find`
# looks for, else by a symbol of the library that takes the pointer; copied before, or both.
own_result <- function(handle, free, copy, library, find) {
  if (is.null(free) && !copy) return(handle)
  .Call(C_bound_own, handle, list(copy, if (!is.null(free)) destructor(free, library, find)))
}

# The value of @free= among the attributes of a declaration, NULL without it.
free_attribute <- function(words, attributes) {
  name <- sub("^@free=", "", grep("^@free=", words, value = TRUE))
  if (length(name) > 1L || identical(name, "")) {
    abort("signature", paste0("expected one name behind '@free=', got '", attributes, "'"),
          signature = attributes)
  }
  if (length(name)) name
}

destructor <- function(name, library, find) {
  found <- find(name)
  if (!is.null(found)) return(found)
  if (is.null(.dynsym(library, name))) {
    abort("symbol", paste0("expected the name of a function behind '@free=', got '", name,
                           "', which is neither a function here nor a symbol of ",
                           library_label(library)), symbol = name)
  }
  handle <- new_call(library, name, "p)v", "default", NULL, "pointer")
  new_bound(handle, "p)v", "pointer", FALSE)
}

# A closure over a handle. With parameter names it has these formals, else `...`.
new_bound <- function(handle, signature, params, variadic) {
  .Call(C_bound_function, handle, if (!variadic) params, returns_void(signature),
        parent.env(environment()))
}

# Called by C: the R function of a function pointer that C returned.
callable <- function(pointer, signature, env) {
  about <- .Call(C_call_entries, paste0("f(", signature, ";"))
  params <- if (about$count == 0L) character()
  new_bound(new_call(pointer, "function", signature, "default", env, params), signature, params,
            about$variadic)
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
      if (!is.null(about$note)) paste0("<", about$note, ">\n"), sep = "")
  invisible(x)
}

format.dynbound <- function(x, ...) {
  about <- describe_bound(x)
  if (is.character(about)) return(about)
  prototype(about$signature, about$name, about$params)
}
