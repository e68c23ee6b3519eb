#ifndef RDYNCALL_ISO646_H
#define RDYNCALL_ISO646_H
#define and &&
#define or ||
#define not !
#define xor ^
#define bitand &
#define bitor |
#define compl ~
#endif
