#ifndef RDYNCALL_STDALIGN_H
#define RDYNCALL_STDALIGN_H
#define alignas _Alignas
#define alignof _Alignof
#endif
