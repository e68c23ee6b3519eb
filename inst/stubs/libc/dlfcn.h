#ifndef RDYNCALL_LIBC_DLFCN_H
#define RDYNCALL_LIBC_DLFCN_H
void *dlopen(const char *file, int mode);
void *dlsym(void *handle, const char *name);
#endif
