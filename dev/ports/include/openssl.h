/* Included in front of OpenSSL's headers: the installed configuration has the word size of the system,
   which is put right for other platforms. */
#include <openssl/opensslconf.h>
#if defined(_WIN64)
#undef SIXTY_FOUR_BIT_LONG
#define SIXTY_FOUR_BIT
#elif !defined(__LP64__)
#undef SIXTY_FOUR_BIT_LONG
#define THIRTY_TWO_BIT
#endif
