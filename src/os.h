/* What the operating system provides: shared libraries, threads, their identity, locks. */
#ifndef RDC_OS_H
#define RDC_OS_H

#include <string.h>

#include "rdc.h"

/* Loads the library of that name as the system's loader finds it; "" is the program itself.
   Returns NULL and fills why (nul-terminated, size bytes) on failure. */
void *rdc_os_open(const char *name, char *why, size_t size);

/* Closes a handle once. */
void rdc_os_close(void *handle);

/* The address of a symbol, or NULL. */
void *rdc_os_find(void *handle, const char *name);

/* Fills path with the file that the library was loaded from; returns 0, or -1 if it is not known. */
int rdc_os_path(void *handle, char *path, size_t size);

/* Calls visit for each symbol that the library defines and exports; returns 0, or -1 where the
   object format is not readable. visit must not jump. */
int rdc_os_symbols(void *handle, void (*visit)(void *user, const char *name, int is_function),
                   void *user);

/* Remembers the calling thread as R's. */
void rdc_os_main_thread_set(void);

/* Whether the calling thread is R's. */
int rdc_os_main_thread(void);

/* The locks there are. None is held while another one is taken. */
typedef enum rdc_os_lock {
  RDC_LOCK_HELD_BACK, /* freed memory that debug mode holds back */
  RDC_LOCK_CLOSURES,  /* libffi's memory for closures, which it sets up without one at the first use */
  RDC_LOCK_COUNT
} rdc_os_lock;

/* Waits until no other thread has the lock, and takes it; gives it back. */
void rdc_os_take(rdc_os_lock lock);
void rdc_os_give(rdc_os_lock lock);

/* Seconds from some moment on. */
double rdc_os_now(void);

/* Runs work on n threads at once, the calling one being number 0; returns when all are done. Fewer run where
   the system refuses some. The others take no signals. */
void rdc_os_together(unsigned n, void (*work)(void *user, unsigned number), void *user);

/* The symbolic name of an errno (ENOENT), or NULL. */
const char *rdc_os_error_name(int number);

/* The system's message for an errno in the native encoding, or for a last error in UTF-8. */
void rdc_os_error_text(int number, int is_last, char *text, size_t size);

/* What GetLastError() tells, and sets; 0 where there is no such thing. */
int rdc_os_last_error(void);
void rdc_os_set_last_error(int number);

/* A data address as code; the one place where ISO C's missing conversion is made. */
static inline rdc_code_pointer rdc_os_code(void *address)
{
  rdc_code_pointer code;
  memcpy(&code, &address, sizeof code);
  return code;
}

#endif
