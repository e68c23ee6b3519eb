#ifndef RDYNCALL_LIBC_CTYPE_H
#define RDYNCALL_LIBC_CTYPE_H
int isalnum(int c);
int isalpha(int c);
int isdigit(int c);
int isspace(int c);
int tolower(int c);
int toupper(int c);
#endif
