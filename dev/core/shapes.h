/* Types that go through calls and callbacks by value: C declarations and the list of shapes.
   SHAPES(X): X(name, C type, type in a signature, records, pack, align); name is an identifier. */
#ifndef RDC_DEV_SHAPES_H
#define RDC_DEV_SHAPES_H

#include <stddef.h>
#include <stdint.h>

/* clang-format off */
typedef void *c_pointer;
typedef const char *c_string;
typedef int (*c_function)(int);

/* one to many bytes */
#define BYTES(n)                                                                                   \
  typedef struct {                                                                                 \
    unsigned char a[n];                                                                            \
  } bytes##n;
BYTES(1) BYTES(2) BYTES(3) BYTES(4) BYTES(5) BYTES(6) BYTES(7) BYTES(8) BYTES(9) BYTES(10)
BYTES(11) BYTES(12) BYTES(13) BYTES(14) BYTES(15) BYTES(16) BYTES(17) BYTES(20) BYTES(24)
BYTES(25) BYTES(31) BYTES(32) BYTES(33) BYTES(40)
#define SHAPES_BYTES(X)                                                                            \
  X(bytes1, "C[1]") X(bytes2, "C[2]") X(bytes3, "C[3]") X(bytes4, "C[4]") X(bytes5, "C[5]")        \
  X(bytes6, "C[6]") X(bytes7, "C[7]") X(bytes8, "C[8]") X(bytes9, "C[9]") X(bytes10, "C[10]")      \
  X(bytes11, "C[11]") X(bytes12, "C[12]") X(bytes13, "C[13]") X(bytes14, "C[14]")                  \
  X(bytes15, "C[15]") X(bytes16, "C[16]") X(bytes17, "C[17]") X(bytes20, "C[20]")                  \
  X(bytes24, "C[24]") X(bytes25, "C[25]") X(bytes31, "C[31]") X(bytes32, "C[32]")                  \
  X(bytes33, "C[33]") X(bytes40, "C[40]")

/* plain structs: one letter of the grammar a field, in order */
typedef struct { float a; } s_f;
typedef struct { float a, b; } s_ff;
typedef struct { float a, b, c; } s_fff;
typedef struct { float a, b, c, d; } s_ffff;
typedef struct { float a, b, c, d, e; } s_fffff;
typedef struct { double a; } s_d;
typedef struct { double a, b; } s_dd;
typedef struct { double a, b, c; } s_ddd;
typedef struct { double a, b, c, d; } s_dddd;
typedef struct { double a, b, c, d, e; } s_ddddd;
typedef struct { float a; double b; } s_fd;
typedef struct { double a; float b; } s_df;
typedef struct { float a, b; double c; } s_ffd;
typedef struct { int a; float b; } s_if;
typedef struct { float a; int b; } s_fi;
typedef struct { float a, b; int c; } s_ffi;
typedef struct { int a; float b, c; } s_iff;
typedef struct { int a; double b; } s_id;
typedef struct { double a; int b; } s_di;
typedef struct { float a; int b; float c; } s_fif;
typedef struct { float a, b, c; int d; } s_fffi;
typedef struct { signed char a; float b; } s_cf;
typedef struct { signed char a; double b; } s_cd;
typedef struct { double a; signed char b; } s_dc;
typedef struct { signed char a, b, c, d; double e; } s_ccccd;
typedef struct { short a; float b; signed char c; } s_sfc;
typedef struct { long long a; signed char b; } s_lc;
typedef struct { signed char a; long long b; } s_cl;
typedef struct { long a; double b; } s_jd;
typedef struct { void *a; double b; } s_pd;
typedef struct { const char *a; float b, c; } s_Zff;
typedef struct { _Bool a; int b; } s_Bi;
typedef struct { _Bool a; } s_B;
typedef struct { signed char a; } s_c;
typedef struct { short a; signed char b; } s_sc;
typedef struct { int a; } s_i;
typedef struct { int a, b, c; } s_iii;
typedef struct { long long a, b; } s_ll;
typedef struct { long long a, b, c; } s_lll;
typedef struct { long double a; } s_D;
typedef struct { long double a; signed char b; } s_Dc;
typedef struct { signed char a; long double b; } s_cD;
typedef struct { long double a, b; } s_DD;
typedef struct { int a; long double b; double c; } s_iDd;
typedef struct { c_function a; int b; } s_function;
#define SHAPES_PLAIN(X)                                                                            \
  X(s_f, "f", "a") X(s_ff, "ff", "a b") X(s_fff, "fff", "a b c") X(s_ffff, "ffff", "a b c d")      \
  X(s_fffff, "fffff", "a b c d e") X(s_d, "d", "a") X(s_dd, "dd", "a b") X(s_ddd, "ddd", "a b c")  \
  X(s_dddd, "dddd", "a b c d") X(s_ddddd, "ddddd", "a b c d e") X(s_fd, "fd", "a b")               \
  X(s_df, "df", "a b") X(s_ffd, "ffd", "a b c") X(s_if, "if", "a b") X(s_fi, "fi", "a b")          \
  X(s_ffi, "ffi", "a b c") X(s_iff, "iff", "a b c") X(s_id, "id", "a b") X(s_di, "di", "a b")      \
  X(s_fif, "fif", "a b c") X(s_fffi, "fffi", "a b c d") X(s_cf, "cf", "a b") X(s_cd, "cd", "a b")  \
  X(s_dc, "dc", "a b") X(s_ccccd, "ccccd", "a b c d e") X(s_sfc, "sfc", "a b c")                   \
  X(s_lc, "lc", "a b") X(s_cl, "cl", "a b") X(s_jd, "jd", "a b") X(s_pd, "pd", "a b")              \
  X(s_Zff, "Zff", "a b c") X(s_Bi, "Bi", "a b") X(s_B, "B", "a") X(s_c, "c", "a")                  \
  X(s_sc, "sc", "a b") X(s_i, "i", "a") X(s_iii, "iii", "a b c") X(s_ll, "ll", "a b")              \
  X(s_lll, "lll", "a b c") X(s_D, "D", "a") X(s_Dc, "Dc", "a b") X(s_cD, "cD", "a b")              \
  X(s_DD, "DD", "a b") X(s_iDd, "iDd", "a b c") X(s_function, "*(i)ii", "a b")

/* complex numbers, arrays, nesting */
typedef struct { float _Complex a; } s_fC;
typedef struct { double _Complex a; } s_dC;
typedef struct { long double _Complex a; } s_DC;
typedef struct { signed char a; float _Complex b; } s_cfC;
typedef struct { float _Complex a; float b; } s_fCf;
typedef struct { float a; float _Complex b; } s_ffC;
typedef struct { float a[3]; } s_f3;
typedef struct { double a[2]; } s_d2;
typedef struct { short a[5]; float b; } s_s5f;
typedef struct { signed char a[2][3]; float b[2]; } s_matrix;
typedef struct { s_cf a; s_cf b; } n_cf;
typedef struct { s_f a; s_ff b; } n_f;
typedef struct { s_f a; s_i b; s_f c; } n_fif;
typedef struct { struct { struct { struct { float a; } a; } a; } a; } n_deep;
typedef struct { struct { struct { struct { signed char a; } a; short b; } a; float b; } a; double b; } n_mixed;
typedef struct { s_sc a[3]; } n_array;
typedef struct { s_dd a; s_ll b; } n_large;
typedef struct { s_D a; } n_D;
typedef struct { long double a[1]; } n_D1;
typedef struct { } empty;
typedef struct { empty a; int b; } e_i;
typedef struct { double a; empty b; } d_e;
typedef struct { empty a[4]; } e_array;
typedef struct { empty a; empty b; } e_e;
typedef struct { int a[0]; float b; } z_f;
typedef struct { signed char a; float b[0]; } c_z;
#define SHAPES_NESTED(X)                                                                           \
  X(s_fC, "T{<float complex>}a;") X(s_dC, "T{<double complex>}a;")                                 \
  X(s_DC, "T{<long double complex>}a;") X(s_cfC, "T{c<float complex>}a b;")                        \
  X(s_fCf, "T{<float complex>f}a b;") X(s_ffC, "T{f<float complex>}a b;")                          \
  X(s_f3, "T{f[3]}a;") X(s_d2, "T{d[2]}a;") X(s_s5f, "T{s[5]f}a b;")                               \
  X(s_matrix, "T{c[2][3]f[2]}a b;") X(n_cf, "A{cf}a b; T{<A><A>}a b;")                             \
  X(n_f, "A{f}a; B{ff}a b; T{<A><B>}a b;") X(n_fif, "A{f}a; B{i}a; T{<A><B><A>}a b c;")            \
  X(n_deep, "A{f}a; B{<A>}a; C{<B>}a; T{<C>}a;")                                                   \
  X(n_mixed, "A{c}a; B{<A>s}a b; C{<B>f}a b; T{<C>d}a b;") X(n_array, "A{sc}a b; T{<A>[3]}a;")     \
  X(n_large, "A{dd}a b; B{ll}a b; T{<A><B>}a b;") X(n_D, "A{D}a; T{<A>}a;") X(n_D1, "T{D[1]}a;")   \
  X(empty, "T{};") X(e_i, "E{}; T{<E>i}a b;") X(d_e, "E{}; T{d<E>}a b;")                           \
  X(e_array, "E{}; T{<E>[4]}a;") X(e_e, "E{}; T{<E><E>}a b;") X(z_f, "T{i[0]f}a b;")               \
  X(c_z, "T{cf[0]}a b;")

/* unions */
typedef union { int a; float b; } u_if;
typedef union { float a; double b; } u_fd;
typedef union { int a; double b; } u_id;
typedef union { double a; long long b; } u_dl;
typedef union { signed char a; float b[2]; } u_cf2;
typedef union { signed char a[3]; short b; } u_c3s;
typedef union { float a[3]; int b; } u_f3i;
typedef union { s_fi a; double b; } u_sd;
typedef union { s_ffd a; double b; } u_ffd;
typedef union { s_dd a; int b; } u_ddi;
typedef union { s_di a; s_id b; } u_di_id;
typedef union { signed char a[17]; double b; } u_c17;
typedef union { signed char a[40]; long double b; } u_c40;
typedef union { long double a; } u_D;
typedef union { long double a; int b; } u_Di;
typedef union { long double a; double b; } u_Dd;
typedef union { long double a; signed char b[16]; } u_Dc16;
typedef union { void *a; signed char b; } u_pc;
typedef union { double _Complex a; int b; } u_dCi;
typedef struct { u_if a; float b; } s_uf;
typedef struct { float a; u_fd b; } s_fu;
typedef struct { int tag; union { int i; double d; const char *z; } value; } s_tagged;
typedef struct { int a; union { struct { short b, c; }; float d; }; } s_anonymous;
#define SHAPES_UNION(X)                                                                            \
  X(u_if, "T|if}a b;") X(u_fd, "T|fd}a b;") X(u_id, "T|id}a b;") X(u_dl, "T|dl}a b;")              \
  X(u_cf2, "T|cf[2]}a b;") X(u_c3s, "T|c[3]s}a b;") X(u_f3i, "T|f[3]i}a b;")                       \
  X(u_sd, "A{fi}a b; T|<A>d}a b;") X(u_ffd, "A{ffd}a b c; T|<A>d}a b;")                            \
  X(u_ddi, "A{dd}a b; T|<A>i}a b;") X(u_di_id, "A{di}a b; B{id}a b; T|<A><B>}a b;")                \
  X(u_c17, "T|c[17]d}a b;") X(u_c40, "T|c[40]D}a b;") X(u_D, "T|D}a;") X(u_Di, "T|Di}a b;")        \
  X(u_Dd, "T|Dd}a b;") X(u_Dc16, "T|Dc[16]}a b;") X(u_pc, "T|pc}a b;")                             \
  X(u_dCi, "T|<double complex>i}a b;") X(s_uf, "A|if}a b; T{<A>f}a b;")                            \
  X(s_fu, "A|fd}a b; T{f<A>}a b;") X(s_tagged, "A|idZ}i d z; T{i<A>}tag value;")                   \
  X(s_anonymous, "A{ss}b c; B|<A>f}. d; T{i<B>}a .;")

/* bit-fields */
typedef struct { int a : 3, b : 20; } b_i;
typedef struct { unsigned char a : 1, b : 7; } b_C;
typedef struct { long long a : 40; unsigned long long b : 24; } b_l;
typedef struct { long long a : 40, b : 40; } b_ll;
typedef struct { int a : 5; float b; } b_if;
typedef struct { float a; int b : 5; } b_fi;
typedef struct { float a, b; int c : 7; } b_ffi;
typedef struct { double a; int b : 30; short c; } b_di;
typedef struct { float a; int : 0; float b; } b_zero;
typedef struct { double a; _Bool b : 1, c : 1; } b_flags;
typedef struct { unsigned a : 1, : 6, b : 25; } b_unnamed;
typedef union { int a : 9; float b; } b_union;
#define SHAPES_BITS(X)                                                                             \
  X(b_i, "T{i:3i:20}a b;") X(b_C, "T{C:1C:7}a b;") X(b_l, "T{l:40L:24}a b;")                       \
  X(b_ll, "T{l:40l:40}a b;") X(b_if, "T{i:5f}a b;") X(b_fi, "T{fi:5}a b;")                         \
  X(b_ffi, "T{ffi:7}a b c;") X(b_di, "T{di:30s}a b c;") X(b_zero, "T{fi:0f}a _ b;")                \
  X(b_flags, "T{dB:1B:1}a b c;") X(b_unnamed, "T{I:1I:6I:25}a _ b;") X(b_union, "T|i:9f}a b;")

/* packed, and aligned beyond what the fields ask for */
#pragma pack(push, 1)
typedef struct { signed char a; int b; } p1_ci;
typedef struct { signed char a; double b; } p1_cd;
typedef struct { double a; signed char b; } p1_dc;
typedef struct { float a; double b; } p1_fd;
typedef struct { short a; float b; short c; } p1_sfs;
typedef struct { signed char a; long double b; } p1_cD;
typedef struct { double a, b; } p1_dd;
typedef struct { signed char a; p1_ci b[2]; } p1_nested;
typedef struct { signed char a; float _Complex b; } p1_cfC;
typedef struct { signed char a; int b : 20; signed char c; } p1_bits;
typedef union { signed char a[5]; float b; } p1_union;
typedef struct { signed char a; bytes7 b; double c; } p1_c7d;
#pragma pack(pop)
#pragma pack(push, 2)
typedef struct { signed char a; int b; signed char c; } p2_cic;
typedef struct { short a; double b; } p2_sd;
#pragma pack(pop)
#pragma pack(push, 4)
typedef struct { int a; double b; } p4_id;
typedef struct { float a, b; double c; } p4_ffd;
typedef struct { int a; long double b; } p4_iD;
#pragma pack(pop)
typedef struct __attribute__((aligned(16))) { signed char a[24]; } a16_c24;
typedef struct __attribute__((aligned(16))) { signed char a[32]; } a16_c32;
typedef struct __attribute__((aligned(8))) { float a; } a8_f;
#define SHAPES_PACKED(X)                                                                           \
  X(p1_ci, "T{ci}a b;", 1, 0) X(p1_cd, "T{cd}a b;", 1, 0) X(p1_dc, "T{dc}a b;", 1, 0)              \
  X(p1_fd, "T{fd}a b;", 1, 0) X(p1_sfs, "T{sfs}a b c;", 1, 0) X(p1_cD, "T{cD}a b;", 1, 0)          \
  X(p1_dd, "T{dd}a b;", 1, 0) X(p1_nested, "A{ci}a b; T{c<A>[2]}a b;", 1, 0)                       \
  X(p1_cfC, "T{c<float complex>}a b;", 1, 0) X(p1_bits, "T{ci:20c}a b c;", 1, 0)                   \
  X(p1_union, "T|c[5]f}a b;", 1, 0) X(p1_c7d, "A{C[7]}a; T{c<A>d}a b c;", 1, 0)                    \
  X(p2_cic, "T{cic}a b c;", 2, 0) X(p2_sd, "T{sd}a b;", 2, 0) X(p4_id, "T{id}a b;", 4, 0)          \
  X(p4_ffd, "T{ffd}a b c;", 4, 0) X(p4_iD, "T{iD}a b;", 4, 0) X(a8_f, "T{f}a;", 0, 8)              \
  X(a16_c24, "T{c[24]}a;", 0, 16) X(a16_c32, "T{c[32]}a;", 0, 16)

/* Half of these 16 bytes has no value in it, or the alignment is more than a stack has: where libffi
   has no way to pass them they are refused. */
typedef struct __attribute__((aligned(16))) { int a; } o_i;
typedef struct __attribute__((aligned(16))) { double a; } o_d;
typedef struct __attribute__((aligned(16))) { float a; signed char b; } o_fc;
typedef union __attribute__((aligned(16))) { signed char a[3]; float b; } o_union;
typedef struct __attribute__((aligned(32))) { long long a, b, c; } o_32;
#define SHAPES_ODD(X)                                                                              \
  X(o_i, "T{i}a;", 0, 16) X(o_d, "T{d}a;", 0, 16) X(o_fc, "T{fc}a b;", 0, 16)                      \
  X(o_union, "T|c[3]f}a b;", 0, 16) X(o_32, "T{lll}a b c;", 0, 32)

/* Unnamed bit-fields that have 8 bytes for themselves or share them with a float: gcc passes these as
   integers, clang does not. The core follows gcc, also because '_' may stand for a named field. */
typedef struct { double a; long long : 40; } g_tail;
typedef struct { long long a; int : 20; } g_tail_l;
typedef struct { long long : 64; double a; } g_head;
typedef struct { int : 32; } g_padding;
typedef struct { float a; int : 20; } g_unnamed;
#if defined(__GNUC__) && !defined(__clang__)
#define SHAPES_UNNAMED(X)                                                                          \
  X(g_tail, "T{dl:40}a _;") X(g_tail_l, "T{li:20}a _;") X(g_head, "T{l:64d}_ a;")                  \
  X(g_padding, "T{i:32}_;") X(g_unnamed, "T{fi:20}a _;")
#else
#define SHAPES_UNNAMED(X)
#endif

/* scalars: name, C type, type in a signature */
typedef float _Complex c_fcomplex;
typedef double _Complex c_dcomplex;
typedef long double _Complex c_ldcomplex;
#define SHAPES_SCALAR(X)                                                                           \
  X(v_B, _Bool, "B") X(v_c, signed char, "c") X(v_C, unsigned char, "C") X(v_s, short, "s")        \
  X(v_S, unsigned short, "S") X(v_i, int, "i") X(v_I, unsigned, "I") X(v_j, long, "j")             \
  X(v_J, unsigned long, "J") X(v_l, long long, "l") X(v_L, unsigned long long, "L")                \
  X(v_f, float, "f") X(v_d, double, "d") X(v_D, long double, "D") X(v_p, c_pointer, "p")           \
  X(v_Z, c_string, "Z") X(v_x, c_pointer, "x") X(v_function, c_function, "*(i)i")                  \
  X(v_size, size_t, "<size_t>") X(v_wchar, wchar_t, "<wchar_t>") X(v_char16, uint16_t, "<char16_t>") \
  X(v_fC, c_fcomplex, "<float complex>") X(v_dC, c_dcomplex, "<double complex>")                   \
  X(v_DC, c_ldcomplex, "<long double complex>") X(v_k, int, "ki") X(v_kS, c_pointer, "*k<T>")

#define SHAPES_OF_BYTES(name, fields) X(name, name, "<T>", "T{" fields "}a;", 0, 0)
#define SHAPES_OF_PLAIN(name, fields, names) X(name, name, "<T>", "T{" fields "}" names ";", 0, 0)
#define SHAPES_OF_RECORDS(name, records) X(name, name, "<T>", records, 0, 0)
#define SHAPES_OF_PACKED(name, records, pack, align) X(name, name, "<T>", records, pack, align)
#define SHAPES_OF_SCALAR(name, ctype, type) X(name, ctype, type, "", 0, 0)

/* X must be defined where this is used. */
#define SHAPES                                                                                     \
  SHAPES_BYTES(SHAPES_OF_BYTES) SHAPES_PLAIN(SHAPES_OF_PLAIN) SHAPES_NESTED(SHAPES_OF_RECORDS)     \
  SHAPES_UNION(SHAPES_OF_RECORDS) SHAPES_BITS(SHAPES_OF_RECORDS) SHAPES_PACKED(SHAPES_OF_PACKED)   \
  SHAPES_SCALAR(SHAPES_OF_SCALAR) SHAPES_ODD(SHAPES_OF_PACKED)                                   \
  SHAPES_UNNAMED(SHAPES_OF_RECORDS)

#endif
