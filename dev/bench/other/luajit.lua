-- LuaJIT's FFI: luajit.lua LIBRARY
local ffi = require("ffi")
local lib = ffi.load(arg[1])
ffi.cdef [[
typedef struct { double x, y; } two;
typedef struct { double x, y; int n; } three;
void t_v(void); double t_d(double); double t_dd(double, double);
double t_d8(double, double, double, double, double, double, double, double);
int t_i6(int, int, int, int, int, int); unsigned long long t_Z(const char *);
const char *t_out(int); double t_first(const double *); two t_two(two); three t_three(three);
double t_var(int, ...); double t_drive(double (*f)(double, double), int);
void qsort(void *, size_t, size_t, int (*)(const int *, const int *));
typedef struct { long s, ns; } moment; int clock_gettime(int, moment *);
]]
local moment = ffi.new("moment")
local function now()
  ffi.C.clock_gettime(2, moment) -- processor time
  return tonumber(moment.s) + 1e-9 * tonumber(moment.ns)
end
local text = "a text of some length"
local million = ffi.new("double[1000000]")
local p2, p3 = ffi.new("two", 1, 2), ffi.new("three", 1, 2, 3)
local callback = ffi.cast("double (*)(double, double)", function(a, b) return a - b end)
local compare = ffi.cast("int (*)(const int *, const int *)", function(a, b) return a[0] - b[0] end)
local numbers = {}
math.randomseed(1)
for i = 1, 100000 do numbers[i] = math.random(2 ^ 30) end
local kept -- what a loop computes, so that it is computed

-- The loops are written out: the compiler of LuaJIT compiles them as it would those of a program.
local cases = {
  {")v", function(n) for i = 1, n do lib.t_v() end end},
  {"d)d", function(n) for i = 1, n do kept = lib.t_d(1.5) end end},
  {"dd)d", function(n) for i = 1, n do kept = lib.t_dd(1.5, 2.5) end end},
  {"8 doubles", function(n) for i = 1, n do kept = lib.t_d8(1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5) end end},
  {"iiiiii)i", function(n) for i = 1, n do kept = lib.t_i6(1, 2, 3, 4, 5, 6) end end},
  {"string in", function(n) for i = 1, n do kept = lib.t_Z(text) end end},
  {"string out", function(n) for i = 1, n do kept = ffi.string(lib.t_out(1)) end end},
  {"1e6 doubles", function(n) for i = 1, n do kept = lib.t_first(million) end end},
  {"struct of 16", function(n) for i = 1, n do kept = lib.t_two(p2) end end},
  {"struct of 24", function(n) for i = 1, n do kept = lib.t_three(p3) end end},
  {"variadic", function(n) for i = 1, n do kept = lib.t_var(2, 1.5, 2.5) end end},
  {"callback dd)d", function(n) for i = 1, n / 200 do kept = lib.t_drive(callback, 200) end end},
  {"qsort of 1e5", function() ffi.C.qsort(ffi.new("int[100000]", numbers), 100000, 4, compare) end, 1},
  {"struct get", function(n) for i = 1, n do kept = p3.x end end},
  {"struct set", function(n) for i = 1, n do p3.x = i end end},
  {"allocation", function(n) for i = 1, n do kept = ffi.new("double[10]") end end},
}
for _, case in ipairs(cases) do
  local n, taken = case[3] or 20000, {}
  for i = 1, case[3] and 3 or 51 do
    local from = now()
    case[2](n)
    taken[i] = now() - from
  end
  table.sort(taken)
  print(string.format("%s\t%.2f", case[1], 1e9 * taken[(#taken + 1) / 2] / n))
end
