# Read-only vectors over memory.

dynview <- function(x, type = NULL, n = NULL, stride = NULL, field = NULL) {
  if (!is.externalptr(x)) abort_argument("x", "a pointer", x)
  if (!is.null(n)) check_count(n, "n")
  if (!is.null(stride)) check_count(stride, "stride")
  if (!is.null(field)) check_string(field, "field")
  if (is.null(n) && is.null(type) && is.null(stride) && is.carray(x)) n <- length(x)
  env <- parent.frame()
  handle <- if (is.null(type)) pointee_handle(x, env) else element_handle(type, env)
  .Call(C_view_new, x, handle, if (!is.null(n)) as.double(n), if (!is.null(stride)) as.double(stride),
        field)
}
