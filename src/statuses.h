/* The list of failures: symbol, suffix of the condition class dyncall_error_<suffix>, message template.
   A template says what was expected and what came; the place is added by whoever knows it. */
#ifndef RDC_STATUSES_H
#define RDC_STATUSES_H

#define RDC_STATUSES(X)                                                                            \
  X(NO_MEMORY, "memory", "expected %s of memory, got none from the system")                        \
  X(SIG_TOKEN, "signature", "expected %s, got %s")                                                 \
  X(SIG_NESTING, "signature", "expected at most %d nested types")                                  \
  X(SIG_FIELDS, "signature", "expected as many names as types (%lu), got %lu")                     \
  X(SIG_MODE, "signature", "expected a call mode (%s), got '%s'")                                  \
  X(TYPE_UNKNOWN, "type", "expected the name of a known type, got '%s'")                           \
  X(TYPE_INCOMPLETE, "type", "expected a type whose size is known, got '%s'")                      \
  X(TYPE_SIZE, "type", "expected a type that fits into memory, got '%s'")                          \
  X(TYPE_BITS, "type", "expected a bit-field of at most %lu bits of an integer type, got %lu")     \
  X(TYPE_VALUE, "type", "expected %s, got %s")                                                     \
  X(TYPE_PLATFORM, "type", "expected a type that this platform passes by value, got %s")           \
  X(ARITY, "arity", "expected %s, got %lu")                                                        \
  X(CALL_FAILED, "call", "expected a call that succeeds, got %s")                                  \
  X(ARG_TYPE, "argument", "expected %s, got %s")                                                   \
  X(ARG_RANGE, "argument", "expected a value in the range of %s, got %s")                          \
  X(ARG_MISSING, "argument", "expected a value of type %s, got %s")                                \
  X(ARG_LENGTH, "argument", "expected %s, got %s")                                                 \
  X(ARG_TEXT, "argument", "expected %s, got %s")                                                   \
  X(CONVERTER, "converter", "expected a value from the converter of %s, got the error: %s")        \
  X(FIELD_UNKNOWN, "argument", "expected a field of %s, got '%s'")                                 \
  X(POINTER_KIND, "pointer", "expected %s, got %s")                                                \
  X(POINTER_BOUNDS, "pointer", "expected an access within %s, got %s")                             \
  X(POINTER_STALE, "pointer", "expected %s, got %s")                                               \
  X(POINTER_FREED, "pointer", "expected live memory, got a use after free of %s")                  \
  X(POINTER_TWICE, "pointer", "expected live memory to free, got a second free of %s")             \
  X(POINTER_CONST, "pointer", "expected %s, got %s, which is const")                               \
  X(POINTER_GUARD, "pointer",                                                                      \
    "expected intact memory around %s, got a write beyond its %lu bytes")                          \
  X(POINTER_WRITTEN, "pointer",                                                                    \
    "expected nobody to write to freed memory, got a write to that of %s")                         \
  X(LIBRARY_OPEN, "library", "expected a library that can be loaded, got %s")                      \
  X(LIBRARY_CLOSED, "library", "expected an open library, got '%s', which has been unloaded")      \
  X(SYMBOL_MISSING, "symbol", "expected a symbol of %s, got '%s', which it does not have")         \
  X(SYMBOL_NULL, "symbol",                                                                         \
    "expected the function %s, got a null pointer in the library's variable '%s', which %s fills") \
  X(SYMBOL_REFUSED, "symbol", "expected an address of '%s' from %s, got none")                     \
  X(CALLBACK_MEMORY, "callback", "expected executable memory for a callback, got none: %s")        \
  X(CALLBACK_STALE, "callback", "expected a live callback, got one that is gone: %s")              \
  X(PORT_SYNTAX, "port", "expected %s, got %s")

#endif
