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

# What the demos need besides a C library.
demo_needs <- list(
  expat = function() need_library_or_skip(c("expat.so.1", "expat", "libexpat-1")),
  sqlite = function() need_library_or_skip(c("sqlite3.so.0", "sqlite3")),
  openssl = function() need_library_or_skip(c("crypto.so.3", "crypto", "libcrypto-3-x64")),
  posix = function() {
    skip_on_windows()
    need_libclang()
  },
  mmap = skip_on_windows)

expect_demo <- function(topic) {
  child <- run_demo(topic)
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, "ended$", info = topic)
  expect_no_match(child$output, "Warning")
}

test_that("demos that need only a C library", {
  need_library_or_skip(c("msvcrt", "m", "c"))
  for (topic in setdiff(index(), c("SDL", names(demo_needs)))) expect_demo(topic)
})

for (topic in names(demo_needs)) {
  test_that(paste("demo", topic, "runs to its end"), {
    demo_needs[[topic]]()
    expect_demo(topic)
  })
}

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
