# Libraries by short names.

test_that("the paper's math library is found on every system", {
  handle <- dynfind(c("msvcrt", "m", "c"))
  expect_true(is.externalptr(handle))
  expect_identical(.dyncall(.dynsym(handle, "sqrt"), "d)d", 144), 12)
})

test_that("the first name that loads is taken", {
  handle <- dynfind(c("no-such-library", "m", "c"))
  skip_on_windows()
  expect_match(attr(handle, "path"), "libm[.-]")
  expect_null(dynfind("no-such-library"))
  expect_null(dynfind(character()))
  for (names in list(NULL, 1, NA_character_, list("m"), TRUE)) {
    expect_error(dynfind(names), class = "dyncall_error_argument")
  }
  expect_error(dynfind("m", auto.unload = NA), class = "dyncall_error_argument")
})

# The libraries that the loader knows, as short names with their files.
loader_cache <- function() {
  tool <- Sys.which("ldconfig")
  if (!nzchar(tool)) tool <- "/sbin/ldconfig"
  lines <- tryCatch(system2(tool, "-p", stdout = TRUE, stderr = FALSE), error = function(e) NULL,
                    warning = function(w) NULL)
  if (is.null(lines)) skip_or_fail("no ldconfig -p")
  lines <- grep("^\t.* => ", lines, value = TRUE)
  soname <- sub("^\t([^ ]+) .*", "\\1", lines)
  path <- sub(".* => ", "", lines)
  keep <- grepl("^lib.*\\.so", soname) & file.exists(path) & !duplicated(soname)
  data.frame(name = sub("\\.so.*", "", sub("^lib", "", soname[keep])), soname = soname[keep],
             path = path[keep])
}

# Some libraries do something to R when they are loaded, so a child loads them.
test_that("libraries with versioned names are found by their short names", {
  skip_unless_linux()
  cache <- loader_cache()
  cache <- cache[!duplicated(cache$name), ]
  # what can't be loaded by its own path, or disturbs a process, is no fair test
  cache <- cache[!grepl("asan|tsan|lsan|ubsan|hwasan|preload|fakeroot|cuda|nvidia|jemalloc|tcmalloc|memusage|pcprofile|SegFault",
                        cache$name), ]
  sample <- cache[unique(round(seq(1, nrow(cache), length.out = min(50, nrow(cache))))), ]
  expect_gt(nrow(sample), 5)
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(sample, file)
  child <- in_child(c(
    sprintf("x <- readRDS(%s)", deparse(file)),
    "for (i in seq_len(nrow(x))) {",
    "  if (is.null(.dynload(x$path[i], auto.unload = FALSE))) next",
    "  found <- dynfind(x$name[i], auto.unload = FALSE)",
    "  if (is.null(found)) cat('missing', x$name[i], '\\n')",
    "  else if (!grepl(paste0('lib', x$name[i], '.so'), attr(found, 'path'), fixed = TRUE))",
    "    cat('another', x$name[i], attr(found, 'path'), '\\n')",
    "}",
    "cat('done\\n')"))
  expect_match(child$output, "done", fixed = TRUE, info = child$output)
  expect_false(grepl("missing|another", child$output), info = child$output)
})

test_that("the search is explained", {
  skip_on_windows()
  tried <- dynexplain(c("no-such-library", "m"))
  expect_s3_class(tried, "data.frame")
  expect_identical(names(tried), c("name", "candidate", "outcome"))
  expect_true(all(tried$name[tried$outcome != "loaded"] %in% c("no-such-library", "m")))
  expect_identical(tried$outcome[nrow(tried)], "loaded")
  expect_identical(tried$name[nrow(tried)], "m")
  expect_identical(sum(tried$outcome == "loaded"), 1L)
  expect_true(all(nzchar(tried$outcome)))
  none <- dynexplain("no-such-library")
  expect_false("loaded" %in% none$outcome)
  expect_gt(nrow(none), 1)
})

test_that("directories of the option are searched first", {
  skip_unless_linux()
  folder <- file.path(tempdir(), "libpath")
  dir.create(folder, showWarnings = FALSE)
  on.exit(unlink(folder, recursive = TRUE))
  file.copy(fixture_file("calls"), file.path(folder, "libownlib.so.3.1"))
  expect_null(dynfind("ownlib"))
  old <- options(rdyncall.libpath = c("/nonexistent", folder))
  on.exit(options(old), add = TRUE)
  found <- dynfind("ownlib")
  expect_true(is.externalptr(found))
  expect_identical(normalizePath(dynpath(found)), normalizePath(file.path(folder, "libownlib.so.3.1")))
  expect_identical(.dyncall(.dynsym(found, "id_i"), "i)i", 2L), 2L)
  # the highest version, and a plain name before any version
  file.copy(fixture_file("pairs"), file.path(folder, "libownlib.so.3.10"))
  expect_true(is.externalptr(.dynsym(dynfind("ownlib"), "rect_area")))
  file.copy(fixture_file("calls"), file.path(folder, "libownlib.so"))
  expect_null(.dynsym(dynfind("ownlib"), "rect_area"))
  # a name of the system is covered
  file.copy(fixture_file("calls"), file.path(folder, "libm.so"))
  expect_true(is.externalptr(.dynsym(dynfind("m"), "id_i")))
  options(rdyncall.libpath = 5)
  expect_error(dynfind("m"), class = "dyncall_error_argument", regexp = "rdyncall.libpath")
})

test_that("paths and full file names are taken as they are", {
  skip_on_windows()
  file <- fixture_file("calls")
  expect_identical(basename(attr(dynfind(file), "path")), basename(file))
  expect_null(dynfind(file.path(tempdir(), "nothing-here.so")))
  skip_unless_linux()
  cache <- loader_cache()
  soname <- cache$soname[cache$name == "m"][1]
  expect_true(is.externalptr(dynfind(soname)))
  expect_true(is.externalptr(dynfind(sub("\\.so.*", "", soname))))
  # signs that mean something in patterns are only letters of a name
  for (name in c("m.", "[m]", "m*", "m|c", "(", "m\\")) expect_null(dynfind(name))
})

test_that("a library that is missing is an error that says what to do", {
  caught <- tryCatch(dynbind("no-such-library", "f()v;", envir = new.env()), error = identity)
  expect_s3_class(caught, c("dyncall_error_library", "dyncall_error", "error", "condition"),
                  exact = TRUE)
  expect_match(conditionMessage(caught), "unable to find shared library 'no-such-library'")
  expect_match(conditionMessage(caught), "libno-such-library", fixed = TRUE)
  expect_identical(caught$libnames, "no-such-library")
  expect_s3_class(caught$tried, "data.frame")
  expect_true(all(c("name", "candidate", "outcome") %in% names(caught$tried)))
  expect_identical(as.character(conditionCall(caught)[[1]]), "dynbind")
})

test_that("the error names the package of the system", {
  hint <- function(...) rdyncall:::install_hint(...)
  expect_match(hint("expat"), "libexpat1 \\(Debian\\).*expat \\(Fedora\\)")
  expect_match(hint(c("SDL", "SDL-1.2")), "libsdl1.2debian")
  expect_match(hint("libz"), "zlib1g")
  expect_identical(hint("no-such-library"), "")
  expect_match(hint("own", "deb:libown1 rpm:own"), "libown1 \\(Debian\\), own \\(Fedora\\)")
})
