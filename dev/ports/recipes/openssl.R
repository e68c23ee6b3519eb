list(
  title = "OpenSSL: cryptography (libcrypto) and TLS (libssl)",
  headers = c("openssl/ssl.h", "openssl/evp.h", "openssl/err.h", "openssl/rand.h", "openssl/sha.h",
              "openssl/hmac.h", "openssl/pem.h", "openssl/x509v3.h", "openssl/bio.h", "openssl/bn.h"),
  targets = c("x86_64-linux", "aarch64-linux", "i386-linux", "x86_64-windows"),
  source = "libssl-dev",
  licence = "Apache-2.0",
  files = "/openssl/",
  drop = "^OPENSSL_(FILE|LINE|FUNC)$",
  library = c("crypto.so.3 crypto", windows = "libcrypto-3-x64 libcrypto-3 libcrypto",
              darwin = "crypto.3.dylib crypto"),
  package = "deb:libssl3 rpm:openssl-libs brew:openssl@3"
)
