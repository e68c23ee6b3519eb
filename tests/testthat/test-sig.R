# Signatures: what is one, where the others stop being one, and that no text does harm.

# A call signature is parsed and compiled when a callback is made of it.
parse_call <- function(text) new.callback(text, function(...) NULL)

parse_record <- function(text, env = new.env()) {
  parseStructInfos(text, envir = env)
  env
}

# The result counts only as parsed: names that no library has give a warning.
some_library <- dynfind(c("msvcrt", "c"))
parse_library <- function(text) {
  suppressWarnings(dynbind(some_library, text, envir = new.env()),
                   classes = "dyncall_warning_symbol")
}

offset_of <- function(expr) {
  caught <- tryCatch(expr, error = identity)
  if (!inherits(caught, "dyncall_error_signature")) return(caught)
  caught$offset
}

test_that("valid call signatures are accepted", {
  valid <- c(")v", ")i", "i)i", "BcCsSiIjJlLfdDpZx)v", "i)v)", "d)d)", "*i)v", "**i)v", "***d)v",
             "*v)p", "*kc)i", "k*c)i", "kd)v", "*k*c)v", ")*c", ")**c", ")*kv", "p*p)p",
             "*<Unknown>)v", "**<Unknown>)v", ")*<Unknown>", "<size_t>)<ssize_t>",
             "<float complex>)<double complex>", "*(d)dd)d", "*(*v*v)i)v", ")*(i)v", "*(*(i)v)v)v",
             "*()v)v", "*(i.)v)v", "i[3])v", "d[2][3])v", "d[])v", "*c[16])v", "d[][3])v",
             "Z.)i", "Z.id)i", ".)v", "_sii)i", "_fi)i", "_Fi)i", "_ci)i", "_:i)v", "_e)v", "_+)v",
             "_#)v", "_c*<A B>)v", "<time_t><off_t><wchar_t><char16_t><char32_t>)v",
             " i i ) i ", "* c\n)v", "d\t)\td\t", "<intptr_t><uintptr_t><ptrdiff_t><va_list>)v")
  for (text in valid) {
    expect_true(is.externalptr(parse_call(text)), label = text)
  }
})

test_that("invalid call signatures stop at the byte that is wrong", {
  invalid <- list(
    c("", 0), c("i", 1), c("iii", 3), c("i)", 2), c(")", 1), c("))", 1), c("i)i)i", 4),
    c("i)i))", 4), c("d)dXYZ", 3), c("d)d d", 4), c("d)d;", 3),
    c("v)v", 0), c("iv)v", 1), c("q)v", 0), c("ii?)v", 2), c("i)q", 2), c("i)k", 3), c("*)v", 1),
    c("**)v", 2), c("k)v", 1), c("kki)v", 1), c("<)v", 3), c("<>)v", 1), c("<A)v", 4), c("<A", 2),
    c("i)<A", 4), c("i[3)v", 3), c("i[x])v", 2), c("i[-1])v", 2), c("i[3]])v", 4), c("i[", 2),
    c("v[3])v", 0), c("(i)v)v", 0), c("*(i)v", 5), c("*(i", 3), c("*(iv)i)v", 3), c("i..)v", 2),
    c("i.i.)v", 3), c("_", 1), c("_)v", 1), c("_qi)v", 1), c("__ii)v", 1), c("i)i.", 3),
    c("i)*", 3), c("i)v*", 3), c("i[99999999999999999999999])v", NA), c("i)(i)v", 2), c("i,i)v", 1),
    c("i:3)v", 1), c("i}v", 1), c("i\u00e9)v", 1))
  for (case in invalid) {
    want <- suppressWarnings(as.integer(case[2L]))
    got <- offset_of(parse_call(case[1L]))
    if (is.na(want)) expect_type(got, "integer") else expect_identical(got, want, label = case[1L])
  }
})

test_that("messages show the place under a caret", {
  caught <- tryCatch(parse_call("iiq)v"), error = identity)
  expect_s3_class(caught, "dyncall_error_signature")
  expect_identical(conditionMessage(caught),
                   "signature, byte 3: expected a type, got 'q'\n  iiq)v\n    ^")
  expect_identical(caught$signature, "iiq)v")
  expect_identical(caught$offset, 2L)
  caught <- tryCatch(parse_call("d)d\x01"), error = identity)
  expect_match(conditionMessage(caught), "byte 4: expected the end of the text, got the byte 0x01")
})

test_that("a text that is not ASCII is an error of the package, in any encoding", {
  skip_unless_utf8()
  marked <- function(before, after) {
    text <- paste0(before, "\xe9", after)
    lapply(c("latin1", "bytes", "unknown", "UTF-8"), function(encoding) `Encoding<-`(text, encoding))
  }
  for (text in c(marked("i", ")v"), "i\xe9\xff)v", "i\u4e2d)v", "\u00e9", "i)\U1F600")) {
    expect_s3_class(tryCatch(parse_call(text), error = identity), "dyncall_error_signature")
  }
  for (text in c(marked("A{i", "}a;"), "A{\u4e2d}a;", "A{i\xff}a;", "A{i}\u00e9 b;")) {
    expect_s3_class(tryCatch(parse_record(text), error = identity), "dyncall_error_signature")
  }
  for (text in c(marked("sin(", ")d;"), "sin(\u4e2d)d;", "sin\xff", "sin(d)d\U1F600;")) {
    expect_s3_class(tryCatch(parse_library(text), error = identity), "dyncall_error_signature")
  }
})

test_that("the paper's second parenthesis is accepted, in calls and libraries", {
  library <- need_library_or_skip(c("msvcrt", "m"))
  expect_identical(.dyncall(.dynsym(library, "cos"), "d)d)", 0), 1)
  env <- new.env()
  dynbind(library, "sqrt(d)d;sin(d)d);cos(d)d;", envir = env)
  expect_identical(sort(ls(env)), c("cos", "sin", "sqrt"))
  expect_identical(env$sin(0), 0)
})

test_that("pointers to arrays and arrays of pointers are told apart", {
  env <- parse_record("A{*c[16]i[2][3]}names table;")
  expect_identical(env$A$fields["table", "type"], "i[2][3]")
  expect_identical(env$A$fields["table", "offset"], 16 * .Machine$sizeof.pointer)
  expect_identical(env$A$fields["names", "type"], "*c[16]")
})

test_that("field and type names can be any text", {
  skip_unless_utf8()
  env <- parse_record("\u00c9t\u00e9{ii}\u00fcber c;")
  expect_identical(ls(env), "\u00c9t\u00e9")
  expect_identical(rownames(env[["\u00c9t\u00e9"]]$fields), c("\u00fcber", "c"))
})

test_that("valid records are accepted", {
  sizes <- list("A{}" = 0, "A{};" = 0, "A{i}a;" = 4, "A{ii}a b" = 8, " A { i i } a  b ; " = 8,
                "A{i}a;B{<A><A>}x y;" = 4, "A|id}i d;" = 8, "A{i:3i:5}a b;" = 4,
                "A{c[3]}name;" = 3, "A{i}_;" = 4, "A{*<A>}next;" = .Machine$sizeof.pointer,
                "A{i}time;" = 4, "c{i}c;" = 4, "A\n{\n\ti\n}\n\ta\n;\n" = 4,
                "A{*(i)v}f;" = .Machine$sizeof.pointer)
  for (text in names(sizes)) {
    env <- new.env()
    parse <- if (grepl("|", text, fixed = TRUE)) parseUnionInfos else parseStructInfos
    parse(text, envir = env)
    name <- ls(env)[1L]
    expect_true(is.typeinfo(env[[name]]), label = text)
    expect_identical(as.numeric(env[[name]]$size), as.numeric(sizes[[text]]), label = text)
  }
})

test_that("invalid records stop at the byte that is wrong", {
  invalid <- list(
    c("{i}a;", 0), c("A(i)a;", 1), c("A{i", 3), c("A{q}a;", 2), c("A{v}a;", 2), c("A{i}a b;", 4),
    c("A{i};", 4), c("A{ii}a;", 5), c("A{(i)v}f;", 2), c("A{i:}a;", 4), c("A{i:x}a;", 4),
    c("A{i}a;B{q}b;", 8), c("A{i[}a;", 4), c("A{i.}a;", 3), c("A{i]}a;", 3), c("A B{i}a;", 2))
  for (case in invalid) {
    expect_identical(offset_of(parse_record(case[1L])), as.integer(case[2L]), label = case[1L])
  }
})

test_that("records of the wrong kind, unknown or unsized types are errors", {
  env <- new.env()
  expect_error(parseStructInfos("A|i}a;", envir = env), class = "dyncall_error_signature")
  expect_error(parseUnionInfos("A{i}a;", envir = env), class = "dyncall_error_signature")
  expect_error(parseStructInfos("A{<Nowhere>}a;", envir = env), class = "dyncall_error_type")
  expect_error(parseStructInfos("A{<A>}a;", envir = env), class = "dyncall_error_type")
  expect_error(parseStructInfos("A{i:33}a;", envir = env), class = "dyncall_error_type")
  expect_error(parseStructInfos("A{d:3}a;", envir = env), class = "dyncall_error_type")
  expect_error(parseStructInfos("A{B:2}a;", envir = env), class = "dyncall_error_type")
  expect_error(parseStructInfos("A{i[9999999999][9999999999]}a;", envir = env),
               class = "dyncall_error")
  expect_identical(ls(env), character())
})

test_that("invalid library signatures stop at the byte that is wrong", {
  invalid <- list(c("sin", 3), c("(d)d;", 0), c("sin(d)d)d;", 8), c("sin(d;", 5), c("sin(q)d;", 4),
                  c("sin(d)d;cos(q)d;", 12), c("sin(d)d x y;", 8), c("sin(d", 5), c("sin(d)", 6),
                  c("sin cos(d)d;", 4), c("sin)d", 3))
  for (case in invalid) {
    expect_identical(offset_of(parse_library(case[1L])), as.integer(case[2L]), label = case[1L])
  }
})

test_that("blanks do not matter in library signatures", {
  library <- need_library_or_skip(c("msvcrt", "m"))
  env <- new.env()
  dynbind(library, c("\n  sqrt ( d ) d x ;\n", "\tpow( d d )d\n x  y;;; cos(d)d"), envir = env)
  expect_identical(names(formals(env$pow)), c("x", "y"))
  expect_identical(env$pow(2, 10), 1024)
  expect_identical(env$sqrt(x = 16), 4)
  expect_identical(env$cos(0), 1)
})

# ---- harm ----

test_that("long texts are parsed", {
  callback <- parse_call(paste0(strrep("d", 10000), ")v"))
  expect_true(is.externalptr(callback))
  names <- paste0("f", 1:20000)
  env <- parse_record(paste0("A{", strrep("i", 20000), "}", paste(names, collapse = " "), ";"))
  expect_identical(as.numeric(env$A$size), 80000)
  expect_identical(env$A$fields["f20000", "offset"], 79996)
  expect_identical(offset_of(parse_call(strrep("i", 100000))), 100000L)
  expect_identical(offset_of(parse_call(paste0(strrep("i", 50000), "q)v"))), 50000L)
  long <- strrep("N", 5000)
  expect_true(is.externalptr(parse_call(paste0("*<", long, ">)v"))))
  env <- parse_record(paste0(long, "{i}", long, ";"))
  expect_identical(ls(env), long)
})

test_that("deep nesting ends in an error, not in the stack", {
  for (depth in c(65, 1000, 1e5)) {
    for (open in c("*", "*(", "*(i*(")) {
      text <- paste0(strrep(open, depth), "i)v")
      expect_s3_class(tryCatch(parse_call(text), error = identity), "dyncall_error_signature")
    }
    expect_s3_class(tryCatch(parse_call(paste0("i", strrep("[1]", depth), ")v")), error = identity),
                    "dyncall_error_signature")
    expect_s3_class(tryCatch(parse_record(paste0("A{", strrep("*", depth), "i}a;")),
                             error = identity), "dyncall_error_signature")
  }
  expect_true(is.externalptr(parse_call(paste0(strrep("*", 60), "i)v"))))
})

# Names with other bytes are none in other locales.
highest <- if (l10n_info()[["UTF-8"]]) 255L else 127L

# One to four random changes of the bytes of a text, never a nul.
mutate <- function(text) {
  bytes <- charToRaw(text)
  alphabet <- charToRaw("BcCsSiIjJlLfdDpZxv*<>()[]{}|:;.,_k 0123456789AaTtime\n\t")
  for (k in seq_len(sample.int(4L, 1L))) {
    at <- sample.int(length(bytes) + 1L, 1L)
    byte <- if (stats::runif(1) < 0.85) alphabet[sample.int(length(alphabet), 1L)]
            else as.raw(sample.int(highest, 1L))
    bytes <- switch(sample.int(4L, 1L),
      append(bytes, byte, at - 1L),
      bytes[-at],
      replace(bytes, min(at, length(bytes)), byte),
      append(bytes, bytes[seq_len(sample.int(length(bytes), 1L))], at - 1L))
    if (!length(bytes)) bytes <- charToRaw("i")
  }
  rawToChar(bytes)
}

bases <- list(
  call = c("ii)i", "*<Rect>d)v", "BcCsSiIjJlLfdDpZx)v", "*(*v*v)iZ.id)*c", "_s<size_t>*kc)i",
           "i[3][4]**d)p", "d)d)", "*<A>*(d)d<time_t>)*<B>"),
  record = c("Rect{ssSS}x y w h;", "A{i}a;B{<A>[3]*<B>}a next;", "C|idc[16]}i d text;",
             "D{i:3I:5_}a b;", "E{*(i)vZp<size_t>}f s p n;"),
  library = c("sqrt(d)d;sin(d)d);cos(d)d;", "pow(dd)d x y;atan2(dd)d;", "printf(Z.)i;memcpy(pp<size_t>)p;",
              "qsort(*v<size_t><size_t>*(*v*v)i)v base n size compare;"))

# The texts for which a parser raised something that is not the package's, at most three.
harmed <- function(kind, parse, n) {
  harm <- character()
  for (k in seq_len(n)) {
    base <- bases[[kind]]
    text <- mutate(base[sample.int(length(base), 1L)])
    caught <- tryCatch({
      parse(text)
      NULL
    }, error = identity)
    if (!is.null(caught) && !inherits(caught, "dyncall_error")) {
      harm <- c(harm, paste(deparse(text), class(caught)[1L], conditionMessage(caught)))
    }
  }
  utils::head(harm, 3L)
}

test_that("random texts raise conditions of the package and nothing else", {
  fresh <- sample.int(.Machine$integer.max, 1L)
  old <- get(".Random.seed", globalenv())
  on.exit(assign(".Random.seed", old, globalenv()))
  for (seed in c(20240501L, fresh)) {
    set.seed(seed)
    expect_identical(harmed("call", parse_call, 1000), character(), label = paste("seed", seed))
    expect_identical(harmed("record", parse_record, 1000), character(), label = paste("seed", seed))
    expect_identical(harmed("library", parse_library, 1000), character(), label = paste("seed", seed))
  }
  message("signatures mutated with seeds 20240501 and ", fresh)
})

test_that("sizes that no memory has are errors, whatever they come from", {
  wide <- .Machine$sizeof.pointer == 8
  parseStructInfos(if (wide) "Giant{c[1073741824]}a;" else "Giant{c[8192]}a;")
  half <- if (wide) "<Giant>[268435456]" else "<Giant>[8192]" # of what an object may have
  many <- if (wide) "<Giant>[1099511627776]" else "<Giant>[65536]"
  for (text in c("Sum{HH}a b;", "Sum{HHHi}a b c d;", "Sum{HHH}a b c;", "Sum{Hc[1]HHHi}a b c d e f;")) {
    expect_error(parseStructInfos(gsub("H", half, text)), class = "dyncall_error_type", regexp = "memory")
  }
  expect_error(.unpack(raw(1), 0, many), class = "dyncall_error_type")
  expect_error(parseTypedefs(paste0("Many=", many, ";")), class = "dyncall_error_type")
  expect_error(parseUnionInfos(paste0("U|", many, "i}a b;")), class = "dyncall_error_type")
})

test_that("names come before attributes", {
  expect_error(parseStructInfos("A{ii}a @pack=4 b;"), class = "dyncall_error_signature",
               regexp = "names before attributes")
})
