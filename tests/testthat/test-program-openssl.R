# OpenSSL: digests, signatures and encryption, after demo/openssl.R.

openssl <- function() {
  need_library_or_skip(c("crypto.so.3", "crypto", "libcrypto-3-x64"))
  program("openssl")
}

test_that("a file is digested in pieces", {
  local_port("openssl")
  p <- openssl()
  before <- dynleaks()$address
  file <- tempfile()
  on.exit(unlink(file))
  writeBin(charToRaw("abc"), file)
  expect_identical(p$file_digest(file), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  writeBin(raw(), file)
  expect_identical(p$file_digest(file), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  for (n in c(1L, 65535L, 65536L, 65537L, 1000003L)) {
    writeBin(as.raw(seq_len(n) %% 251L), file)
    expect_identical(p$file_digest(file, get("EVP_md5")()), unname(tools::md5sum(file)), info = n)
  }
  expect_error(suppressWarnings(p$file_digest(file.path(file, "none"))), "cannot open")
  expect_identical(setdiff(dynleaks()$address, before), character())
})

test_that("a signature holds for its message and its key only", {
  local_port("openssl")
  p <- openssl()
  before <- dynleaks()$address
  dynscope({
    key <- p$new_key()
    other <- p$new_key()
    message <- charToRaw(strrep("pay 100 to Ann. ", 1000))
    signature <- p$sign(key, message)
    expect_type(signature, "raw")
    expect_true(length(signature) %in% 66:72)
    expect_true(p$verify(key, message, signature))
    expect_false(p$verify(other, message, signature))
    expect_false(p$verify(key, message[-1], signature))
    message[5] <- as.raw(57)
    expect_false(p$verify(key, message, signature))
    expect_false(p$verify(key, message, signature[-1]))
    # two signatures of one message differ, being random
    expect_false(identical(p$sign(key, message), p$sign(key, message)))
  })
  expect_error(p$sign(key, message), "use after free of EVP_PKEY", class = "dyncall_error_pointer")
  expect_identical(setdiff(dynleaks()$address, before), character())
})

test_that("AES-GCM gives back what it was given, and notices every change", {
  local_port("openssl")
  p <- openssl()
  before <- dynleaks()$address
  bytes <- function(text) as.raw(strtoi(substring(text, seq(1, nchar(text), 2), seq(2, nchar(text), 2)), 16))
  # the 256-bit case of McGrew and Viega with additional data
  key <- bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
  text <- bytes(paste0("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525",
                       "b16aedf5aa0de657ba637b39"))
  label <- bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
  secret <- p$encrypt(text, key, bytes("cafebabefacedbaddecaf888"), label)
  expect_identical(p$hex(secret$tag), "76fc6ece0f4e1768cddf8853bb2d551b")
  expect_identical(p$hex(secret$code[1:8]), "522dc1f099567d07")
  expect_identical(p$decrypt(secret, key), text)
  for (part in c("code", "tag", "iv", "label")) {
    changed <- secret
    changed[[part]][1] <- xor(changed[[part]][1], as.raw(1))
    expect_error(p$decrypt(changed, key), "was changed", info = part)
  }
  expect_error(p$decrypt(secret, rev(key)), "was changed")
  for (n in c(1L, 15L, 16L, 17L, 100000L)) {
    text <- p$random(n)
    key <- p$random(32)
    expect_identical(p$decrypt(p$encrypt(text, key), key), text, info = n)
  }
  expect_identical(setdiff(dynleaks()$address, before), character())
})

test_that("what OpenSSL refuses is a condition with its words", {
  local_port("openssl")
  p <- openssl()
  bad <- function() dynscope({
    context <- dynown(get("EVP_MD_CTX_new")(), get("EVP_MD_CTX_free"))
    p$check(get("EVP_DigestVerifyInit")(context, NULL, NULL, NULL, NULL))
  })
  expect_error(bad(), "^error:[0-9A-F]+:", class = "openssl_error")
})
