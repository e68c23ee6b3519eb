#ifndef RDYNCALL_LIBC_NETINET_IN_H
#define RDYNCALL_LIBC_NETINET_IN_H
#include <sys/socket.h>
struct sockaddr_in;
struct in_addr {
  uint32_t s_addr;
};
#endif
