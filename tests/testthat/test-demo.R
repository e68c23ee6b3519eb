# The demos run to their end without a user.

run_demo <- function(topic, env = character()) {
  in_child(sprintf("demo('%s', package = 'rdyncall', ask = FALSE)\ncat('\\nended\\n')", topic), env)
}

index <- function() {
  file <- system.file("demo", package = "rdyncall")
  if (!nzchar(file)) skip_or_fail("installed without demos")
  sub("\\.R$", "", list.files(file, "\\.R$"))
}

test_that("the index lists the demos that are there", {
  there <- index()
  listed <- demo(package = "rdyncall")$results[, "Item"]
  expect_setequal(listed, there)
  expect_true(all(c("expat", "SDL") %in% there))
})

test_that("demos that need only a C library and Expat", {
  need_library_or_skip(c("msvcrt", "m", "c"))
  for (topic in setdiff(index(), "SDL")) {
    if (topic == "expat") need_library_or_skip(c("expat.so.1", "expat", "libexpat-1"))
    child <- run_demo(topic)
    expect_identical(child$status, 0L, info = child$output)
    expect_match(child$output, "ended$", info = topic)
    expect_no_match(child$output, "Warning")
  }
})

test_that("demo(expat) prints the tags of the paper", {
  need_library_or_skip(c("expat.so.1", "expat", "libexpat-1"))
  child <- run_demo("expat")
  expect_match(child$output, paste("Start tag: hello", "Start tag: world", "End tag: world", "End tag: hello",
                                   sep = " \n"), fixed = TRUE)
})

test_that("demo(SDL) draws frames in a window and ends", {
  need_library_or_skip(c("SDL-1.2.so.0", "SDL"))
  need_library_or_skip(c("GL.so.1", "GL"))
  display <- start_display()
  on.exit(expect_true(stop_display(display)))
  child <- run_demo("SDL", display_env(display))
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, "frames per second: [1-9]")
})
