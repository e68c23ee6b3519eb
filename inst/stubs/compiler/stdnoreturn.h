#ifndef RDYNCALL_STDNORETURN_H
#define RDYNCALL_STDNORETURN_H
#define noreturn _Noreturn
#endif
