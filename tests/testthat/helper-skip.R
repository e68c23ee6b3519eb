# Skips for what a machine lacks. Where RDYNCALL_CI is "true" the machine must not lack it.

skip_or_fail <- function(reason) {
  if (identical(Sys.getenv("RDYNCALL_CI"), "true")) {
    stop("nothing may be skipped here: ", reason, call. = FALSE)
  }
  testthat::skip(reason)
}

need_package_or_skip <- function(package) {
  if (!requireNamespace(package, quietly = TRUE)) skip_or_fail(paste("no package", package))
}

# The handle of the first library that loads.
need_library_or_skip <- function(libnames) {
  library <- dynfind(libnames)
  if (is.null(library)) skip_or_fail(paste("no library", paste(libnames, collapse = ", ")))
  library
}

skip_unless_linux <- function() {
  if (Sys.info()[["sysname"]] != "Linux") testthat::skip("about Linux")
}

skip_on_windows <- function() {
  if (.Platform$OS.type == "windows") testthat::skip("not on Windows")
}

# Other locales cannot hold all names.
skip_unless_utf8 <- function() {
  if (!l10n_info()[["UTF-8"]]) testthat::skip("about UTF-8 locales")
}

# A sanitizer's library has the functions that such a test replaces.
skip_when_preloaded <- function() {
  if (nzchar(Sys.getenv("LD_PRELOAD"))) testthat::skip("another library is preloaded")
}

# A font with Latin letters.
font_file <- function() {
  fonts <- c("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
             "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
             "/usr/share/fonts/TTF/DejaVuSans.ttf")
  font <- fonts[file.exists(fonts)][1L]
  if (is.na(font)) skip_or_fail("no DejaVuSans.ttf")
  font
}

# A package that Debian does not have, so that no machine has to.
skip_unless_package <- function(package) {
  if (!requireNamespace(package, quietly = TRUE)) testthat::skip(paste("no package", package))
}
