# C text through the generator.

need_libclang <- function() {
  found <- tryCatch(rdyncall:::clang(), dyncall_error_library = function(e) NULL)
  if (is.null(found)) skip_or_fail("no libclang")
}

# The lines behind the headers of a port, without the blank ones.
port_lines <- function(port) {
  lines <- as.character(port)
  lines <- lines[!grepl("^(#|[A-Z][A-Za-z-]*(\\[.*\\])?: |$)", lines)]
  lines[nzchar(lines)]
}

expect_port <- function(text, lines, ...) {
  expect_identical(port_lines(dyngen(text, ...)), lines, info = text)
}

# Names left out, with reasons.
left_out <- function(text, ...) {
  dropped <- dyngen(text, ...)$dropped
  stats::setNames(dropped$reason, paste(dropped$kind, dropped$name))
}

# A type that C has and signatures have not.
typeless <- function() if (.Machine$sizeof.pointer == 8) "__int128" else "_Complex int"
