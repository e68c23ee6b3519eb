# How fast columns are: dynmap() against the same loop written in C, which a package would call by .Call(),
# and against mapply() over a bound function. The C code is compiled here by R CMD SHLIB.
#
# In each of `rounds` rounds the ways run once in random order; printed are the processor time per element of
# the C loop and medians of ratios made within a round, with quartiles. mapply() is timed over fewer elements.

source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L])),
                 "common.R"))

rounds <- as.integer(Sys.getenv("BENCH_ROUNDS", "31"))
n <- as.integer(Sys.getenv("BENCH_LENGTH", "1000000"))
few <- 10000L

c_code <- '
#include <string.h>
#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>

double c_dd(double x) { return x + 1; }
int c_ii(int x) { return x ^ 5; }
double c_ddd(double x, double y) { return x * y; }
double c_idd(int i, double x) { return i * x; }
double c_mixed(int i, double x, int j, double y) { return i * x + j * y; }
unsigned long long c_ZL(const char *s) { return strlen(s); }

static double (*volatile dd)(double) = c_dd;
static int (*volatile ii)(int) = c_ii;
static double (*volatile ddd)(double, double) = c_ddd;
static double (*volatile idd)(int, double) = c_idd;
static double (*volatile mixed)(int, double, int, double) = c_mixed;
static unsigned long long (*volatile ZL)(const char *) = c_ZL;
static SEXP loop_dd(SEXP a)
{
  R_xlen_t n = XLENGTH(a);
  SEXP made = PROTECT(allocVector(REALSXP, n));
  const double *x = REAL(a);
  double *to = REAL(made), (*f)(double) = dd;
  for (R_xlen_t i = 0; i < n; i++)
    to[i] = f(x[i]);
  UNPROTECT(1);
  return made;
}
static SEXP loop_ii(SEXP a)
{
  R_xlen_t n = XLENGTH(a);
  SEXP made = PROTECT(allocVector(INTSXP, n));
  const int *x = INTEGER(a);
  int *to = INTEGER(made), (*f)(int) = ii;
  for (R_xlen_t i = 0; i < n; i++)
    to[i] = f(x[i]);
  UNPROTECT(1);
  return made;
}
static SEXP loop_ddd(SEXP a, SEXP b)
{
  R_xlen_t n = XLENGTH(a);
  SEXP made = PROTECT(allocVector(REALSXP, n));
  const double *x = REAL(a), *y = REAL(b);
  double *to = REAL(made), (*f)(double, double) = ddd;
  for (R_xlen_t i = 0; i < n; i++)
    to[i] = f(x[i], y[i]);
  UNPROTECT(1);
  return made;
}
static SEXP loop_idd(SEXP a, SEXP b)
{
  R_xlen_t n = XLENGTH(a);
  SEXP made = PROTECT(allocVector(REALSXP, n));
  const int *x = INTEGER(a);
  const double *y = REAL(b);
  double *to = REAL(made), (*f)(int, double) = idd;
  for (R_xlen_t i = 0; i < n; i++)
    to[i] = f(x[i], y[i]);
  UNPROTECT(1);
  return made;
}
static SEXP loop_mixed(SEXP a, SEXP b, SEXP c, SEXP d)
{
  R_xlen_t n = XLENGTH(a);
  SEXP made = PROTECT(allocVector(REALSXP, n));
  const int *x = INTEGER(a), *z = INTEGER(c);
  const double *y = REAL(b), *w = REAL(d);
  double *to = REAL(made), (*f)(int, double, int, double) = mixed;
  for (R_xlen_t i = 0; i < n; i++)
    to[i] = f(x[i], y[i], z[i], w[i]);
  UNPROTECT(1);
  return made;
}
static SEXP loop_ZL(SEXP a)
{
  R_xlen_t n = XLENGTH(a);
  SEXP made = PROTECT(allocVector(REALSXP, n));
  double *to = REAL(made);
  for (R_xlen_t i = 0; i < n; i++)
    to[i] = (double)ZL(translateCharUTF8(STRING_ELT(a, i)));
  UNPROTECT(1);
  return made;
}

static const R_CallMethodDef routines[] = {
  {"dd", (DL_FUNC)loop_dd, 1}, {"ii", (DL_FUNC)loop_ii, 1}, {"ddd", (DL_FUNC)loop_ddd, 2},
  {"idd", (DL_FUNC)loop_idd, 2}, {"mixed", (DL_FUNC)loop_mixed, 4}, {"ZL", (DL_FUNC)loop_ZL, 1},
  {NULL, NULL, 0}};
void R_init_benchmap(DllInfo *dll)
{
  R_registerRoutines(dll, NULL, routines, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
}
'

path <- compile(c_code, "benchmap")
dll <- dyn.load(path)
own <- .dynload(path)
bound <- new.env()
dynbind(own, paste("c_dd(d)d x;c_ii(i)i x;c_ddd(dd)d x y;c_idd(id)d i x;c_mixed(idid)d i x j y;",
                   "c_ZL(Z)L s;"), envir = bound)
loops <- lapply(c(dd = "dd", ii = "ii", ddd = "ddd", idd = "idd", mixed = "mixed", ZL = "ZL"), function(name) {
  symbol <- getNativeSymbolInfo(name, dll)
  function(...) .Call(symbol, ...)
})

set.seed(1)
d <- runif(n)
e <- runif(n)
i <- sample.int(1e6L, n, replace = TRUE)
s <- paste0("text ", i)
cases <- list("d)d" = list("dd", list(d)), "i)i" = list("ii", list(i)), "dd)d" = list("ddd", list(d, e)),
              "id)d" = list("idd", list(i, d)), "idid)d" = list("mixed", list(i, d, rev(i), e)),
              "Z)L" = list("ZL", list(s)))

measure_columns <- function(name, args) {
  loop <- loops[[name]]
  f <- bound[[paste0("c_", name)]]
  some <- lapply(args, `[`, seq_len(few))
  stopifnot(identical(do.call(loop, some), do.call(dynmap, c(f, some))),
            identical(do.call(loop, some), do.call(mapply, c(f, some, USE.NAMES = FALSE))))
  ways <- list(C = function() do.call(loop, args), dynmap = function() do.call(dynmap, c(f, args)),
               mapply = function() do.call(mapply, c(f, some, USE.NAMES = FALSE)))
  times <- c(C = 10L, dynmap = 10L, mapply = 1L) # the clock counts in milliseconds
  taken <- matrix(NA_real_, rounds, length(ways), dimnames = list(NULL, names(ways)))
  for (round in seq_len(rounds)) {
    for (k in sample.int(length(ways))) {
      gc(FALSE)
      from <- processor_time()
      for (again in seq_len(times[[k]])) ways[[k]]()
      taken[round, k] <- processor_time() - from
    }
  }
  taken[, "mapply"] <- taken[, "mapply"] * times[["C"]] * n / few
  list(ns = 1e9 * stats::median(taken[, "C"]) / (n * times[["C"]]), ratios = taken / taken[, "C"])
}

cat(R.version.string, ", ", R.version$platform, ", ", rounds, " rounds of ", n, " elements\n", sep = "")
cat("C loop in ns per element; the others as multiples of it: median (quartiles)\n")
format <- "%-14s %7s  %-18s %-18s\n"
cat(sprintf(format, "", "C loop", "dynmap", "mapply"))
for (name in names(cases)) {
  m <- measure_columns(cases[[name]][[1L]], cases[[name]][[2L]])
  cat(sprintf(format, name, sprintf("%.1f", m$ns), show_quartiles(m$ratios[, "dynmap"]),
              show_quartiles(m$ratios[, "mapply"])))
}
