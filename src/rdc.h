/* Base definitions that every layer may use: fixed-width types, compiler attributes, limits. */
#ifndef RDC_H
#define RDC_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define RDC_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define RDC_LIKELY(x) __builtin_expect(!!(x), 1)
#define RDC_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define RDC_NOINLINE __attribute__((noinline))
#define RDC_PREFETCH(at) __builtin_prefetch(at) /* any address */
#else
#define RDC_PRINTF(text, first)
#define RDC_LIKELY(x) (x)
#define RDC_UNLIKELY(x) (x)
#define RDC_NOINLINE
#define RDC_PREFETCH(at) (void)(at)
#endif

/* A function whose variables lie on the stack: the address sanitizer can have another place for them. */
#if defined(__SANITIZE_ADDRESS__)
#define RDC_ON_STACK __attribute__((no_sanitize_address))
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RDC_ON_STACK __attribute__((no_sanitize("address")))
#endif
#endif
#ifndef RDC_ON_STACK
#define RDC_ON_STACK
#endif

#define RDC_MAX_NESTING 64          /* types inside types in one signature */
#define RDC_MAX_SIZE (SIZE_MAX / 4) /* bytes of one C object; leaves room for sums of two */
#define RDC_NOWHERE SIZE_MAX        /* "no position", "no limit" */
#define RDC_ALIGNMENT 16            /* what arenas and call frames align to */

/* Counters and switches that threads share. */
#define RDC_ATOMIC_ADD(at, n) __atomic_add_fetch(at, n, __ATOMIC_ACQ_REL)
#define RDC_ATOMIC_GET(at) __atomic_load_n(at, __ATOMIC_ACQUIRE)
#define RDC_ATOMIC_SET(at, value) __atomic_store_n(at, value, __ATOMIC_RELEASE)
#define RDC_ATOMIC_CLAIM(at, value)                                                                \
  __sync_bool_compare_and_swap(at, NULL, value) /* if it is NULL */
#define RDC_ATOMIC_SWAP(at, value) __atomic_exchange_n(at, value, __ATOMIC_ACQ_REL)

/* n rounded up to a multiple of align, a power of two. */
static inline size_t rdc_round_up(size_t n, size_t align) { return (n + align - 1) & ~(align - 1); }

/* A C function of unknown type; only abi.c calls one. */
typedef void (*rdc_code_pointer)(void);

#endif
