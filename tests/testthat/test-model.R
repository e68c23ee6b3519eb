# Memory against a model in R. RDYNCALL_MODEL says how many sequences; the seed of one that fails is printed.

test_that("random sequences do what the model does", {
  before <- dynleaks()$address
  library <- fixture("owner")
  n <- as.integer(Sys.getenv("RDYNCALL_MODEL", "200"))
  seeds <- c(seq_len(n), sample.int(.Machine$integer.max, max(n %/% 5L, 1L)))
  failed <- Filter(Negate(is.null), lapply(seeds, function(seed) {
    tryCatch({
      model_sequence(seed, library)
      NULL
    }, error = function(e) paste("seed", seed, "-", conditionMessage(e)))
  }))
  expect_identical(as.character(failed), character())
  expect_identical(setdiff(dynleaks()$address, before), character())
})

test_that("the model notices memory that is not as it should be", {
  m <- new.env()
  m$step <- 1L
  b <- model_block(m, 8L, 0L)
  b$live <- FALSE
  expect_error(model_try(m, b, 1), "memory that is freed was used")
  expect_error(model_same(m, 1:3, c(1L, 2L, 4L)), "expected")
  expect_identical(model_get(model_put(c(-1, 300), "s"), "s"), c(-1L, 300L))
})
