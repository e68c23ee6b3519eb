/* Drives the core with any text and checks what must hold whatever the text is; shared by the checks
   and the fuzzers. Each returns NULL, or what did not hold. */
#ifndef RDC_DEV_EXERCISE_H
#define RDC_DEV_EXERCISE_H

#include <stddef.h>

/* As a call signature, a type and a library signature; valid ones are printed, parsed again, spelled
   and compiled. */
const char *exercise_signature(const char *text, size_t length);

/* As records: their fields are written and read, and they go by value through a closure. */
const char *exercise_record(const char *text, size_t length);

/* As a DynPort file; the bodies of its records are exercised too. */
const char *exercise_port(const char *text, size_t length);

#endif
