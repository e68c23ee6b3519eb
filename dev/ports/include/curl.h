/* Included in front of libcurl's headers: what they need of macOS. */
#if defined(__APPLE__)
struct sockaddr {
  unsigned char sa_len;
  unsigned char sa_family;
  char sa_data[14];
};
typedef struct {
  int fds_bits[32];
} fd_set;
#endif
