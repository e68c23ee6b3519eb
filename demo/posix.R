# Files, names of hosts and time through the C library. The declarations are C's own: libclang reads them
# together with the headers of this machine, which know how its structs are laid out.

library(rdyncall)

dyndecl("
  #include <sys/stat.h>
  typedef struct stat file_status;
  int stat(const char *path, file_status *status);

  #include <time.h>
  int nanosleep(const struct timespec *wanted, struct timespec *left);

  #include <netdb.h>
  #include <arpa/inet.h>
  typedef struct sockaddr_in socket_v4;
  int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                  struct addrinfo **found);
  void freeaddrinfo(struct addrinfo *list);
  const char *gai_strerror(int code);
  const char *inet_ntop(int family, const void *address, char *text, socklen_t size);
  enum flag { V4 = AF_INET, STREAM = SOCK_STREAM, NUMERIC = AI_NUMERICHOST, DIRECTORY = S_IFDIR, KIND = S_IFMT };
")

# ---- stat: what is known of a file ----

file_facts <- function(path) {
  status <- new.struct(file_status)
  if (stat(path, status) != 0L) {
    code <- dynerrno()
    stop("stat: ", path, ": errno ", code)
  }
  list(size = status$st_size, directory = bitwAnd(status$st_mode, KIND) == DIRECTORY,
       changed = .POSIXct(status$st_mtim$tv_sec))
}

file <- tempfile()
writeBin(raw(12345), file)
str(file_facts(file))
str(file_facts(tempdir()))
tryCatch(file_facts("/no/such/file"), error = conditionMessage)

# ---- nanosleep: a struct that C reads, and one that it writes ----

sleep <- function(seconds) {
  wanted <- new.struct(timespec)
  wanted$tv_sec <- floor(seconds)
  wanted$tv_nsec <- seconds %% 1 * 1e9
  left <- new.struct(timespec)
  if (nanosleep(wanted, left) != 0L) stop("interrupted, ", left$tv_sec, " seconds were left")
}
sleep(0.05)

# ---- getaddrinfo: a list that C makes, and that C frees ----

lookup <- function(host, service) dynscope({
  hints <- new.struct(addrinfo)
  hints$ai_family <- V4
  hints$ai_socktype <- STREAM
  hints$ai_flags <- NUMERIC
  slot <- dynalloc("*<addrinfo>")
  code <- getaddrinfo(host, service, hints, slot)
  if (code != 0L) stop(gai_strerror(code))
  at <- dynown(slot[[1]], freeaddrinfo)
  found <- list()
  while (!is.nullptr(at)) {
    socket <- as.struct(at$ai_addr, socket_v4)
    text <- raw(64)
    address <- as.raw(.unpack(socket, 4, "C[4]"))
    inet_ntop(at$ai_family, address, text, length(text))
    port <- as.integer(.unpack(socket, 2, "C[2]"))
    found[[length(found) + 1L]] <- data.frame(address = ptr2str(text), port = port[1] * 256L + port[2])
    at <- at$ai_next
  }
  do.call(rbind, found)
})

lookup("127.0.0.1", "80")
tryCatch(lookup("no address", "80"), error = conditionMessage)
