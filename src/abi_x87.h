/* The stack of x87 registers, empty between calls. A function whose result is declared as something
   else than the real number that it leaves there would fill it up: after the eighth call every long
   double of the process is NaN, R's sum() first. So it is emptied. Included by abi.c alone. */
#ifndef RDC_ABI_X87_H
#define RDC_ABI_X87_H

#include "rdc.h"

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))

/* Which register is the top, in place: 0 when as many were taken off as were put on. */
static inline unsigned x87_top(void)
{
  unsigned short status;
  __asm__ volatile("fnstsw %0" : "=a"(status));
  return status & 0x3800u;
}

/* Empties all registers, and makes the first the top. */
RDC_NOINLINE static void x87_empty(void)
{
  for (int i = 0; i < 8; i++)
    __asm__ volatile("ffree %%st(0)\n\tfincstp" : :);
  while (x87_top())
    __asm__ volatile("fincstp" : :);
}

/* After one call. */
static inline void x87_clean(void)
{
  if (RDC_UNLIKELY(x87_top()))
    x87_empty();
}

#else
static inline void x87_empty(void) {}
static inline void x87_clean(void) {}
#endif
#endif
