#ifndef RDYNCALL_LIBC_SYS_TYPES_H
#define RDYNCALL_LIBC_SYS_TYPES_H
#include <stddef.h>
#include <stdint.h>
#ifdef _WIN32
#define __int64 long long
typedef long off_t;
typedef __INTPTR_TYPE__ ssize_t;
typedef int pid_t;
typedef unsigned short ino_t;
typedef unsigned int dev_t;
typedef unsigned short mode_t;
#else
typedef long ssize_t;
#ifdef __APPLE__
typedef long long off_t;
typedef int dev_t;
typedef unsigned long long ino_t;
typedef unsigned short mode_t;
typedef int suseconds_t;
#else
typedef long off_t;
typedef unsigned long long dev_t;
typedef unsigned long ino_t;
typedef unsigned int mode_t;
typedef long suseconds_t;
#endif
typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef char *caddr_t;
#endif
#if defined(_WIN64)
typedef long long time_t;
#else
typedef long time_t;
#endif
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
#endif
