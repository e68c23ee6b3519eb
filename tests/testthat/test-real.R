# Functions of real libraries, with their real signatures.

libc <- function() need_library_or_skip(c("msvcrt", "c", "libc.so.6", "libSystem.B.dylib"))
libm <- function() need_library_or_skip(c("msvcrt", "m", "libm.so.6", "libSystem.B.dylib"))

# A bound function of a library; skipped where the library lacks it.
bind <- function(library, signature) {
  env <- new.env(parent = parent.frame())
  report <- suppressWarnings(dynbind(library, signature, envir = env), classes = "dyncall_warning_symbol")
  lacks <- report$unresolved.symbols
  if (length(lacks)) skip_or_fail(paste("the library lacks", paste(lacks, collapse = ", ")))
  env
}

test_that("div and ldiv return structs", {
  parseStructInfos("div_t{ii}quot rem; ldiv_t{jj}quot rem; lldiv_t{ll}quot rem;")
  lib <- bind(libc(), "div(ii)<div_t> n d; ldiv(jj)<ldiv_t>; lldiv(ll)<lldiv_t>;")
  expect_identical(as.list(lib$div(17, 5)), list(quot = 3L, rem = 2L))
  expect_identical(as.list(lib$div(-17, d = 5)), list(quot = -3L, rem = -2L))
  expect_identical(as.list(lib$ldiv(2e9, 7)), list(quot = 285714285, rem = 5))
  expect_identical(as.list(lib$lldiv(2^52 + 3, 2^20)), list(quot = 2^32, rem = 3))
  expect_error(lib$div(2^31, 5), class = "dyncall_error_argument", regexp = "argument 1 \\('n'\\) of div")
})

test_that("strtold returns a long double, and snprintf writes one", {
  lib <- bind(libc(), "strtold(Zp)D text end; snprintf(*c<size_t>Z.)i;")
  expect_identical(lib$strtold("0x1.8p3xyz", NULL), 12)
  text <- "2.5rest"
  end <- raw(.Machine$sizeof.pointer)
  expect_identical(lib$strtold(text, end), 2.5)
  exact <- bind(libc(), "strtold(Zp)<long double>;")$strtold("0.1", NULL)
  lib2 <- bind(libc(), "snprintf(*c<size_t>Z.<long double>)i;")
  buffer <- raw(64)
  lib2$snprintf(buffer, 64, "%.17Lg", exact)
  expect_identical(ptr2str(buffer), if (.Machine$longdouble.digits > 53) "0.1" else "0.10000000000000001")
})

test_that("a real result that the signature leaves out disturbs no later arithmetic", {
  tags <- .dynsym(fixture("callback"), "fpu_tags")
  for (signature in c("Zp)v", "Zp)i", "Zp)p")) {
    for (i in 1:9) .dyncall(.dynsym(libc(), "strtold"), signature, "2.5", NULL)
    expect_identical(.dyncall(tags, ")i"), 0xffffL, info = signature)
    expect_identical(sum(c(1.5, 2.5)), 4, info = signature)
  }
  for (i in 1:9) .dyncall(.dynsym(libm(), "fabsl"), "D)v", -2.5) # not called directly
  expect_identical(.dyncall(tags, ")i"), 0xffffL)
  dynmap(.dynsym(libc(), "strtold"), "Zp)i", rep("2.5", 9), list(NULL))
  expect_identical(.dyncall(tags, ")i"), 0xffffL)
  # and the other way round: what is taken off was not there
  for (i in 1:9) .dyncall(.dynsym(libc(), "abs"), "i)D", 1L)
  expect_identical(.dyncall(tags, ")i"), 0xffffL)
  expect_identical(.dyncall(.dynsym(libc(), "strtold"), "Zp)D", "2.5", NULL), 2.5)
  expect_identical(mean(c(1, 2, 6)), 3)
})

test_that("cexp and csqrt take and return complex numbers", {
  m <- bind(libm(), "cexp(<double complex>)<double complex>; csqrt(<double complex>)<double complex>;
                     csqrtf(<float complex>)<float complex>; cabs(<double complex>)d;
                     conjl(<long double complex>)<long double complex>;")
  for (z in c(0+0i, 1+0i, 0+1i, -2+3i, 0.5-0.25i)) {
    expect_equal(m$cexp(z), exp(z), tolerance = 1e-14)
    expect_equal(m$csqrt(z), sqrt(z), tolerance = 1e-14)
    expect_equal(m$csqrtf(z), sqrt(z), tolerance = 1e-6)
    expect_equal(m$cabs(z), Mod(z), tolerance = 1e-14)
    expect_identical(m$conjl(z), Conj(z))
  }
  expect_identical(m$csqrt(-4), 0+2i)
  expect_error(m$cexp("1"), class = "dyncall_error_argument")
})

test_that("snprintf gets every type that is promoted", {
  lib <- bind(libc(), "snprintf(*c<size_t>Z.cCsSBiIjJlLfdDpZ)i;")
  buffer <- raw(400)
  memory <- as.extptr(raw(1))
  format <- "%d|%d|%d|%d|%d|%d|%u|%ld|%lu|%lld|%llu|%.2f|%.3f|%.4Lf|%p|%s"
  n <- lib$snprintf(buffer, 400, format, -128, 255, -32768, 65535, TRUE, -2^31, 2^32 - 1, -5, 5, -2^53, 2^53,
                    1.25, 2.125, 3.0625, memory, "\u00e9nd")
  at <- sub(".*(0x[0-9a-f]+).*", "\\1", base::format(memory))
  expect_identical(ptr2str(buffer), paste0("-128|255|-32768|65535|1|-2147483648|4294967295|-5|5|",
                                           "-9007199254740992|9007199254740992|1.25|2.125|3.0625|", at, "|\u00e9nd"))
  expect_identical(n, nchar(ptr2str(buffer), "bytes"))
  # types by the R values
  plain <- bind(libc(), "snprintf(*c<size_t>Z.)i;")
  expect_identical(plain$snprintf(buffer, 400, "%d %s %.1f %d", 3L, "three", 3, TRUE), 13L)
  expect_identical(ptr2str(buffer), "3 three 3.0 1")
  # more than there are registers
  do.call(plain$snprintf, c(list(quote(buffer), 400, strrep("%.0f ", 30)), as.numeric(1:30)))
  expect_identical(ptr2str(buffer), paste0(paste(1:30, collapse = " "), " "))
  x <- buffer
  plain$snprintf(x, 400, paste(rep("%.0f %d", 9), collapse = " "), 1, 1L, 2, 2L, 3, 3L, 4, 4L, 5, 5L, 6, 6L, 7, 7L,
                 8, 8L, 9, 9L)
  expect_identical(ptr2str(x), "1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8 9 9")
  expect_error(plain$snprintf(x, 400, "%d", list(1)), class = "dyncall_error_argument")
})

test_that("nanosleep and clock_gettime take struct timespec", {
  skip_unless_linux() # the numbers of clocks
  parseStructInfos("timespec{<time_t>j}tv_sec tv_nsec;")
  lib <- bind(libc(), "nanosleep(*k<timespec>*<timespec>)i; clock_gettime(i*<timespec>)i;
                       time(*<time_t>)<time_t>;")
  now <- function(clock) {
    t <- new.struct(timespec)
    expect_identical(lib$clock_gettime(clock, t), 0L)
    t$tv_sec + t$tv_nsec / 1e9
  }
  expect_lt(abs(now(0) - as.numeric(Sys.time())), 5)
  expect_lt(abs(lib$time(NULL) - as.numeric(Sys.time())), 5)
  pause <- new.struct(timespec)
  pause$tv_nsec <- 2e7
  before <- now(1)
  expect_identical(lib$nanosleep(pause, NULL), 0L)
  expect_gte(now(1) - before, 0.02)
  pause$tv_nsec <- 1e9 # more than a second
  expect_identical(lib$nanosleep(pause, NULL), -1L)
  expect_identical(dynerrno(), 22L)
  wrong <- new.struct(timespec)
  expect_identical(lib$clock_gettime(-1, wrong), -1L)
})

test_that("stat fills a struct of the platform", {
  skip_on_windows()
  at <- integer(5)
  .dyncall(.dynsym(fixture("byvalue"), "stat_layout"), "*i)v", at)
  name <- if (is.null(.dynsym(libc(), "stat"))) skip_or_fail("the C library has no function stat") else "stat"
  file <- tempfile()
  on.exit(unlink(file))
  writeBin(raw(12345), file)
  Sys.setFileTime(file, as.POSIXct(1e9, origin = "1970-01-01"))
  buffer <- raw(at[1L])
  expect_identical(.dyncall(.dynsym(libc(), name), "Zp)i", file, buffer), 0L)
  expect_identical(as.numeric(.unpack(buffer, at[2L], if (at[3L] == 8L) "l" else "i")), 12345)
  expect_identical(as.numeric(.unpack(buffer, at[4L], if (at[5L] == 8L) "l" else "i")), 1e9)
  expect_identical(.dyncall(.dynsym(libc(), name), "Zp)i", tempfile(), buffer), -1L)
  expect_identical(dynerrno(), 2L)
})

test_that("qsort and bsearch call a comparator in R", {
  lib <- bind(libc(), "qsort(*d<size_t><size_t>*(*kd*kd)i)v; bsearch(*kd*kd<size_t><size_t>*(*kd*kd)i)p;")
  calls <- 0L
  compare <- function(a, b) {
    calls <<- calls + 1L
    sign(.unpack(a, 0, "d") - .unpack(b, 0, "d"))
  }
  set.seed(2)
  x <- stats::runif(200)
  want <- sort(x)
  lib$qsort(x, length(x), 8, compare)
  expect_identical(x, want)
  expect_gt(calls, 199L)
  for (k in c(1L, 77L, 200L)) {
    found <- lib$bsearch(x[k], x, length(x), 8, compare)
    expect_identical(.unpack(found, 0, "d"), x[k])
  }
  expect_true(is.nullptr(lib$bsearch(2, x, length(x), 8, compare)))
  expect_error(lib$qsort(x, length(x), 8, function(a, b) "less"), class = "dyncall_error_argument")
})

test_that("strtol sets errno and the end of the text", {
  lib <- bind(libc(), "strtol(Z*Zi)j; strtoull(ZpI)L;")
  value <- function(text, base = 10) {
    dynerrno(0)
    got <- suppressWarnings(lib$strtol(text, NULL, base), classes = "dyncall_warning_lossy")
    list(got, dynerrno())
  }
  expect_identical(value("-123"), list(-123, 0L))
  expect_identical(value("ff", 16), list(255, 0L))
  expect_identical(value(strrep("9", 30))[[2L]], 34L) # ERANGE
  expect_gte(value(strrep("9", 30))[[1L]], 2^31 - 1)
  text <- strptr("77abc")
  end <- new.array("Z", 1)
  .dyncall(.dynsym(libc(), "strtol"), "p*Zi)j", text, end, 10)
  expect_identical(end[[1]], "abc")
})

test_that("getenv reads what R has set", {
  lib <- bind(libc(), "getenv(Z)Z name; toupper(i)i; labs(j)j; abs(i)i;")
  Sys.setenv(RDYNCALL_REAL = "caf\u00e9")
  on.exit(Sys.unsetenv("RDYNCALL_REAL"))
  if (l10n_info()[["UTF-8"]]) expect_identical(lib$getenv("RDYNCALL_REAL"), "caf\u00e9")
  Sys.setenv(RDYNCALL_REAL = "plain")
  expect_identical(lib$getenv("RDYNCALL_REAL"), "plain")
  expect_null(lib$getenv("RDYNCALL_NOT_SET"))
  expect_identical(c(lib$toupper(utf8ToInt("q")), lib$abs(-7)), c(utf8ToInt("Q"), 7L))
  expect_identical(lib$labs(-2e9), 2e9)
})

test_that("Expat returns its version in a struct", {
  need_library_or_skip(c("expat.so.1", "expat", "libexpat-1"))
  port <- dynport(expat, attach = FALSE)
  version <- port$XML_ExpatVersionInfo()
  expect_identical(names(version), c("major", "minor", "micro"))
  expect_identical(sprintf("expat_%d.%d.%d", version$major, version$minor, version$micro), port$XML_ExpatVersion())
})

test_that("SDL_ttf renders text in a color that is passed by value", {
  need_library_or_skip(c("SDL-1.2.so.0", "SDL"))
  need_library_or_skip(c("SDL_ttf-2.0.so.0", "SDL_ttf"))
  font <- font_file()
  code <- '
    dynport(SDL)
    parseStructInfos("TTF_Font;")
    dynbind(c("SDL_ttf-2.0.so.0", "SDL_ttf"), "
      TTF_Init()i; TTF_Quit()v; TTF_OpenFont(Zi)*<TTF_Font>; TTF_CloseFont(*<TTF_Font>)v;
      TTF_SizeUTF8(*<TTF_Font>Z*i*i)i; TTF_RenderUTF8_Solid(*<TTF_Font>Z<SDL_Color>)*<SDL_Surface>;
      TTF_RenderText_Solid(*<TTF_Font>Z<SDL_Color>)*<SDL_Surface> font text fg;
      TTF_RenderText_Shaded(*<TTF_Font>Z<SDL_Color><SDL_Color>)*<SDL_Surface>;")
    stopifnot(SDL_Init(SDL_INIT_VIDEO) == 0, TTF_Init() == 0)
    font <- TTF_OpenFont(FONT, 24)
    stopifnot(!is.nullptr(font))
    show <- function(surface, ink) {
      pixels <- as.carray(surface$pixels, "C", surface$pitch * surface$h)[]
      colors <- as.carray(surface$format$palette$colors, SDL_Color, surface$format$palette$ncolors)
      cat(surface$w > 60, surface$h > 15, mean(pixels > 0) > 0.05)
      for (color in colors[c(1, ink)]) cat("", color$r, color$g, color$b)
      cat("\n")
      SDL_FreeSurface(surface)
    }
    color <- new.struct(SDL_Color)
    color$r <- 200; color$g <- 100; color$b <- 50
    show(TTF_RenderText_Solid(font, "Hello R", color), 2)
    show(TTF_RenderUTF8_Solid(font, "H\\u00e4llo R", list(r = 1, g = 2, b = 3)), 2)
    show(TTF_RenderText_Shaded(font, "Hello R", list(r = 255, g = 20), list(r = 9, g = 8, b = 7)), 256)
    w <- h <- 0L
    stopifnot(TTF_SizeUTF8(font, "Hello R", w, h) == 0, w > 60, h > 15)
    cat(inherits(try(TTF_RenderText_Solid(font, "x", list(r = 256)), silent = TRUE), "try-error"))
    TTF_CloseFont(font); TTF_Quit(); SDL_Quit()'
  child <- in_child(sub("FONT", deparse(font), code, fixed = TRUE),
                    c("SDL_VIDEODRIVER=dummy", "SDL_AUDIODRIVER=dummy"))
  expect_identical(child$status, 0L, info = child$output)
  # the background (complement of the color for Solid), then the color itself
  expect_identical(tail(strsplit(child$output, " *\n")[[1L]], 4L),
                   c("TRUE TRUE TRUE 55 155 205 200 100 50", "TRUE TRUE TRUE 254 253 252 1 2 3",
                     "TRUE TRUE TRUE 9 8 7 255 20 0", "TRUE"))
})
