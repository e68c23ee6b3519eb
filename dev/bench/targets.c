/* What all benchmarks call, from R and from other languages. */
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

typedef struct {
  double x, y;
} two;

typedef struct {
  double x, y;
  int n;
} three;

void t_v(void) {}
double t_d(double x) { return x + 1; }
double t_dd(double x, double y) { return x * y; }
double t_d8(double a, double b, double c, double d, double e, double f, double g, double h)
{
  return a + b + c + d + e + f + g + h;
}
double t_d10(double a, double b, double c, double d, double e, double f, double g, double h,
             double i, double j)
{
  return a + b + c + d + e + f + g + h + i + j;
}
int t_i6(int a, int b, int c, int d, int e, int f) { return a + b + c + d + e + f; }
unsigned long long t_Z(const char *s) { return strlen(s); }
const char *t_out(int i) { return i ? "a text of some length" : "other"; }
void t_pp(void *a, void *b) { (void)a, (void)b; }
double t_first(const double *x) { return x[0]; }
two t_two(two a)
{
  two made = {a.y, a.x};
  return made;
}
three t_three(three a)
{
  three made = {a.y, a.x, a.n + 1};
  return made;
}
double t_modf(double x, double *whole)
{
  *whole = (double)(long)x;
  return x - *whole;
}
double t_var(int n, ...)
{
  double sum = 0;
  va_list rest;
  va_start(rest, n);
  while (n--)
    sum += va_arg(rest, double);
  va_end(rest);
  return sum;
}
double t_drive(double (*f)(double, double), int n)
{
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += f(i, 0.5);
  return sum;
}

/* For columns. */
double t_idd(int i, double x) { return i * x; }
double t_mixed(int i, double x, int j, double y) { return i * x + j * y; }
int t_i(int x) { return x ^ 5; }
float t_f(float x) { return x + 1; }
long long t_l(long long x) { return x + 1; }
short t_s(short x) { return (short)(x ^ 5); }
bool t_B(bool x) { return !x; }
