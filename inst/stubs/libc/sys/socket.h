#ifndef RDYNCALL_LIBC_SYS_SOCKET_H
#define RDYNCALL_LIBC_SYS_SOCKET_H
#include <sys/types.h>
typedef unsigned int socklen_t;
struct sockaddr;
#endif
