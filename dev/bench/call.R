# How fast calls are: bound functions, bound functions without parameter names, .dyncall, callbacks and
# struct fields, each against the wrapper that everybody writes by hand ("NS"):
#   function(x) .Call(C_sym, x)
# byte-compiled, in an environment that stands for a namespace and holds the registered symbols; its C
# code and the functions that are called are compiled here by R CMD SHLIB.
#
# Method: a slice is a compiled loop of some hundred calls. In each of `rounds` rounds the slices of a
# case, an empty loop among them, run once in random order; the empty loop is taken off, and a ratio is
# made of two slices of the same round. Printed are the median of the ratios and in parentheses their
# quartiles. The unit of a callback is a bare Rf_eval of a call built in C, which no error may leave;
# that of struct fields is the NS wrapper of "d)d". Numbers of one run compare with each other only.

source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L])),
                 "common.R"))

rounds <- as.integer(Sys.getenv("BENCH_ROUNDS", "1001"))

# ---- the C side ----

c_code <- '
#include <string.h>
#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>

typedef double (*two)(double, double);

void c_v(void) {}
double c_dd(double x) { return x + 1; }
unsigned long long c_ZL(const char *s) { return strlen(s); }
int c_i6(int a, int b, int c, int d, int e, int f) { return a + b + c + d + e + f; }
double c_drive(two f, int n)
{
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += f(i, 0.5);
  return sum;
}

static SEXP ns_v(void) { c_v(); return R_NilValue; }
static SEXP ns_dd(SEXP x) { return Rf_ScalarReal(c_dd(Rf_asReal(x))); }
static SEXP ns_ZL(SEXP s)
{
  if (TYPEOF(s) != STRSXP || XLENGTH(s) != 1)
    Rf_error("expected a string");
  return Rf_ScalarReal((double)c_ZL(Rf_translateCharUTF8(STRING_ELT(s, 0))));
}
static SEXP ns_i6(SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP f)
{
  return Rf_ScalarInteger(c_i6(Rf_asInteger(a), Rf_asInteger(b), Rf_asInteger(c), Rf_asInteger(d),
                               Rf_asInteger(e), Rf_asInteger(f)));
}

static SEXP bare_function;
static double bare(double a, double b)
{
  SEXP x = PROTECT(Rf_ScalarReal(a)), y = PROTECT(Rf_ScalarReal(b));
  SEXP call = PROTECT(Rf_lang3(bare_function, x, y));
  double result = Rf_asReal(Rf_eval(call, R_GlobalEnv));
  UNPROTECT(3);
  return result;
}
static SEXP ns_drive(SEXP f, SEXP n)
{
  bare_function = f;
  return Rf_ScalarReal(c_drive(bare, Rf_asInteger(n)));
}

static const R_CallMethodDef routines[] = {
  {"v", (DL_FUNC)ns_v, 0}, {"dd", (DL_FUNC)ns_dd, 1}, {"ZL", (DL_FUNC)ns_ZL, 1},
  {"i6", (DL_FUNC)ns_i6, 6}, {"drive", (DL_FUNC)ns_drive, 2}, {NULL, NULL, 0}};
void R_init_benchcall(DllInfo *dll)
{
  R_registerRoutines(dll, NULL, routines, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
}
'

path <- compile(c_code, "benchcall")
dll <- dyn.load(path)

# ---- the R side: what is timed ----

ns <- new.env(parent = new.env(parent = .BaseNamespaceEnv))
for (name in c("v", "dd", "ZL", "i6", "drive")) {
  assign(paste0("C_", name), getNativeSymbolInfo(name, dll), envir = ns)
}
by_hand <- function(f) {
  environment(f) <- ns
  compiler::cmpfun(f)
}

e <- new.env()
e$ns_v <- by_hand(function() .Call(C_v))
e$ns_dd <- by_hand(function(x) .Call(C_dd, x))
e$ns_ZL <- by_hand(function(s) .Call(C_ZL, s))
e$ns_i6 <- by_hand(function(a, b, c, d, e, f) .Call(C_i6, a, b, c, d, e, f))
e$ns_drive <- by_hand(function(f, n) .Call(C_drive, f, n))

own <- .dynload(path)
types <- c(v = ")v", dd = "d)d", ZL = "Z)L", i6 = "iiiiii)i", drive = "*(dd)di)d")
params <- c(v = "", dd = "x", ZL = "s", i6 = "a b c d e f", drive = "f n")
bound <- new.env()
dots <- new.env()
for (name in names(types)) {
  dynbind(own, sprintf("c_%s(%s %s;", name, types[[name]], params[[name]]), envir = bound)
  dynbind(own, sprintf("c_%s(%s;", name, types[[name]]), envir = dots)
  e[[paste0("b_", name)]] <- bound[[paste0("c_", name)]]
  e[[paste0("n_", name)]] <- dots[[paste0("c_", name)]]
  e[[paste0("a_", name)]] <- .dynsym(own, paste0("c_", name))
}
e$.dyncall <- .dyncall
e$x <- 1.5
e$s <- "a text of some length"
e$minus <- compiler::cmpfun(function(a, b) a - b)
e$callback <- new.callback("dd)d", e$minus)
parseStructInfos("Point{ddi}x y n;", envir = e)
e$point <- new.struct(e$Point)
e$point$x <- 2.5
e$get_x <- new.getter(e$Point, "x")
e$`set_x<-` <- new.setter(e$Point, "x")

# Each case: expressions by column, calls in a slice, units (calls or callbacks) in one expression.
cases <- list(
  ")v" = list(
    each = list(NS = quote(ns_v()), bound = quote(b_v()), dots = quote(n_v()),
                .dyncall = quote(.dyncall(a_v, ")v")))),
  "d)d" = list(
    each = list(NS = quote(ns_dd(x)), bound = quote(b_dd(x)), dots = quote(n_dd(x)),
                .dyncall = quote(.dyncall(a_dd, "d)d", x)))),
  "Z)L" = list(
    each = list(NS = quote(ns_ZL(s)), bound = quote(b_ZL(s)), dots = quote(n_ZL(s)),
                .dyncall = quote(.dyncall(a_ZL, "Z)L", s)))),
  "iiiiii)i" = list(
    each = list(NS = quote(ns_i6(1L, 2L, 3L, 4L, 5L, 6L)), bound = quote(b_i6(1L, 2L, 3L, 4L, 5L, 6L)),
                dots = quote(n_i6(1L, 2L, 3L, 4L, 5L, 6L)),
                .dyncall = quote(.dyncall(a_i6, "iiiiii)i", 1L, 2L, 3L, 4L, 5L, 6L)))),
  "callback dd)d" = list(
    each = list(NS = quote(ns_drive(minus, 200L)), bound = quote(b_drive(callback, 200L)),
                dots = quote(n_drive(callback, 200L)),
                .dyncall = quote(.dyncall(a_drive, "*(dd)di)d", callback, 200L))),
    slice = 2L, units = 200L),
  "struct get" = list(each = list(NS = quote(ns_dd(x)), bound = quote(point$x))),
  "struct set" = list(each = list(NS = quote(ns_dd(x)), bound = quote(point$x <- x))),
  "getter" = list(each = list(NS = quote(ns_dd(x)), bound = quote(get_x(point)))),
  "setter" = list(each = list(NS = quote(ns_dd(x)), bound = quote(set_x(point) <- x)))
)

# ---- timing ----

slice_of <- function(expression) {
  f <- eval(call("function", as.pairlist(alist(n = )),
                 call("for", quote(i), quote(seq_len(n)), expression)))
  environment(f) <- e
  compiler::cmpfun(f)
}

measure <- function(case) {
  slice <- if (is.null(case$slice)) 400L else case$slice
  units <- if (is.null(case$units)) 1L else case$units
  loops <- lapply(c(list(empty = NULL), case$each), slice_of)
  taken <- matrix(NA_real_, rounds, length(loops), dimnames = list(NULL, names(loops)))
  for (f in loops) f(slice)
  gc()
  for (round in seq_len(rounds)) {
    for (k in sample.int(length(loops))) {
      f <- loops[[k]]
      from <- now()
      f(slice)
      taken[round, k] <- now() - from
    }
  }
  net <- taken[, -1L, drop = FALSE] - taken[, "empty"]
  list(ns = 1e9 * stats::median(net[, "NS"]) / (slice * units), ratios = net / net[, "NS"])
}

show_ratio <- function(ratios, column) {
  if (column %in% colnames(ratios)) show_quartiles(ratios[, column]) else ""
}

main <- function() {
  set.seed(1)
  cat(R.version.string, ", ", R.version$platform, ", ", rounds, " rounds\n", sep = "")
  cat("NS in ns; the others as multiples of NS: median (quartiles)\n")
  format <- "%-14s %7s  %-18s %-18s %-18s\n"
  cat(sprintf(format, "", "NS", "bound", "bound, no names", ".dyncall"))
  for (name in names(cases)) {
    m <- measure(cases[[name]])
    cat(sprintf(format, name, round(m$ns), show_ratio(m$ratios, "bound"),
                show_ratio(m$ratios, "dots"), show_ratio(m$ratios, ".dyncall")))
  }
}

main()
