list(
  title = "OpenSSL: cryptography (libcrypto) and TLS (libssl)",
  headers = c("openssl/ssl.h", "openssl/evp.h", "openssl/err.h", "openssl/rand.h", "openssl/sha.h",
              "openssl/hmac.h", "openssl/pem.h", "openssl/x509v3.h", "openssl/bio.h", "openssl/bn.h"),
  args = c("-include", file.path(Sys.getenv("PORTS_HERE"), "include", "openssl.h")),
  source = "libssl-dev",
  licence = "Apache-2.0",
  files = "/openssl/",
  drop = "^OPENSSL_(FILE|LINE|FUNC)$",
  library = c("crypto.so.3 crypto", windows = "libcrypto-3-x64 libcrypto-3 libcrypto",
              darwin = "crypto.3.dylib crypto"),
  library2 = c("ssl.so.3 ssl", windows = "libssl-3-x64 libssl-3 libssl", darwin = "ssl.3.dylib ssl"),
  attributes = c("lib=2" = paste0("^(SSL_|TLS|DTLS|BIO_(f_ssl|new_(buffer_)?ssl|ssl_)|OPENSSL_init_ssl$|",
                                  "(PEM|d2i|i2d)_.*SSL_SESSION|ERR_load_SSL_)")),
  package = "deb:libssl3 rpm:openssl-libs brew:openssl@3"
)
