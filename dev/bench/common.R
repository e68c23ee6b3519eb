# What the benchmarks share: libraries, the functions that are compared, slices of calls. Sourced by each.

library(rdyncall)

here <- normalizePath(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L])))

# Compiles <name>.c of this folder, or lines of code, into a library; returns its file.
compile <- function(name, code = readLines(file.path(here, paste0(name, ".c"))), flags = character()) {
  old <- setwd(tempdir())
  on.exit(setwd(old))
  writeLines(code, paste0(name, ".c"))
  r <- file.path(R.home("bin"), "R")
  log <- suppressWarnings(system2(r, c("CMD", "SHLIB", paste0(name, ".c")), stdout = TRUE, stderr = TRUE,
                                  env = paste0("PKG_CPPFLAGS='", paste(flags, collapse = " "), "'")))
  library <- file.path(tempdir(), paste0(name, .Platform$dynlib.ext))
  if (!file.exists(library)) stop("R CMD SHLIB failed:\n", paste(log, collapse = "\n"))
  library
}

# The environment of what is compared, by prefix: ns_ the wrapper that everybody writes by hand,
# function(x) .Call(C_sym, x), compiled, in a package; l_ the same with the symbol itself in the body; dot_
# by .C(); r_ by Rcpp; b_ a bound function; n_ one without parameter names; a_ an address for .dyncall().
make_functions <- function(rcpp = FALSE) {
  callgrind <- file.exists("/usr/include/valgrind/callgrind.h")
  folder <- normalizePath(here)
  wrappers <- compile("wrappers", flags = c(paste0("-I", folder), if (callgrind) "-DHAVE_CALLGRIND"))
  dll <- dyn.load(wrappers)
  own <- .dynload(compile("targets"))
  e <- new.env(size = 1000L) # so that no name takes longer to find than another
  e$dll <- dll
  wrap_by_hand(e, dll)
  bind_targets(e, own)
  if (rcpp) wrap_by_rcpp(e)
  make_values(e)
  e
}

wrap_by_hand <- function(e, dll) {
  ns <- new.env(parent = new.env(parent = .BaseNamespaceEnv)) # as a package's namespace and its imports
  arities <- list(v = NULL, d = "x", dd = c("x", "y"), d8 = letters[1:8], d10 = letters[1:10], i6 = letters[1:6],
                  Z = "s", out = "i", pp = c("a", "b"), first = "x", two = "a", three = "a", modf = "x", var = c("n", "a", "b"),
                  drive = c("f", "n"), qsort = c("x", "f"), alloc = "n")
  for (name in names(arities)) {
    symbol <- paste0("C_", name)
    info <- getNativeSymbolInfo(paste0("ns_", name), dll)
    assign(symbol, info, envir = ns)
    make <- function(target) {
      formals <- stats::setNames(rep(alist(x = ), length(arities[[name]])), arities[[name]])
      body <- as.call(c(quote(.Call), target, lapply(arities[[name]], as.name)))
      compiler::cmpfun(eval(call("function", as.pairlist(formals), body), ns))
    }
    e[[paste0("ns_", name)]] <- make(as.name(symbol))
    e[[paste0("l_", name)]] <- make(info$address)
  }
  for (name in c("v", "d", "dd", "i6", "Z")) assign(paste0("D_", name), getNativeSymbolInfo(paste0("dot_", name), dll), envir = ns)
  dots <- alist(v = function() .C(D_v), d = function(x) .C(D_d, x, 0)[[2L]], dd = function(x, y) .C(D_dd, x, y, 0)[[3L]],
                i6 = function(a, b, c, d, e, f) .C(D_i6, a, b, c, d, e, f, 0L)[[7L]], Z = function(s) .C(D_Z, s, 0)[[2L]])
  for (name in names(dots)) e[[paste0("dot_", name)]] <- compiler::cmpfun(eval(dots[[name]], ns))
  for (name in c("d", "i", "dd", "idd", "mixed", "Z", "na_d", "na_i", "i_from_d", "d_from_i", "f", "l", "s", "B")) {
    e[[paste0("column_", name)]] <- local({
      symbol <- getNativeSymbolInfo(paste0("column_", name), dll)
      function(...) .Call(symbol, ...)
    })
  }
}

# Signatures and parameter names by target.
targets <- list(v = c(")v", ""), d = c("d)d", "x"), dd = c("dd)d", "x y"), d8 = c("dddddddd)d", "a b c d e f g h"),
                d10 = c("dddddddddd)d", "a b c d e f g h i j"), i6 = c("iiiiii)i", "a b c d e f"), Z = c("Z)L", "s"),
                out = c("i)Z", "i"), pp = c("pp)v", "a b"), first = c("*d)d", "x"), two = c("<Two>)<Two>", "a"),
                three = c("<Three>)<Three>", "a"), drive = c("*(dd)di)d", "f n"), i = c("i)i", "x"),
                idd = c("id)d", "i x"), mixed = c("idid)d", "i x j y"),
                f = c("f)f", "x"), l = c("l)l", "x"), s = c("s)s", "x"), B = c("B)B", "x"), var = c("i.dd)d", ""))

bind_targets <- function(e, own) {
  parseStructInfos("Two{dd}x y; Three{ddi}x y n;", envir = e)
  for (name in names(targets)) {
    one <- targets[[name]]
    symbol <- paste0("t_", name)
    env <- new.env(parent = e)
    dynbind(own, sprintf("%s(%s %s;", symbol, one[1L], one[2L]), envir = env)
    e[[paste0("b_", name)]] <- env[[symbol]]
    dynbind(own, sprintf("%s(%s;", symbol, one[1L]), envir = env)
    e[[paste0("n_", name)]] <- env[[symbol]]
    e[[paste0("a_", name)]] <- .dynsym(own, symbol)
  }
  dynbind(c("c", "msvcrt"), "qsort(pJJp)v x n size f;", envir = e)
  dynbind(own, "t_modf(d*d)d x whole @out=whole;", envir = env <- new.env())
  e$b_modf <- env$t_modf
}

wrap_by_rcpp <- function(e) {
  code <- c("#include <Rcpp.h>", 'extern "C" {', readLines(file.path(here, "targets.c")), "}",
            "// [[Rcpp::export]]", "void r_v() { t_v(); }",
            "// [[Rcpp::export]]", "double r_d(double x) { return t_d(x); }",
            "// [[Rcpp::export]]", "double r_dd(double x, double y) { return t_dd(x, y); }",
            "// [[Rcpp::export]]", "int r_i6(int a, int b, int c, int d, int e, int f) { return t_i6(a, b, c, d, e, f); }",
            "// [[Rcpp::export]]", "double r_Z(std::string s) { return (double)t_Z(s.c_str()); }",
            "// [[Rcpp::export]]", "std::string r_out(int i) { return t_out(i); }",
            "// [[Rcpp::export]]", "double r_first(Rcpp::NumericVector x) { return t_first(&x[0]); }",
            "static Rcpp::Function *called;",
            "static double call_it(double a, double b) { return Rcpp::as<double>((*called)(a, b)); }",
            "// [[Rcpp::export]]", "double r_drive(Rcpp::Function f, int n) { called = &f; return t_drive(call_it, n); }",
            "static int compare(const void *a, const void *b)",
            "{ return Rcpp::as<int>((*called)(*(const int *)a, *(const int *)b)); }",
            "// [[Rcpp::export]]", "void r_qsort(Rcpp::IntegerVector x, Rcpp::Function f)",
            "{ called = &f; qsort(&x[0], x.size(), sizeof(int), compare); }")
  file <- tempfile(fileext = ".cpp")
  writeLines(code, file)
  Rcpp::sourceCpp(file, env = e)
}

make_values <- function(e) {
  e$.dyncall <- .dyncall
  e$x <- 1.5
  e$y <- 2.5
  e$s <- "a text of some length"
  e$million <- as.double(seq_len(1e6))
  e$first <- stats::runif(3)
  e$second <- stats::runif(3)
  e$minus <- compiler::cmpfun(function(a, b) a - b)
  e$callback <- new.callback("dd)d", e$minus)
  e$compare <- new.callback("*ki*ki)i", e$minus, deref = TRUE)
  e$two_list <- list(x = 1, y = 2)
  e$three_list <- list(x = 1, y = 2, n = 3L)
  e$two <- new.struct(e$Two)
  e$three <- new.struct(e$Three)
  e$point <- e$three
  e$get_x <- new.getter(e$Three, "x")
  e$`set_x<-` <- new.setter(e$Three, "x")
}

# ---- timing ----

now <- function() as.double(Sys.time())

processor_time <- function() sum(proc.time()[c("user.self", "sys.self")])

# A compiled loop of n times an expression, in an environment.
slice_of <- function(expression, e) {
  f <- eval(call("function", as.pairlist(alist(n = )), call("for", quote(i), quote(seq_len(n)), expression)), e)
  compiler::cmpfun(f)
}

# Seconds of slices of `slice` runs of each expression, a row for each round and a column for each; the
# empty loop is taken off.
time_slices <- function(expressions, e, rounds, slice) {
  loops <- lapply(c(list(empty = NULL), expressions), slice_of, e)
  taken <- matrix(NA_real_, rounds, length(loops), dimnames = list(NULL, names(loops)))
  clock <- if (slice > 1L) now else processor_time # which counts milliseconds
  for (f in loops) f(slice)
  gc()
  for (round in seq_len(rounds)) {
    for (k in sample.int(length(loops))) {
      f <- loops[[k]]
      from <- clock()
      f(slice)
      taken[round, k] <- clock() - from
    }
  }
  taken[, -1L, drop = FALSE] - taken[, "empty"]
}

show_quartiles <- function(x) {
  q <- stats::quantile(x, c(0.25, 0.5, 0.75))
  sprintf("%.2f (%.2f-%.2f)", q[[2L]], q[[1L]], q[[3L]])
}
