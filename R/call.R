# Calls by address and signature.

# NULL is shown unless the signature says that there is no result.
returns_void <- function(signature) {
  endsWith(signature, ")v") || endsWith(signature, ")v)")
}

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
  environment(f) <- parent.env(environment())
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
  if (is.null(value)) return(.Call(C_call_errno, NULL))
  if (!is.numeric(value) || length(value) != 1L || is.na(value) || value < 0 ||
      value > .Machine$integer.max) {
    abort_argument("value", "an error number", value)
  }
  invisible(.Call(C_call_errno, as.integer(value)))
}

prototype <- function(signature, name, params)
  .Call(C_call_prototype, signature, name, params)
