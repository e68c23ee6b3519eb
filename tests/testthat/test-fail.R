# Failures of C functions as conditions: rules for results, errno, enums, functions that judge.

failing <- function(signature, envir = new.env()) {
  parseEnumInfos("outcome{FINE BUSY=5 BROKEN=9};", envir = envir)
  dynbind(fixture("params"), paste0(signature, ";"), envir = envir)
  envir
}

foreign <- function(expr) tryCatch({
  expr
  NULL
}, dyncall_error_foreign = identity)

test_that("a failure has a class and fields", {
  f <- failing("fail_as(ii)i result error @fail=negative,errno")$fail_as
  e <- foreign(f(-1L, 2L))
  expect_s3_class(e, c("dyncall_error_foreign", "dyncall_error", "error", "condition"), exact = TRUE)
  expect_identical(e$`function`, "fail_as")
  expect_identical(e$code, 2L)
  expect_identical(e$errno, 2L)
  expect_identical(e$name, "ENOENT")
  expect_identical(e$reason, unname(dynstrerror(2)))
  expect_identical(conditionMessage(e), paste0(
    "fail_as: expected a result that is not negative, got -1 (ENOENT, ", dynstrerror(2), ")"))
  expect_identical(conditionCall(e), quote(f(-1L, 2L)))
  expect_identical(tryCatch(f(-1L, 13L), dyncall_error = function(e) e$name), "EACCES")
})

test_that("rules for the result", {
  fails <- function(rule, ...) {
    f <- failing(paste0("fail_as(ii)i result error @optional=error:-1 @fail=", rule))$fail_as
    vapply(c(...), function(x) !is.null(foreign(f(x))), NA)
  }
  expect_identical(fails("negative", -2L, -1L, 0L, 1L), c(TRUE, TRUE, FALSE, FALSE))
  expect_identical(fails("zero", -1L, 0L, 1L), c(FALSE, TRUE, FALSE))
  expect_identical(fails("nonzero", -1L, 0L, 1L), c(TRUE, FALSE, TRUE))
  expect_identical(fails("-1", -2L, -1L, 0L), c(FALSE, TRUE, FALSE))
  expect_identical(fails("-1|0x10", -1L, 16L, 15L), c(TRUE, TRUE, FALSE))
  expect_identical(fails("!0|100|101", 0L, 100L, 101L, 1L), c(FALSE, FALSE, FALSE, TRUE))
  f <- failing("address(i*i)p wanted error @out=error @fail=null @code=error")$address
  expect_false(is.nullptr(f(1L)))
  e <- foreign(f(0L))
  expect_identical(e$code, 77L)
  expect_match(conditionMessage(e), "address: expected a result that is not null, got a null pointer \\(code 77\\)")
  cell <- integer(1)
  e <- foreign(f(0L, cell)) # what the caller passed says the same
  expect_identical(c(cell, e$code), c(77L, 77L))
  f <- failing("address(i*i)p wanted error @out=error @fail=null")$address
  expect_identical(conditionMessage(foreign(f(0L))), "address: expected a result that is not null, got a null pointer")
})

test_that("results of 64 bits are judged by their values, however they are shown", {
  options(rdyncall.int64 = "integer64")
  on.exit(options(rdyncall.int64 = NULL))
  parseEnumInfos("huge:l{LATE=-9 EARLY=-5};", e <- new.env())
  dynbind(fixture("map"), "same_l(l)l x @fail=negative; same_L(L)L x @fail=18446744073709551615;", envir = e)
  expect_s3_class(e$same_l(5), "integer64")
  failure <- foreign(e$same_l(-5))
  expect_s3_class(failure$code, "integer64")
  expect_identical(conditionMessage(failure), "same_l: expected a result that is not negative, got -5")
  expect_s3_class(e$same_L(2^63), "uint64")
  most <- .unpack(as.raw(rep(255, 8)), 0, "L")
  expect_identical(conditionMessage(foreign(e$same_L(most))),
                   "same_L: expected a result other than 18446744073709551615, got 18446744073709551615")
  dynbind(fixture("map"), "same_l(<huge>)<huge> x @fail=EARLY|LATE", envir = e)
  failure <- foreign(e$same_l("LATE"))
  expect_identical(failure$name, "LATE")
  expect_match(conditionMessage(failure), "got -9 (LATE)", fixed = TRUE)
})

test_that("the last error of a system without one is none", {
  skip_on_windows()
  f <- failing("fail_as(ii)i result error @fail=negative,lasterror")$fail_as
  expect_identical(f(-1L, 5L), -1L)
  expect_identical(dynlasterror(), 0L)
})

test_that("errno is 0 before the call and decides with the result", {
  both <- failing("fail_as(ii)i result error @fail=negative,errno")$fail_as
  dynerrno(5)
  expect_identical(both(-1L, 0L), -1L) # -1 and no error
  dynerrno(5)
  expect_identical(both(-1L, -1L), -1L) # what an earlier call left does not count
  expect_identical(both(3L, 2L), 3L)
  expect_identical(dynerrno(), 2L)
  only <- failing("fail_as(ii)i result error @fail=errno")$fail_as
  expect_identical(foreign(only(3L, 2L))$code, 2L)
  expect_identical(only(3L, -1L), 3L)
  # a rule without errno leaves it alone
  plain <- failing("fail_as(ii)i result error @fail=negative")$fail_as
  dynerrno(5)
  expect_identical(foreign(plain(-7L, -1L))[c("code", "errno")], list(code = -7L, errno = 5L))
  # an errno without a name or a message
  e <- foreign(only(0L, 54321L))
  expect_null(e$name)
  expect_identical(e$code, 54321L)
})

test_that("labels of enums and constants", {
  f <- failing("work(<outcome>)<outcome> how @fail=BUSY|BROKEN")$work
  expect_identical(f("FINE"), c(FINE = 0L))
  e <- foreign(f("BUSY"))
  expect_identical(e[c("code", "name")], list(code = 5L, name = "BUSY"))
  expect_identical(conditionMessage(e), "work: expected a result other than BUSY or BROKEN, got 5 (BUSY)")
  expect_identical(f(7L), 7L)
  others <- failing("work(<outcome>)<outcome> how @fail=!FINE|BUSY")$work
  expect_identical(others("BUSY"), c(BUSY = 5L))
  expect_identical(foreign(others("BROKEN"))$name, "BROKEN")
  expect_identical(foreign(others(8L))[c("code", "name")], list(code = 8L, name = NULL))
  env <- new.env()
  env$E_FULL <- -28
  constant <- failing("fail_as(ii)i result error @fail=E_FULL|-3 @optional=error:-1", env)$fail_as
  expect_identical(foreign(constant(-28L))$name, "E_FULL")
  expect_null(foreign(constant(-3L))$name)
  expect_null(foreign(constant(-2L)))
  unknown <- failing("work(<outcome>)<outcome> how @fail=LATE")$work
  expect_error(unknown(0L), class = "dyncall_error_type", regexp = "work: expected .*label.*'LATE'.*got outcome")
})

test_that("functions judge, and tell code and message", {
  env <- new.env()
  env$odd <- function(x) x %% 2L == 1L
  env$says <- function(x, error) if (x > 10L) paste("too much:", x, error)
  env$wrong <- function(x) 7
  env$breaks <- function(x) stop("no verdict")
  env$last_code <- function() 123L
  env$words <- function(code, x, result) paste("code", code, "of", x, result)
  f <- failing("fail_as(ii)i result error @fail=odd(result) @optional=error:-1", env)$fail_as
  expect_identical(f(2L), 2L)
  e <- foreign(f(3L))
  expect_identical(conditionMessage(e), "fail_as: expected a result that odd accepts, got 3")
  f <- failing("fail_as(ii)i x error @fail=says(result,error)", env)$fail_as
  expect_identical(f(10L, -1L), 10L)
  expect_identical(foreign(f(11L, -1L))$reason, "too much: 11 -1")
  f <- failing("fail_as(ii)i x error @fail=negative,odd(result) @optional=error:-1", env)$fail_as
  expect_identical(c(f(3L), f(-2L)), c(3L, -2L))
  expect_identical(foreign(f(-3L))$code, -3L)
  f <- failing("fail_as(ii)i x error @fail=wrong(result)", env)$fail_as
  expect_error(f(1L, 0L), class = "dyncall_error_argument", regexp = "result of wrong: expected TRUE, FALSE, NULL")
  f <- failing("fail_as(ii)i x error @fail=breaks(result)", env)$fail_as
  expect_error(f(1L, 0L), "no verdict", class = "simpleError")
  f <- failing("fail_as(ii)i x error @fail=negative @code=last_code() @message=words(code,x,result)", env)$fail_as
  e <- foreign(f(-4L, 0L))
  expect_identical(e[c("code", "reason")], list(code = 123L, reason = "code 123 of -4 -4"))
  expect_match(conditionMessage(e), "got -4 (code 123, code 123 of -4 -4)", fixed = TRUE)
})

test_that("a result that is code is judged as it is", {
  is_sum <- function(x) identical(x, quote(a + b))
  dynbind(fixture("map"), "same_x(x)x value @fail=is_sum(result)")
  expect_identical(same_x(quote(a)), quote(a))
  expect_identical(same_x(quote(a + c)), quote(a + c))
  expect_identical(conditionMessage(foreign(same_x(quote(a + b)))), paste(
    "same_x: expected a result that is_sum accepts, got an object of class 'call' and length 3"))
})

test_that("a status that was checked is not returned", {
  f <- failing("item_new(i**<item>)i id out @out=out @fail=nonzero @free=out:item_free @message=explain(code);
                item_free(*<item>)v x; items_live()i; explain(i)Z code; item_id(*<item>)i x;
                text_new(i**c)i fails text @out=text @free=text:text_free @fail=negative @message=text; text_free(*c)v x")
  before <- f$items_live()
  x <- f$item_new(5L)
  expect_identical(f$item_id(x), 5L)
  dynfree(x)
  # what a failed call has made is freed, and its message is copied before
  e <- foreign(f$item_new(-1L))
  expect_identical(e[c("code", "reason")], list(code = 41L, reason = "an item of one"))
  expect_identical(f$items_live(), before)
  expect_identical(f$text_new(0L), 0L)
  e <- foreign(f$text_new(1L))
  expect_identical(e$reason, "no text")
  expect_identical(c(e$errno, dynerrno()), c(0L, 0L)) # not that of text_free()
  expect_identical(f$items_live(), before)
  # memory of the caller stays his
  cell <- new.array("*<item>", 1)
  expect_false(is.null(foreign(f$item_new(-2L, cell))))
  expect_identical(f$items_live(), before + 1L)
  expect_identical(f$item_id(cell[[1]]), -2L)
  f$item_free(cell[[1]])
})

test_that("rules that make no sense are refused where they are written", {
  bad <- function(attributes, regexp, class = "dyncall_error_signature") {
    expect_error(failing(paste("fail_as(ii)i x error", attributes)), class = class, regexp = regexp, info = attributes)
  }
  bad("@fail", "value behind '='")
  bad("@fail=,", "a rule")
  bad("@fail=negative,zero", "one rule for the result at most")
  bad("@fail=!", "fail_as: expected negative, zero")
  bad("@fail=a||b", "expected negative, zero")
  bad("@fail=1x", "expected negative, zero")
  bad("@fail=is.na(result),is.na(x)", "one function at most")
  bad("@fail=is.na(y)", "arguments of x, error, result behind '@fail=', got 'y'")
  bad("@fail=zero @message=nothing", "a parameter of x, error")
  bad("@fail=zero @code=is.na(code)", "arguments of")
  bad("@fail=no_such_function(x)", "behind '@fail='", "dyncall_error_symbol")
  bad("@fail=zero @message=no_such_function()", "behind '@message='", "dyncall_error_symbol")
  wrong <- function(signature, regexp, ...) {
    expect_error(failing(signature)$positive(...), class = "dyncall_error_type", regexp = regexp, info = signature)
  }
  wrong("positive(I)I x @fail=negative", "positive: expected a result that can be negative, .* got unsigned int", 1)
  wrong("positive(I)I x @fail=null", "a result that is a pointer", 1)
  wrong("positive(I)p x @fail=zero", "a result that is a number", 1)
  wrong("positive(I)v x @fail=zero", "a result that is a number", 1)
})

test_that("open(), strtol() and getaddrinfo() of the system", {
  skip_on_windows()
  c <- new.env()
  dynbind(c("c.so.6", "c"), "open(Zi.)i path flags @fail=negative,errno; close(i)i fd @fail=negative,errno;
    read(ip<size_t>)<ssize_t> fd buf count @buffer=buf[4096]:count @used=buf:result @fail=negative,errno;
    strtol(Z*Zi)j text end base @out=end @optional=base:10 @fail=errno;
    mkdir(ZI)i path mode @fail=nonzero,errno @optional=mode:0x1c0;
    gai_strerror(i)Z code; getaddrinfo(ZZp*p)i node service hints res @optional=node,service,hints @out=res
      @free=res:freeaddrinfo @fail=nonzero @message=gai_strerror(code); freeaddrinfo(p)v res;
    time(*<time_t>)<time_t> t @optional=t;", envir = c)
  e <- foreign(c$open(file.path(tempdir(), "no such file"), 0L))
  expect_identical(e[c("function", "name")], list(`function` = "open", name = "ENOENT"))
  file <- tempfile()
  on.exit(unlink(file))
  writeLines("four", file)
  fd <- c$open(file, 0L)
  expect_identical(c$read(fd), charToRaw("four\n"))
  expect_identical(c$read(fd), raw())
  expect_identical(c$close(fd), 0L)
  expect_identical(foreign(c$close(fd))$name, "EBADF")
  expect_identical(foreign(c$mkdir(tempdir()))$name, "EEXIST")
  expect_identical(c$strtol("12 apples"), list(result = 12, end = " apples"))
  expect_identical(c$strtol("ff", base = 16L)$result, 255)
  e <- suppressWarnings(foreign(c$strtol(strrep("9", 30))))
  expect_identical(e$name, "ERANGE")
  e <- foreign(c$getaddrinfo("127.0.0.1", "no-such-service-at-all"))
  expect_true(e$code != 0L)
  expect_identical(e$reason, c$gai_strerror(e$code))
  expect_false(is.nullptr(c$getaddrinfo("127.0.0.1")))
  expect_gt(c$time(), 1.6e9)
})

test_that("SQLite", {
  need_library_or_skip(c("sqlite3.so.0", "sqlite3"))
  db_port <- dynport(sqlite3, attach = FALSE)
  opened <- db_port$sqlite3_open
  dyndeclare("sqlite3_open @out=ppDb @free=ppDb:sqlite3_close @fail=nonzero @message=sqlite3_errmsg(ppDb);
    sqlite3_open_v2 @out=ppDb @free=ppDb:sqlite3_close @optional=flags:6,zVfs @fail=nonzero @message=sqlite3_errmsg(ppDb);
    sqlite3_prepare_v2 @length=nByte:zSql @out=ppStmt,pzTail @free=ppStmt:sqlite3_finalize @fail=nonzero
      @message=sqlite3_errmsg(db);
    sqlite3_exec db sql callback data errmsg @optional=callback,data @out=errmsg @free=errmsg:sqlite3_free
      @fail=nonzero @message=errmsg;
    sqlite3_step @fail=!SQLITE_ROW|SQLITE_DONE @message=sqlite3_errstr(code)", db_port)
  sql <- db_port
  expect_identical(formals(sql$sqlite3_open), formals(opened))
  dynscope({
    db <- sql$sqlite3_open(":memory:")
    expect_s3_class(db, "struct")
    expect_identical(sql$sqlite3_exec(db, "create table t(a integer unique); insert into t values (7)"), 0L)
    e <- foreign(sql$sqlite3_exec(db, "insert into t values (7)"))
    expect_identical(e[c("function", "code", "name")], list(`function` = "sqlite3_exec", code = 19L, name = NULL))
    expect_match(e$reason, "UNIQUE")
    s <- sql$sqlite3_prepare_v2(db, "select a from t; select 2")
    expect_identical(s$pzTail, " select 2")
    expect_identical(sql$sqlite3_step(s$ppStmt), 100L)
    expect_identical(sql$sqlite3_column_int(s$ppStmt, 0L), 7L)
    expect_identical(sql$sqlite3_step(s$ppStmt), 101L)
    e <- foreign(sql$sqlite3_prepare_v2(db, "selekt"))
    expect_match(conditionMessage(e), "sqlite3_prepare_v2: expected 0, got 1 (near \"selekt\": syntax error)", fixed = TRUE)
    insert <- sql$sqlite3_prepare_v2(db, "insert into t values (7)")$ppStmt
    expect_identical(foreign(sql$sqlite3_step(insert))$code, 19L)
    e <- foreign(sql$sqlite3_open_v2(file.path(tempdir(), "none", "x.db")))
    expect_identical(e$code, 14L)
    expect_match(e$reason, "unable to open")
    # as in C
    cell <- new.array("*<sqlite3>", 1)
    expect_identical(sql$sqlite3_open(":memory:", cell), 0L)
    expect_identical(sql$sqlite3_close(cell[[1]]), 0L)
  })
})

test_that("zlib, curl and OpenSSL", {
  need_library_or_skip(c("z.so.1", "z"))
  z <- dynport(zlib, attach = FALSE)
  dyndeclare("compress @buffer=dest[1000]:destLen @length=sourceLen:source @fail=!Z_OK @message=zError(code);
              uncompress @buffer=dest:destLen @length=sourceLen:source @fail=!Z_OK @message=zError(code)", z)
  text <- charToRaw(strrep("rdyncall ", 50))
  packed <- z$compress(source = text)
  expect_lt(length(packed), 100L)
  expect_identical(z$uncompress(, length(text), packed), text)
  e <- foreign(z$uncompress(, 10, packed))
  expect_identical(e[c("code", "reason")], list(code = -5L, reason = "buffer error"))

  need_library_or_skip(c("ssl.so.3", "ssl"))
  ssl <- dynport(openssl, attach = FALSE)
  dyndeclare("ERR_error_string @optional=buf;
              SSL_CTX_use_certificate_file @fail=!1 @code=ERR_get_error() @message=ERR_error_string(code);
              EVP_DigestFinal_ex @fail=!1; EVP_DigestUpdate @length=cnt:d @fail=!1", ssl)
  context <- ssl$SSL_CTX_new(ssl$TLS_method())
  ssl$ERR_clear_error()
  e <- foreign(ssl$SSL_CTX_use_certificate_file(context, file.path(tempdir(), "none.pem"), 1L))
  expect_match(e$reason, "^error:.*(No such file|system lib|BIO lib)")
  expect_gt(e$code, 0)
  ssl$SSL_CTX_free(context)
  digest <- ssl$EVP_MD_CTX_new()
  ssl$EVP_DigestInit_ex(digest, ssl$EVP_sha256(), NULL)
  ssl$EVP_DigestUpdate(digest, "abc")
  expect_identical(paste(ssl$EVP_DigestFinal_ex(digest)$md, collapse = ""),
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  ssl$EVP_MD_CTX_free(digest)

  need_library_or_skip(c("curl.so.4", "curl"))
  curl <- dynport(curl, attach = FALSE)
  dyndeclare("curl_easy_perform @fail=!CURLE_OK @message=curl_easy_strerror(code)", curl)
  handle <- curl$curl_easy_init()
  curl$curl_easy_setopt(handle, "CURLOPT_URL", "no-such-protocol://x")
  e <- foreign(curl$curl_easy_perform(handle))
  expect_identical(e[c("code", "name")], list(code = 1L, name = "CURLE_UNSUPPORTED_PROTOCOL"))
  expect_match(e$reason, "rotocol")
  curl$curl_easy_cleanup(handle)
})

test_that("names and messages of error numbers", {
  expect_identical(names(dynstrerror(c(0, 2, 13))), c("", "ENOENT", "EACCES"))
  expect_match(dynstrerror(2), "[Nn]o such file")
  dynerrno(2)
  expect_identical(dynstrerror(), dynstrerror(2L))
  expect_length(dynstrerror(integer()), 0L)
  expect_error(dynstrerror("a"), class = "dyncall_error_argument")
  expect_error(dynstrerror(NA_integer_), class = "dyncall_error_argument")
  expect_error(dynstrerror(1e12), class = "dyncall_error_argument")
  expect_type(dynlasterror(), "integer")
})
