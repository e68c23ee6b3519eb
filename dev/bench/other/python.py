"""ctypes, and cffi in both modes: python.py LIBRARY FOLDER [ctypes|cffi-abi|cffi-api]"""
import array
import os
import random
import sys
import time

library, folder, which = sys.argv[1:4]
text = b"a text of some length"
million = array.array("d", range(1000000))
numbers = [random.randrange(1 << 30) for _ in range(100000)]

DECLARATIONS = """
typedef struct { double x, y; } two;
typedef struct { double x, y; int n; } three;
void t_v(void); double t_d(double); double t_dd(double, double);
double t_d8(double, double, double, double, double, double, double, double);
int t_i6(int, int, int, int, int, int); unsigned long long t_Z(const char *);
const char *t_out(int); double t_first(const double *); two t_two(two); three t_three(three);
double t_var(int, ...); double t_drive(double (*f)(double, double), int);
"""


def with_ctypes():
    import ctypes as c
    lib = c.CDLL(library)
    libc = c.CDLL(None)
    d, i = c.c_double, c.c_int

    class Two(c.Structure):
        _fields_ = [("x", d), ("y", d)]

    class Three(c.Structure):
        _fields_ = [("x", d), ("y", d), ("n", i)]

    def declare(name, result, *arguments):
        f = getattr(lib, name)
        f.restype, f.argtypes = result, arguments
        return f

    v, one = declare("t_v", None), declare("t_d", d, d)
    dd, d8 = declare("t_dd", d, d, d), declare("t_d8", d, *[d] * 8)
    i6, z = declare("t_i6", i, *[i] * 6), declare("t_Z", c.c_ulonglong, c.c_char_p)
    out, first = declare("t_out", c.c_char_p, i), declare("t_first", d, c.POINTER(d))
    t2, t3 = declare("t_two", Two, Two), declare("t_three", Three, Three)
    var = lib.t_var
    var.restype, var.argtypes = d, [i]
    callback = c.CFUNCTYPE(d, d, d)(lambda a, b: a - b)
    drive = declare("t_drive", d, c.CFUNCTYPE(d, d, d), i)
    data = (d * len(million)).from_buffer(million)
    p2, p3 = Two(1, 2), Three(1, 2, 3)
    compare = c.CFUNCTYPE(i, c.POINTER(i), c.POINTER(i))(lambda a, b: a[0] - b[0])

    def sort():
        libc.qsort((i * len(numbers))(*numbers), c.c_size_t(len(numbers)), c.c_size_t(4), compare)

    def set_x():
        p3.x = 1.5
    return {
        ")v": v, "d)d": lambda: one(1.5), "dd)d": lambda: dd(1.5, 2.5),
        "8 doubles": lambda: d8(1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5),
        "iiiiii)i": lambda: i6(1, 2, 3, 4, 5, 6), "string in": lambda: z(text), "string out": lambda: out(1),
        "1e6 doubles": lambda: first(data), "struct of 16": lambda: t2(p2), "struct of 24": lambda: t3(p3),
        "variadic": lambda: var(2, d(1.5), d(2.5)), "callback dd)d": (lambda: drive(callback, 200), 200),
        "qsort of 1e5": sort, "struct get": lambda: p3.x, "struct set": set_x,
        "allocation": lambda: (d * 10)()}


def with_cffi(ffi, lib, libc):
    p2, p3 = ffi.new("two *", [1, 2]), ffi.new("three *", [1, 2, 3])
    data = ffi.from_buffer("double[]", million)
    callback = ffi.callback("double(double, double)", lambda a, b: a - b)
    ints = ffi.typeof("int *")
    compare = ffi.callback("int(void *, void *)", lambda a, b: ffi.cast(ints, a)[0] - ffi.cast(ints, b)[0])

    def sort():
        libc.qsort(ffi.new("int[]", numbers), len(numbers), 4, compare)

    def set_x():
        p3.x = 1.5
    v, one, dd, d8, i6, z, out, first = (lib.t_v, lib.t_d, lib.t_dd, lib.t_d8, lib.t_i6, lib.t_Z, lib.t_out,
                                         lib.t_first)
    t2, t3, var, drive = lib.t_two, lib.t_three, lib.t_var, lib.t_drive
    double = ffi.typeof("double")
    return {
        ")v": v, "d)d": lambda: one(1.5), "dd)d": lambda: dd(1.5, 2.5),
        "8 doubles": lambda: d8(1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5),
        "iiiiii)i": lambda: i6(1, 2, 3, 4, 5, 6), "string in": lambda: z(text),
        "string out": lambda: ffi.string(out(1)), "1e6 doubles": lambda: first(data),
        "struct of 16": lambda: t2(p2[0]), "struct of 24": lambda: t3(p3[0]),
        "variadic": lambda: var(2, ffi.cast(double, 1.5), ffi.cast(double, 2.5)),
        "callback dd)d": (lambda: drive(callback, 200), 200), "qsort of 1e5": sort,
        "struct get": lambda: p3.x, "struct set": set_x, "allocation": lambda: ffi.new("double[10]")}


QSORT = "void qsort(void *, size_t, size_t, int (*)(void *, void *));"


def cffi_abi():
    import cffi
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS + QSORT)
    return with_cffi(ffi, ffi.dlopen(library), ffi.dlopen(None))


def cffi_api():
    import cffi
    ffi = cffi.FFI()
    # the one of the C library has a comparator with const
    ffi.cdef(DECLARATIONS + "void sort_by(void *, size_t, size_t, int (*)(void *, void *));")
    ffi.set_source("_bench", DECLARATIONS + """
      #include <stdlib.h>
      static void sort_by(void *x, size_t n, size_t size, int (*f)(void *, void *))
      { qsort(x, n, size, (int (*)(const void *, const void *))f); }""",
                   extra_objects=[library], extra_link_args=["-Wl,-rpath," + os.path.dirname(library)])
    ffi.compile(tmpdir=folder)
    sys.path.insert(0, folder)
    import _bench

    class Libc:
        qsort = staticmethod(_bench.lib.sort_by)
    return with_cffi(_bench.ffi, _bench.lib, Libc)


def nanoseconds(f, n):
    """The median of short slices, in processor time; an empty loop is taken off."""
    def empty():
        pass

    def slice_of(g):
        times = range(n)
        start = time.process_time()
        for _ in times:
            g()
        return time.process_time() - start
    base = sorted(slice_of(empty) for _ in range(101))[50] if n > 1 else 0
    taken = sorted(slice_of(f) for _ in range(101 if n > 1 else 3))
    return 1e9 * (taken[len(taken) // 2] - base) / n


cases = {"ctypes": with_ctypes, "cffi-abi": cffi_abi, "cffi-api": cffi_api}[which]()
for case, f in cases.items():
    units = 1
    if isinstance(f, tuple):
        f, units = f
    print("%s\t%.2f" % (case, nanoseconds(f, 1 if case.startswith("qsort") else 400 // min(units, 200)) / units))
