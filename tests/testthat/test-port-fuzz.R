test_that("files with faults are loaded or refused with the number of a line", {
  library <- need_library_or_skip(c("msvcrt", "c", "c.so.6", "System.B"))
  folder <- system.file("dynports", package = "rdyncall")
  for (seed in c(1L, as.integer(Sys.time()) %% 1e6L)) {
    set.seed(seed)
    outcomes <- mutate_ports(1000L, folder, library)
    expect_identical(setdiff(names(outcomes), c("loaded", "refused")), character(), info = paste("seed", seed))
    # both happen often, so that the files are neither whole nor ruined
    expect_true(all(outcomes[c("loaded", "refused")] > 100L), info = paste("seed", seed))
  }
})
