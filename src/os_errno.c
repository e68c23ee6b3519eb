/* The names of errno values. */
#include "os.h"

#include <errno.h>

/* Two names of one value: the first one counts. */
static const struct {
  int number;
  const char *name;
} os_errors[] = {
#define E(name)                                                                                    \
  {                                                                                                \
    name, #name                                                                                    \
  }
    E(E2BIG),       E(EACCES),          E(EADDRINUSE),   E(EADDRNOTAVAIL), E(EAFNOSUPPORT),
    E(EAGAIN),      E(EALREADY),        E(EBADF),        E(EBADMSG),       E(EBUSY),
    E(ECANCELED),   E(ECHILD),          E(ECONNABORTED), E(ECONNREFUSED),  E(ECONNRESET),
    E(EDEADLK),     E(EDESTADDRREQ),    E(EDOM),         E(EEXIST),        E(EFAULT),
    E(EFBIG),       E(EHOSTUNREACH),    E(EIDRM),        E(EILSEQ),        E(EINPROGRESS),
    E(EINTR),       E(EINVAL),          E(EIO),          E(EISCONN),       E(EISDIR),
    E(ELOOP),       E(EMFILE),          E(EMLINK),       E(EMSGSIZE),      E(ENAMETOOLONG),
    E(ENETDOWN),    E(ENETRESET),       E(ENETUNREACH),  E(ENFILE),        E(ENOBUFS),
    E(ENODATA),     E(ENODEV),          E(ENOENT),       E(ENOEXEC),       E(ENOLCK),
    E(ENOLINK),     E(ENOMEM),          E(ENOMSG),       E(ENOPROTOOPT),   E(ENOSPC),
    E(ENOSR),       E(ENOSTR),          E(ENOSYS),       E(ENOTCONN),      E(ENOTDIR),
    E(ENOTEMPTY),   E(ENOTRECOVERABLE), E(ENOTSOCK),     E(ENOTSUP),       E(ENOTTY),
    E(ENXIO),       E(EOVERFLOW),       E(EOWNERDEAD),   E(EPERM),         E(EPIPE),
    E(EPROTO),      E(EPROTONOSUPPORT), E(EPROTOTYPE),   E(ERANGE),        E(EROFS),
    E(ESPIPE),      E(ESRCH),           E(ETIME),        E(ETIMEDOUT),     E(ETXTBSY),
    E(EXDEV),
/* not of every system */
#ifdef EDQUOT
    E(EDQUOT),
#endif
#ifdef EHOSTDOWN
    E(EHOSTDOWN),
#endif
#ifdef EMULTIHOP
    E(EMULTIHOP),
#endif
#ifdef ENOTBLK
    E(ENOTBLK),
#endif
#ifdef ESHUTDOWN
    E(ESHUTDOWN),
#endif
#ifdef ESTALE
    E(ESTALE),
#endif
#ifdef EUSERS
    E(EUSERS),
#endif
#ifdef EOPNOTSUPP
    E(EOPNOTSUPP),
#endif
#ifdef EWOULDBLOCK
    E(EWOULDBLOCK),
#endif
#undef E
};

const char *rdc_os_error_name(int number)
{
  for (size_t i = 0; i < sizeof os_errors / sizeof *os_errors; i++)
    if (os_errors[i].number == number)
      return os_errors[i].name;
  return NULL;
}
