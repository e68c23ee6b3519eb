# Calls by address and signature.

# Whether a signature says that there is no result.
returns_void <- function(signature) {
  endsWith(signature, ")v") || endsWith(signature, ")v)")
}

# C reads the arguments out of the frame, so that R makes no list of them. The bodies are put in place of
# NULL by .onLoad.
.dyncall <- function(address, signature, ..., callmode) NULL
.dyncall.default <- function(address, signature, ...) NULL
.dyncall.cdecl <- .dyncall.default
.dyncall.stdcall <- .dyncall.default
.dyncall.thiscall <- .dyncall.default
.dyncall.thiscall.gcc <- .dyncall.default
.dyncall.thiscall.msvc <- .dyncall.default
.dyncall.fastcall <- .dyncall.default
.dyncall.fastcall.gcc <- .dyncall.default
.dyncall.fastcall.msvc <- .dyncall.default

# The call modes of the functions whose names have one.
selector_modes <- list(
  .dyncall = NULL, .dyncall.default = "default", .dyncall.cdecl = "cdecl", .dyncall.stdcall = "stdcall",
  .dyncall.thiscall = "thiscall", .dyncall.thiscall.gcc = "thiscall.gcc",
  .dyncall.thiscall.msvc = "thiscall.msvc", .dyncall.fastcall = "fastcall",
  .dyncall.fastcall.gcc = "fastcall.gcc", .dyncall.fastcall.msvc = "fastcall.msvc")

# Compiles a selector when it is first used.
make_selector <- function(name, ns) {
  force(name)
  f <- get(name, ns)
  delayedAssign(name, {
    body(f) <- as.call(c(quote(.External2), constants$C_call_dyncall, selector_modes[[name]]))
    compiler::cmpfun(f)
  }, assign.env = ns)
}

dynerrno <- function(value = NULL) {
  if (is.null(value)) return(.Call(C_call_errno, NULL))
  if (!is.numeric(value) || length(value) != 1L || is.na(value) || value < 0 ||
      value > .Machine$integer.max) {
    abort_argument("value", "an error number", value)
  }
  invisible(.Call(C_call_errno, as.integer(value)))
}

# The path of calls (options(rdyncall.path =)) and of a signature: "direct", "plan" or "call".
call_path <- function(path = NULL) .Call(C_call_path, path)

call_path_of <- function(signature, envir = parent.frame()) .Call(C_call_path_of, signature, envir)

dynstrerror <- function(code = dynerrno()) {
  if (!is.numeric(code) || anyNA(code) || any(abs(code) > .Machine$integer.max)) {
    abort_argument("code", "error numbers", code)
  }
  .Call(C_call_error_text, as.integer(code), FALSE)
}

dynlasterror <- function() .Call(C_call_last_error)

prototype <- function(signature, name, params)
  .Call(C_call_prototype, signature, name, params)
