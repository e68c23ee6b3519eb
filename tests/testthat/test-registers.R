# Arguments that use registers up in the middle of a list, where the rules of platforms and of libffi part.

parseStructInfos("Both{jd}i d; Reals{dd}a b; Whole{is}i s @align=16; Real{d}d @align=16;")

# Numbers from 1 on, with a half where they are real, as the arguments that the letters of a text say.
numbered <- function(letters) {
  at <- 0
  whole <- function() (at <<- at + 1)
  real <- function() whole() + 0.5
  lapply(strsplit(letters, "")[[1L]], function(letter) {
    switch(letter, j = , i = whole(), d = real(), B = list(i = whole(), d = real()),
           R = list(a = real(), b = real()), W = list(i = whole(), s = whole()), D = list(d = real()))
  })
}

full <- function(letters) {
  names <- c(B = "<Both>", R = "<Reals>", W = "<Whole>", D = "<Real>")
  parts <- strsplit(letters, "")[[1L]]
  paste(ifelse(parts %in% names(names), names[parts], parts), collapse = "")
}

weighted <- function(values) {
  all <- unlist(lapply(values, function(x) if (is.struct(x)) as.list(x) else x))
  sum(seq_along(all) * all)
}

cases <- c(reals_up = "jjjjjddddddddBWi", pairs_up = "dddddddRjjjjjBd", wholes_up = "jjjjjjdddddddBdW",
           halves = "DWDWWWWDDDDDDjd")

# A platform may refuse alignments above those of its registers; x86-64 does not.
try_or_refused <- function(expr) {
  got <- outcome_of(expr)
  if (!inherits(got, "error")) return(got)
  expect_s3_class(got, "dyncall_error_type")
  expect_false(R.version$arch == "x86_64")
  NULL
}

test_that("arguments behind those that used registers up arrive", {
  for (name in names(cases)) {
    values <- numbered(cases[[name]])
    address <- .dynsym(fixture("registers"), name)
    got <- try_or_refused(do.call(.dyncall, c(list(address, paste0(full(cases[[name]]), ")d")), values)))
    if (!is.null(got)) expect_identical(got, weighted(values), label = name)
  }
})

test_that("they arrive in callbacks, too", {
  for (name in names(cases)) {
    address <- .dynsym(fixture("registers"), paste0(name, "_call"))
    seen <- NULL
    take <- function(...) {
      seen <<- list(...)
      weighted(seen)
    }
    want <- weighted(numbered(cases[[name]]))
    got <- try_or_refused(.dyncall(address, paste0("*(", full(cases[[name]]), ")d)d"), take))
    if (!is.null(got)) expect_identical(got, want, label = name)
  }
})

test_that("results that are half padding arrive, from C and from R", {
  for (type in c("whole", "real")) {
    address <- .dynsym(fixture("registers"), paste0("give_", type))
    name <- c(whole = "<Whole>", real = "<Real>")[[type]]
    want <- list(whole = list(i = 7L, s = 8L), real = list(d = 7.5))[[type]]
    got <- try_or_refused(.dyncall(address, paste0("i)", name), 7L))
    if (is.null(got)) next
    expect_identical(as.list(got), want)
    give <- new.callback(paste0("i)", name), function(i) want)
    expect_identical(as.list(.dyncall(give, paste0("i)", name), 7L)), want)
  }
})
