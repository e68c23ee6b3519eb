# The fixture of C functions that call back.

callback_fixture <- new.env()

local_fixture <- function() {
  if (is.null(callback_fixture$lib)) callback_fixture$lib <- fixture("callback")
  callback_fixture$lib
}

# The address of a function of the fixture.
sym <- function(name) .dynsym(local_fixture(), name)

# How many C functions were entered and left. When the numbers differ, a C frame has been jumped over.
c_counts <- function() {
  both <- integer(2)
  .dyncall(sym("counts"), "*i)i", both)
  both
}

expect_balanced <- function() {
  both <- c_counts()
  testthat::expect_identical(both[1L], both[2L])
}

# Memory for n ints, which C fills, and what is in it.
new_ints <- function(n) as.extptr(rep(NA_integer_, n))
ints <- function(memory, n) .unpack(memory, 0, paste0("i[", n, "]"))

# Calls f(0) ... f(n - 1) from C and stores what C gets in memory of n ints.
repeat_from_c <- function(f, n, memory) .dyncall(sym("repeat"), "*(i)ii*i)i", f, n, memory)
