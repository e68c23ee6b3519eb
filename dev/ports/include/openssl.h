/* Included in front of OpenSSL's headers: the installed configuration has the word size of the system,
   which is put right for other platforms. */
#if defined(__APPLE__)
typedef struct _opaque_pthread_t *pthread_t;
typedef unsigned long pthread_key_t;
typedef struct {
  long sig;
  char opaque[8];
} pthread_once_t;
#endif
#include <openssl/opensslconf.h>
#if defined(_WIN64)
#undef SIXTY_FOUR_BIT_LONG
#define SIXTY_FOUR_BIT
#elif !defined(__LP64__)
#undef SIXTY_FOUR_BIT_LONG
#define THIRTY_TWO_BIT
#endif
