# The C library by its own declarations, after demo/posix.R; a file as memory, after demo/mmap.R.

posix <- function() {
  skip_on_windows()
  need_libclang()
  program("posix")
}

test_that("stat tells of files what R tells", {
  p <- posix()
  file <- tempfile()
  on.exit(unlink(file))
  writeBin(raw(4567), file)
  Sys.setFileTime(file, as.POSIXct("2020-02-03 04:05:06", tz = "UTC"))
  facts <- p$file_facts(file)
  expect_identical(facts$size, 4567)
  expect_false(facts$directory)
  expect_identical(as.numeric(facts$changed), as.numeric(file.mtime(file)))
  expect_true(p$file_facts(tempdir())$directory)
  expect_error(p$file_facts(file.path(file, "none")), "errno [0-9]+$")
  # the struct in memory of C, and as bytes of R
  status <- dynalloc(p$file_status)
  expect_identical(p$stat(file, status), 0L)
  expect_identical(status$st_size, 4567)
  expect_identical(status$st_mtim$tv_sec, as.numeric(file.mtime(file)))
})

test_that("nanosleep reads a struct and checks it", {
  p <- posix()
  expect_null(p$sleep(0.001))
  wrong <- new.struct(p$timespec)
  wrong$tv_nsec <- 2e9
  expect_identical(p$nanosleep(wrong, NULL), -1L)
  expect_identical(p$nanosleep(new.struct(p$timespec), NULL), 0L)
})

test_that("getaddrinfo makes a list, which is walked and freed once", {
  p <- posix()
  before <- dynleaks()$address
  expect_identical(p$lookup("127.0.0.1", "80"), data.frame(address = "127.0.0.1", port = 80L))
  expect_identical(p$lookup("192.0.2.7", "65535")$port, 65535L)
  expect_error(p$lookup("no address", "80"))
  expect_identical(setdiff(dynleaks()$address, before), character())
})

test_that("a gigabyte is summed where it lies", {
  skip_on_windows()
  need_library_or_skip(c("c", "System"))
  before <- dynleaks()$address
  p <- program("mmap")
  numbers <- if (.Machine$sizeof.pointer == 8) 2^30 / 8 else 2^26 / 8 # less where there is less room
  expect_match(p$output, paste0("^", numbers, " numbers, of which the last is 100"), all = FALSE)
  expect_match(p$output, "memory that R took for it: TRUE", all = FALSE)
  expect_match(p$output, "use after free", all = FALSE)
  expect_identical(p$total, 5050)
  # what is written through the map is in the file, and the other way round
  file <- tempfile()
  on.exit(unlink(file))
  writeBin(as.double(1:1000), file)
  dynscope({
    map <- dyncast(p$map_file(file, write = TRUE), "d", 1000)
    view <- dynview(map)
    expect_identical(sum(view), 500500)
    map[10] <- 0
    expect_identical(view[9:11], c(9, 0, 11))
    expect_error(map[[1001]], class = "dyncall_error_pointer")
  })
  expect_identical(readBin(file, "double", 10)[9:10], c(9, 0))
  expect_error(view[1], class = "dyncall_error_pointer")
  expect_error(p$map_file(file.path(file, "none")), "^open: errno")
  rm(map)
  expect_identical(setdiff(dynleaks()$address, before), character())
})
