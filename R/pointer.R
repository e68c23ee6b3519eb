# External pointers.

is.nullptr <- function(x) .Call(C_pointer_is_null, x)

is.externalptr <- function(x) typeof(x) == "externalptr"

as.extptr <- function(x) .Call(C_pointer_of_vector, x)

offsetPtr <- function(x, offset) .Call(C_pointer_offset, x, offset)

# ---- methods of all pointers ----

# " at 0x55d0, 40 bytes, owner: scope 1", as far as it is known.
pointer_words <- function(x) {
  if (is.nullptr(x)) return(" at null")
  about <- .Call(C_owner_about, x)
  paste0(" at ", pointer_text(x),
         if (!is.null(about$size)) paste0(", ", format(about$size - about$offset), " bytes"),
         if (about$const) ", const",
         if (!about$live) paste0(", freed ", about$owner)
         else if (!is.null(about$owner)) paste0(", owner: ", about$owner)
         else switch(about$kind, vector = ", data of an R vector", borrowed = ", borrowed"))
}

is_live <- function(x) !is.externalptr(x) || .Call(C_owner_about, x)$live

format.cpointer <- function(x, ...) paste0("<pointer: ", pointer_text(x), ">")

print.cpointer <- function(x, ...) {
  kind <- .Call(C_pointer_kind, x)
  cat(format(x), switch(kind,
    data = {
      about <- .Call(C_owner_about, x)
      type <- attr(x, "pointee")
      paste0(if (!is.null(type)) paste0(" to ", type), sub("^ at [^,]*", "", pointer_words(x)))
    },
    callback = paste0(" callback \"", .Call(C_callback_describe, x)$signature, "\""),
    library = paste0(" library ", library_label(x)),
    paste0(" ", kind)), "\n", sep = "")
  invisible(x)
}

str.cpointer <- function(object, ...) {
  cat(" ")
  print.cpointer(object)
}

str.carray <- function(object, ...) {
  cat(" carray of ", attr(object, "pointee"), if (is.externalptr(object)) pointer_words(object), "\n",
      sep = "")
}

# Operators of pointers, struct objects and arrays. Two pointers compare by address; otherwise an
# array stands for its values and an object for its bytes.
pointer_ops <- function(e1, e2) {
  if (!missing(e2) && is_address(e1) && is_address(e2)) {
    same <- identical(address_of(e1), address_of(e2))
    return(switch(.Generic, "==" = same, "!=" = !same,
                  abort("argument", paste0("expected the operators '==' or '!=' for pointers, got '",
                                           .Generic, "'"))))
  }
  e1 <- operand(e1, .Generic)
  if (missing(e2)) return(get(.Generic)(e1))
  get(.Generic)(e1, operand(e2, .Generic))
}

Ops.cpointer <- Ops.carray <- Ops.struct <- pointer_ops

is_address <- function(x) is.null(x) || is.externalptr(x)

address_of <- function(x) if (is.null(x)) "0x0" else pointer_text(x)

operand <- function(x, operator) {
  if (is.carray(x)) return(as.vector(x))
  if (is.struct(x)) return(struct_bytes(x))
  if (is.externalptr(x)) abort_argument(operator, "a pointer on both sides", x)
  x
}

# Elements behind a typed pointer whose memory is known.

`[.cpointer` <- function(x, i) dyncast(x)[i]

`[[.cpointer` <- function(x, i) dyncast(x)[[i]]

`[<-.cpointer` <- function(x, i, value) {
  array <- dyncast(x)
  array[i] <- value
  x
}

pointer_text <- function(x) .Call(C_pointer_address, x)

is_library <- function(x) {
  typeof(x) == "externalptr" && .Call(C_pointer_kind, x) == "library"
}
