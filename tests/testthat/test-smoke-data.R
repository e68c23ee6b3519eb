# Ports used for real: stdio, zlib, sqlite3, openssl, curl, R.

smoke_port <- function(name, libnames) {
  need_library_or_skip(libnames)
  dynport(name, attach = FALSE, portfile = system.file("dynports", paste0(name, ".dynport"), package = "rdyncall"))
}

test_that("stdio writes, reads and formats", {
  io <- smoke_port("stdio", c("c", "msvcrt"))
  file <- tempfile()
  on.exit(unlink(file))
  out <- io$fopen(file, "w")
  expect_s3_class(out, "struct")
  expect_gte(io$fputs("first line\n", out), 0L)
  expect_identical(io$fprintf(out, "%d %s %.2f\n", 42L, "words", 2.5), 14L)
  expect_identical(io$fwrite(as.raw(1:10), 1, 10, out), 10)
  expect_identical(io$fclose(out), 0L)
  expect_identical(readBin(file, "raw", 100), c(charToRaw("first line\n42 words 2.50\n"), as.raw(1:10)))
  input <- io$fopen(file, "r")
  line <- raw(64)
  io$fgets(line, 64, input)
  expect_identical(ptr2str(line), "first line\n")
  number <- new.array("i", 1) # a pointer; an integer would be an int behind '...'
  expect_identical(io$fscanf(input, "%d", number), 1L)
  expect_identical(number[1], 42L)
  expect_identical(io$fseek(input, -10, io$SEEK_END), 0L)
  expect_identical(io$ftell(input), 25)
  expect_identical(io$fgetc(input), 1L)
  expect_identical(io$feof(input), 0L)
  expect_identical(io$fseek(input, 0, io$SEEK_END), 0L)
  expect_identical(io$fgetc(input), io$EOF)
  expect_true(io$feof(input) != 0L)
  expect_identical(io$fclose(input), 0L)
  expect_identical(io$remove(file), 0L)
  expect_false(file.exists(file))
  expect_true(is.nullptr(io$fopen(file.path(file, "none"), "r")))
  text <- raw(32)
  expect_identical(io$snprintf(text, 32, "%s-%05d", "id", 7L), 8L)
  expect_identical(ptr2str(text), "id-00007")
})

test_that("the standard streams of stdio are variables", {
  io <- smoke_port("stdio", c("c", "msvcrt"))
  expect_false(is.nullptr(io$stdout))
  expect_identical(io$fflush(io$stdout), 0L)
  expect_identical(io$fileno(io$stderr), 2L)
})

test_that("zlib packs and unpacks", {
  z <- smoke_port("zlib", c("z.so.1", "z", "zlib1"))
  text <- charToRaw(strrep("all work and no play ", 500))
  packed <- raw(z$compressBound(length(text)))
  size <- as.carray(length(packed), "J")
  expect_identical(z$compress2(packed, size, text, length(text), 9), z$Z_OK)
  packed <- packed[seq_len(size[1])]
  expect_lt(length(packed), 100L)
  expect_identical(memDecompress(packed, "gzip"), text)
  plain <- raw(length(text))
  size[1] <- length(plain)
  expect_identical(z$uncompress(plain, size, memCompress(text, "gzip"), length(memCompress(text, "gzip"))), z$Z_OK)
  expect_identical(plain, text)
  expect_identical(z$crc32(0, charToRaw("hello"), 5), 0x3610a686)
  expect_identical(z$adler32(1, charToRaw("Wikipedia"), 9), 0x11E60398)
  packed[10] <- xor(packed[10], as.raw(255))
  size[1] <- length(plain)
  expect_lt(z$uncompress(plain, size, packed, length(packed)), 0L)
  # the same with what may be left out
  packed <- z$compress(destLen = 1000, source = text)
  expect_identical(packed$result, z$Z_OK)
  expect_identical(z$uncompress(destLen = length(text), source = packed$dest), list(result = z$Z_OK, dest = text))
  expect_identical(z$crc32(0, charToRaw("hello")), 0x3610a686)
  expect_identical(z$zError(z$Z_DATA_ERROR), "data error")
  expect_match(z$zlibVersion(), "^1\\.")
})

test_that("zlib's stream goes through its struct, in small pieces", {
  z <- smoke_port("zlib", c("z.so.1", "z", "zlib1"))
  set.seed(1)
  text <- as.raw(sample(0:3, 20000, TRUE))
  packed <- memCompress(text, "gzip")
  # zlib remembers where its stream lies
  stream <- dynalloc(z$z_stream)
  input <- dynalloc("C", 500)
  output <- dynalloc("C", 1000)
  expect_identical(z$inflateInit_(stream, z$zlibVersion(), z$z_stream$size), z$Z_OK)
  got <- raw()
  at <- 0
  for (step in 1:1000) {
    if (stream$avail_in == 0) {
      piece <- packed[at + seq_len(min(500, length(packed) - at))]
      input[seq_along(piece)] <- as.integer(piece)
      at <- at + length(piece)
      stream$next_in <- input
      stream$avail_in <- length(piece)
    }
    stream$next_out <- output
    stream$avail_out <- 1000
    code <- z$inflate(stream, z$Z_NO_FLUSH)
    got <- c(got, as.raw(output[seq_len(1000 - stream$avail_out)]))
    if (code != z$Z_OK) break
  }
  expect_identical(code, z$Z_STREAM_END)
  expect_identical(got, text)
  expect_identical(stream$total_out, 20000)
  expect_identical(z$inflateEnd(stream), z$Z_OK)
})

test_that("sqlite3 runs SQL, with a callback in R", {
  db3 <- smoke_port("sqlite3", c("sqlite3.so.0", "sqlite3"))
  slot <- new.array("*<sqlite3>", 1)
  expect_identical(db3$sqlite3_open(":memory:", slot), db3$SQLITE_OK)
  db <- slot[[1]]
  sql <- "create table t(id integer, name text); insert into t values (1, 'one'), (2, 'zw\u00f6lf'), (3, null);"
  expect_identical(db3$sqlite3_exec(db, sql, NULL, NULL, NULL), db3$SQLITE_OK)
  rows <- list()
  each <- function(data, n, values, names) {
    cells <- as.carray(values, "Z", n)
    rows[[length(rows) + 1L]] <<- lapply(seq_len(n), function(i) cells[[i]])
    0L
  }
  expect_identical(db3$sqlite3_exec(db, "select id, name from t order by id", each, NULL, NULL), db3$SQLITE_OK)
  expect_identical(rows, list(list("1", "one"), list("2", "zw\u00f6lf"), list("3", NULL)))
  # a callback that asks to stop, and one that fails
  stop_at_once <- function(data, n, values, names) 1L
  expect_identical(db3$sqlite3_exec(db, "select * from t", stop_at_once, NULL, NULL), db3$SQLITE_ABORT)
  expect_error(db3$sqlite3_exec(db, "select * from t", function(...) stop("row refused"), NULL, NULL), "row refused")

  statement <- new.array("*<sqlite3_stmt>", 1)
  expect_identical(db3$sqlite3_prepare_v2(db, "select id * ?, name from t where id <= ?", -1, statement, NULL),
                   db3$SQLITE_OK)
  stmt <- statement[[1]]
  expect_identical(db3$sqlite3_bind_double(stmt, 1, 2.5), db3$SQLITE_OK)
  expect_identical(db3$sqlite3_bind_int(stmt, 2, 2), db3$SQLITE_OK)
  got <- character()
  while (db3$sqlite3_step(stmt) == db3$SQLITE_ROW) {
    got <- c(got, paste(db3$sqlite3_column_double(stmt, 0), db3$sqlite3_column_text(stmt, 1)))
  }
  expect_identical(got, c("2.5 one", "5 zw\u00f6lf"))
  expect_identical(db3$sqlite3_finalize(stmt), db3$SQLITE_OK)

  twice <- new.callback("*<sqlite3_context>i*p)v", function(context, n, values) {
    first <- as.carray(values, "*<sqlite3_value>", n)[[1]]
    db3$sqlite3_result_int(context, 2L * db3$sqlite3_value_int(first))
  })
  expect_identical(db3$sqlite3_create_function(db, "twice", 1, db3$SQLITE_UTF8, NULL, twice, NULL, NULL),
                   db3$SQLITE_OK)
  rows <- list()
  db3$sqlite3_exec(db, "select twice(id) from t", each, NULL, NULL)
  expect_identical(unlist(rows), c("2", "4", "6"))

  expect_identical(db3$sqlite3_exec(db, "select x from nowhere", NULL, NULL, NULL), db3$SQLITE_ERROR)
  expect_identical(db3$sqlite3_errmsg(db), "no such table: nowhere")
  expect_identical(db3$sqlite3_close(db), db3$SQLITE_OK)
})

test_that("openssl hashes, and makes and checks a code", {
  ssl <- smoke_port("openssl", c("crypto.so.3", "crypto", "libcrypto-3-x64"))
  hex <- function(x) paste(format(as.hexmode(as.integer(x)), width = 2), collapse = "")
  known <- "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  digest <- raw(32)
  ssl$SHA256(charToRaw("abc"), 3, digest)
  expect_identical(hex(digest), known)
  context <- ssl$EVP_MD_CTX_new()
  expect_identical(ssl$EVP_DigestInit_ex(context, ssl$EVP_sha256(), NULL), 1L)
  for (letter in c("a", "b", "c")) expect_identical(ssl$EVP_DigestUpdate(context, charToRaw(letter), 1), 1L)
  size <- as.carray(0, "I")
  streamed <- raw(32)
  expect_identical(ssl$EVP_DigestFinal_ex(context, streamed, size), 1L)
  expect_identical(size[1], 32)
  expect_identical(streamed, digest)
  ssl$EVP_MD_CTX_free(context)
  # RFC 4231, test case 2
  code <- raw(32)
  key <- charToRaw("Jefe")
  text <- charToRaw("what do ya want for nothing?")
  ssl$HMAC(ssl$EVP_sha256(), key, length(key), text, length(text), code, size)
  expect_identical(hex(code), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
})

test_that("curl reads a file:// URL through a callback", {
  web <- smoke_port("curl", c("curl.so.4", "curl", "curl-gnutls.so.4"))
  expect_code <- function(got, label) expect_identical(names(got), label)
  file <- tempfile()
  on.exit(unlink(file))
  writeLines(c("line one", strrep("x", 50000), "end"), file)
  expect_code(web$curl_global_init(web$CURL_GLOBAL_DEFAULT), "CURLE_OK")
  handle <- web$curl_easy_init()
  got <- raw()
  write <- new.callback("p<size_t><size_t>p)<size_t>", function(data, size, n, user) {
    got <<- c(got, as.raw(.unpack(data, 0, paste0("C[", size * n, "]"))))
    size * n
  })
  set <- function(option, value) web$curl_easy_setopt(handle, option, value)
  expect_code(set("CURLOPT_URL", paste0("file://", file)), "CURLE_OK")
  expect_code(set("CURLOPT_WRITEFUNCTION", write), "CURLE_OK")
  expect_code(web$curl_easy_perform(handle), "CURLE_OK")
  expect_identical(got, readBin(file, "raw", 1e6))
  expect_code(set("CURLOPT_URL", paste0("file://", file, "none")), "CURLE_OK")
  code <- web$curl_easy_perform(handle)
  expect_code(code, "CURLE_FILE_COULDNT_READ_FILE")
  expect_match(web$curl_easy_strerror(code), "file", ignore.case = TRUE)
  web$curl_easy_cleanup(handle)
  web$curl_global_cleanup()
})

test_that("R calls its own interface", {
  if (is.null(dynfind(c("R.so", "R")))) testthat::skip("this R has no shared library of its own")
  r <- smoke_port("R", c("R.so", "R"))
  expect_identical(r$Rf_length(c(1, 2, 3)), 3L)
  expect_identical(r$Rf_ScalarReal(2.5), 2.5)
  expect_identical(r$Rf_mkString("text"), "text")
  expect_identical(r$Rf_eval(quote(1 + 2), globalenv()), 3)
  expect_identical(r$Rf_lang2(as.name("sin"), 1), call("sin", 1))
  expect_identical(r$R_GlobalEnv, globalenv())
  expect_identical(r$R_NaInt, -2^31) # a C int has no NA
  expect_identical(r$Rf_pnorm5(1.96, 0, 1, 1, 0), pnorm(1.96))
  expect_identical(r$TYPEOF("a"), r$STRSXP)
  # an error of R's jumps out of C
  for (i in 1:3) expect_error(r$Rf_error("code %d: %s", 7L, "why"), "code 7: why")
  expect_identical(r$Rf_ScalarInteger(1), 1L)
})
