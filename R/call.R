# Calls by address and signature.

# NULL is shown unless the signature says that there is no result.
returns_void <- function(signature) endsWith(sub("\\)$", "", signature), ")v")

# The body that all selectors share, with the call mode in place.
dyncall_body <- function(callmode) {
  bquote({
    value <- .External(C_call_dyncall, address, signature, .(callmode), ...)
    if (is.null(value) && returns_void(signature)) invisible() else value
  })
}

selector <- function(callmode) {
  f <- function(address, signature, ...) NULL
  body(f) <- dyncall_body(callmode)
  environment(f) <- topenv()
  f
}

.dyncall <- function(address, signature, ..., callmode = "default") NULL
body(.dyncall) <- dyncall_body(quote(callmode))

.dyncall.default <- selector("default")
.dyncall.cdecl <- selector("cdecl")
.dyncall.stdcall <- selector("stdcall")
.dyncall.thiscall <- selector("thiscall")
.dyncall.thiscall.gcc <- selector("thiscall.gcc")
.dyncall.thiscall.msvc <- selector("thiscall.msvc")
.dyncall.fastcall <- selector("fastcall")
.dyncall.fastcall.gcc <- selector("fastcall.gcc")
.dyncall.fastcall.msvc <- selector("fastcall.msvc")

dynerrno <- function(value = NULL) {
  before <- .Call(C_call_errno, value)
  if (is.null(value)) before else invisible(before)
}

# ---- bound functions ----

# The handle of a bound function: everything by text, resolved on the first call.
new_call <- function(library, name, signature, callmode, env, params, funcptr = FALSE)
  .Call(C_call_new, library, name, signature, callmode, env, params, funcptr)

most_fixed <- 8L

# A closure over a handle. With parameter names it has these formals, else `...`.
new_bound <- function(handle, signature, params, variadic) {
  if (is.null(params) || variadic) {
    formals <- alist(... = )
    body <- call(".External", quote(C_call_list), handle, quote(...))
  } else {
    params <- make.unique(params)
    formals <- rep(alist(x = ), length(params))
    names(formals) <- params
    fixed <- length(params) <= most_fixed
    entry <- if (fixed) as.name(paste0("C_call_bound", length(params))) else quote(C_call_list)
    body <- as.call(c(if (fixed) quote(.Call) else quote(.External), entry, handle,
                      lapply(params, as.name)))
  }
  if (returns_void(signature)) body <- call("invisible", body)
  f <- eval(call("function", as.pairlist(formals), body), topenv())
  attr(f, "call") <- handle
  class(f) <- "dynbound"
  f
}

prototype <- function(signature, name, params)
  .Call(C_call_prototype, signature, name, params)

print.dynbound <- function(x, ...) {
  about <- .Call(C_call_describe, attr(x, "call"))
  address <- "unresolved"
  library <- about$library
  where <- "a pointer"
  if (is_library(library)) {
    where <- library_label(library)
    found <- tryCatch(.dynsym(library, about$name), dyncall_error = function(e) NULL)
    if (!is.null(found)) address <- pointer_text(found)
  } else {
    address <- pointer_text(library)
  }
  mode <- if (about$mode == "default") "cdecl" else about$mode
  arguments <- paste(c("", names(formals(unclass(x)))), collapse = ", ")
  cat(deparse(args(unclass(x)), nlines = 1L)[1L], "\n",
      ".dyncall.", mode, "(<pointer: ", address, ">, \"", about$signature, "\"", arguments, ")\n",
      "<", prototype(about$signature, about$name, about$params),
      if (isTRUE(about$variable)) " through a variable", " in ", where, ">\n", sep = "")
  invisible(x)
}

format.dynbound <- function(x, ...) {
  about <- .Call(C_call_describe, attr(x, "call"))
  prototype(about$signature, about$name, about$params)
}
