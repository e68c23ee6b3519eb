# Digests, signatures and encryption with OpenSSL: https://www.openssl.org

library(rdyncall)
dynport(openssl)

# Most functions return 1, and leave their reason in a queue.
check <- function(ok) {
  if (ok > 0) return(invisible(ok))
  text <- raw(256)
  ERR_error_string_n(ERR_get_error(), text, length(text))
  stop(structure(class = c("openssl_error", "error", "condition"),
                 list(message = ptr2str(text), call = sys.call(-1L))))
}

hex <- function(x) paste(format(as.hexmode(as.integer(x)), width = 2), collapse = "")

# The result of a function that first says how many bytes it has to write. They are written to memory:
# a vector that is handed on by a function would be copied before C may change it.
sized <- function(call) dynscope({
  n <- dynalloc("<size_t>")
  check(call(NULL, n))
  out <- dynalloc("C", n[1])
  check(call(out, n))
  as.raw(out[seq_len(n[1])])
})

# ---- a digest of a file of any length ----

file_digest <- function(file, algorithm = EVP_sha256()) dynscope({
  context <- dynown(EVP_MD_CTX_new(), EVP_MD_CTX_free)
  check(EVP_DigestInit_ex(context, algorithm, NULL))
  input <- file(file, "rb")
  on.exit(close(input))
  while (length(piece <- readBin(input, "raw", 65536L))) {
    check(EVP_DigestUpdate(context, piece, length(piece)))
  }
  out <- raw(EVP_MAX_MD_SIZE)
  n <- dynalloc("I")
  check(EVP_DigestFinal_ex(context, out, n))
  hex(out[seq_len(n[1])])
})

# ---- signatures ----

new_key <- function() dynown(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), EVP_PKEY_free)

sign <- function(key, message) dynscope({
  context <- dynown(EVP_MD_CTX_new(), EVP_MD_CTX_free)
  check(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key))
  sized(function(out, n) EVP_DigestSign(context, out, n, message, length(message)))
})

verify <- function(key, message, signature) dynscope({
  context <- dynown(EVP_MD_CTX_new(), EVP_MD_CTX_free)
  check(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key))
  EVP_DigestVerify(context, signature, length(signature), message, length(message)) == 1L
})

# ---- encryption that notices changes: AES-256 in GCM mode ----

random <- function(n) {
  bytes <- raw(n)
  check(RAND_bytes(bytes, n))
  bytes
}

encrypt <- function(text, key, iv = random(12), label = raw()) dynscope({
  context <- dynown(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free)
  n <- dynalloc("i")
  out <- raw(length(text) + 16L)
  check(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, iv))
  if (length(label)) check(EVP_EncryptUpdate(context, NULL, n, label, length(label)))
  check(EVP_EncryptUpdate(context, out, n, text, length(text)))
  code <- out[seq_len(n[1])]
  check(EVP_EncryptFinal_ex(context, out, n))
  tag <- raw(16)
  check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, length(tag), tag))
  list(iv = iv, code = code, tag = tag, label = label)
})

decrypt <- function(secret, key) dynscope({
  context <- dynown(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free)
  n <- dynalloc("i")
  out <- raw(length(secret$code) + 16L)
  check(EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, secret$iv))
  if (length(secret$label)) check(EVP_DecryptUpdate(context, NULL, n, secret$label, length(secret$label)))
  check(EVP_DecryptUpdate(context, out, n, secret$code, length(secret$code)))
  text <- out[seq_len(n[1])]
  check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, length(secret$tag), secret$tag))
  if (EVP_DecryptFinal_ex(context, out, n) <= 0) stop("the secret or its label was changed")
  text
})

# ---- a session ----

file <- tempfile()
writeBin(as.raw(seq_len(1e6) %% 256L), file)
file_digest(file)
file_digest(file, EVP_md5()) == unname(tools::md5sum(file))

dynscope({
  key <- new_key()
  message <- charToRaw("meet me at noon")
  signature <- sign(key, message)
  print(verify(key, message, signature))
  print(verify(key, charToRaw("meet me at nine"), signature))
})

key <- random(32)
secret <- encrypt(charToRaw("attack at dawn"), key, label = charToRaw("order 66"))
rawToChar(decrypt(secret, key))

secret$tag[1] <- xor(secret$tag[1], as.raw(1))
tryCatch(decrypt(secret, key), error = conditionMessage)
