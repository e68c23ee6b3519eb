# Random records, with bit-fields, packing and alignment, as the compilers lay them out.

wrong_layouts <- function(name, n, seed, ms = FALSE, ...) {
  set.seed(seed, kind = "Mersenne-Twister", sample.kind = "Rejection")
  source <- abi_source(TRUE, unnamed = TRUE)
  records <- list()
  for (i in seq_len(n)) {
    record <- abi_random_record(source, paste0("S", i), utils::tail(records, 25L))
    # structs only: gcc and clang align unions of bit-fields differently then; on 32-bit x86 _Alignof of a
    # struct that is one number of 8 bytes is gcc's 4 unless an alignment is asked for
    if (ms) {
      least <- if (abi_has_ms()) record$least else max(8L, record$least)
      record <- abi_record("struct", record$name, record$fields, record$pack, least, TRUE)
    }
    records[[i]] <- record
  }
  unit <- abi_load(abi_unit_file(name, records, list(), ...), records)
  wrong <- lapply(seq_along(records), function(i) abi_run_layout(unit, records[[i]], i))
  bad <- lengths(wrong) > 0
  paste(vapply(records[bad], abi_record_text, ""), vapply(wrong[bad], paste, "", collapse = "; "),
        recycle0 = TRUE)
}

test_that("random records are laid out as by R's compiler", {
  expect_identical(wrong_layouts("layout_fixed", 500L, 1L), character())
  set.seed(NULL)
  seed <- sample.int(1e9L, 1L)
  cat("\nlayout: fresh seed", seed, "\n")
  expect_identical(wrong_layouts("layout_fresh", 100L, seed), character(), info = paste("seed", seed))
})

test_that("random records are laid out as by clang", {
  if (!nzchar(Sys.which("clang"))) skip_or_fail("no clang")
  skip_on_windows()
  expect_identical(wrong_layouts("layout_clang", 250L, 2L, compiler = "clang"), character())
})

test_that("@ms is what -mms-bitfields does", {
  if (!abi_is_x86()) testthat::skip("compilers know -mms-bitfields on x86 only")
  skip_on_windows()
  for (compiler in c("gcc", if (abi_has_ms()) "clang")) {
    if (!nzchar(Sys.which(compiler))) skip_or_fail(paste("no", compiler))
    name <- paste0("layout_ms_", compiler)
    expect_identical(wrong_layouts(name, 250L, 3L, TRUE, compiler, "-mms-bitfields"), character())
  }
})
