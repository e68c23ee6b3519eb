/* The list of scalar types: letter, kind, C spelling, C type, class (SIGNED, UNSIGNED, REAL).
   'B' stands as unsigned char: any byte may arrive where C says bool. */
#ifndef RDC_SCALARS_H
#define RDC_SCALARS_H

#define RDC_SCALARS(X)                                                                             \
  X('B', BOOL, "bool", unsigned char, UNSIGNED)                                                    \
  X('c', CHAR, "char", signed char, SIGNED)                                                        \
  X('C', UCHAR, "unsigned char", unsigned char, UNSIGNED)                                          \
  X('s', SHORT, "short", short, SIGNED)                                                            \
  X('S', USHORT, "unsigned short", unsigned short, UNSIGNED)                                       \
  X('i', INT, "int", int, SIGNED)                                                                  \
  X('I', UINT, "unsigned int", unsigned int, UNSIGNED)                                             \
  X('j', LONG, "long", long, SIGNED)                                                               \
  X('J', ULONG, "unsigned long", unsigned long, UNSIGNED)                                          \
  X('l', LLONG, "long long", long long, SIGNED)                                                    \
  X('L', ULLONG, "unsigned long long", unsigned long long, UNSIGNED)                               \
  X('f', FLOAT, "float", float, REAL)                                                              \
  X('d', DOUBLE, "double", double, REAL)                                                           \
  X('D', LDOUBLE, "long double", long double, REAL)

#endif
