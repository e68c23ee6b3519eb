# Memory of C: allocated, owned, pinned, freed.

dynalloc <- function(type, n = NULL, zero = TRUE, arena = NULL) {
  made <- .Call(C_owner_alloc, type, n, zero, arena)
  if (!is.null(made)) return(made)
  .Call(C_owner_alloc, element_handle(type, parent.frame()), n, zero, arena)
}

new.arena <- function() .Call(C_owner_arena)

dynfree <- function(x) invisible(.Call(C_owner_free, x))

dynkeep <- function(x) .Call(C_owner_keep, x)

dyncast <- function(x, type = NULL, n = NULL) {
  if (!is.externalptr(x)) abort_argument("x", "a pointer", x)
  if (!is.null(n)) check_count(n, "n")
  env <- parent.frame()
  handle <- if (is.null(type)) pointee_handle(x, env) else element_handle(type, env)
  .Call(C_array_of, x, handle, if (!is.null(n)) as.double(n))
}

# The type that a pointer has by itself.
pointee_handle <- function(x, env) {
  if (is.struct(x)) return(.Call(C_struct_handle, x))
  handle <- attr(x, "typeinfo")
  if (!is.null(handle)) return(handle)
  type <- attr(x, "pointee")
  if (is.null(type)) {
    abort("argument", "argument 'type': expected a type, since the pointer has none, got none",
          argument = "type")
  }
  element_handle(type, env)
}

dynpin <- function(x) {
  .Call(C_owner_pin, x, if (!is.struct(x)) vector_handle(x))
}

# The handle of the C type that a vector stores.
vector_handle <- function(x) {
  if (is.carray(x) && is.raw(x)) return(attr(x, "typeinfo"))
  type <- if (inherits(x, "floatraw")) "f"
          else if (inherits(x, "integer64")) "l"
          else if (inherits(x, "uint64")) "L"
          else switch(typeof(x), logical = , integer = "i", double = "d", raw = "C",
                      complex = "<double complex>")
  if (!is.null(type)) element_handle(type, baseenv())
}

dynown <- function(x, free, size = NULL) {
  if (!is.function(free)) abort_argument("free", "a function", free)
  if (!is.null(size)) check_count(size, "size")
  .Call(C_owner_own, x, free, if (!is.null(size)) as.double(size))
}

dynscope <- function(expr) {
  scope <- .Call(C_owner_enter)
  on.exit(.Call(C_owner_leave, scope))
  expr
}

# Called by C: a destructor that must not jump. The message of its error, or NULL.
release <- function(free, pointer) {
  tryCatch({
    free(pointer)
    NULL
  }, error = conditionMessage)
}

print.arena <- function(x, ...) {
  about <- .Call(C_owner_about, x)
  cat(if (is.null(about$kind)) "<arena of another session>"
      else if (!about$live) paste0("<arena, freed ", about$owner, ">")
      else paste0("<arena: ", about$parts, " parts, ", format(about$bytes), " bytes, owner: ",
                  about$owner, ">"), "\n", sep = "")
  invisible(x)
}
