#ifndef RDYNCALL_LIBC_ASSERT_H
#define RDYNCALL_LIBC_ASSERT_H
#define assert(condition) ((void)0)
#define static_assert _Static_assert
#endif
