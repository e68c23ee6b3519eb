# When the system has no memory, an operation fails with a classed error and works the next time. Every
# block that the package asks for is refused once.

# Runs each function of `work` in an R whose allocator refuses. It gets how many types come first, by which
# the ends of the arena's chunks move over the others, and a word that no text had before, so that nothing
# is found in a cache. Those that `may_go_on` know a way without the block.
expect_refusals <- function(work, before = 0:12, setup = character(), may_go_on = character(),
                            at_least = 2L * length(before)) {
  skip_unless_linux()
  skip_when_preloaded()
  file <- tempfile(fileext = ".R")
  on.exit(unlink(file))
  dump(c("work", "may_go_on"), file)
  child <- in_child(c(setup,
    sprintf("source(%s)", deparse(file)),
    "refuse <- .dynsym(.dynload(''), 'refuse')",
    "outcome <- function(...) tryCatch({ f(...); 'done' }, error = function(e) class(e)[1L])",
    "for (name in names(work)) {",
    "  f <- work[[name]]",
    "  refused <- 0L",
    "  wrong <- character()",
    sprintf("  for (n in %s) for (k in 1:1000) {", deparse(before)),
    "    word <- paste0('w', n, '_', k)",
    "    invisible(.dyncall(refuse, 'ii)i', k, 0L))",
    "    got <- outcome(n, word)",
    "    if (!.dyncall(refuse, 'ii)i', 0L, 0L)) break",
    "    refused <- refused + 1L",
    "    again <- outcome(n, word)",
    "    good <- got == 'dyncall_error_memory' || got == 'done' && name %in% may_go_on",
    "    if (!good || again != 'done') wrong <- c(wrong, paste(n, k, got, again))",
    "  }",
    "  cat(name, refused, got == 'done', unique(wrong), sep = ';')",
    "  cat('\\n')",
    "}"
  ), env = paste0("LD_PRELOAD=", shQuote(fixture_file("nomemory"))))
  expect_identical(child$status, 0L, info = child$output)
  rows <- strsplit(strsplit(child$output, "\n")[[1L]], ";")
  expect_identical(vapply(rows, `[`, "", 1L), names(work), info = child$output)
  for (row in rows) {
    expect_gte(as.integer(row[2L]), at_least, label = row[1L])
    # the last round refused nothing any more
    expect_identical(row[-(1:2)], "TRUE", info = row[1L])
  }
}

test_that("signatures and types, whatever block is refused", {
  expect_refusals(may_go_on = "callback", list( # libffi then does what is faster without it
    callback = function(n, word) {
      text <- paste0(strrep("*i", n), "k*ki[3]*<", word, ">*(_ck<size_t>Z.*(<", word, ">)v)k*v*i[2])kd")
      new.callback(text, function(...) 0)
    },
    record = function(n, word) {
      names <- paste(c(paste0("a", seq_len(n + 4L)), "@pack=4"), collapse = " ")
      parseStructInfos(paste0(word, "{", strrep("*i", n), "k*ki[3]*<", word, ">*(k<size_t>)vI:5}", names,
                              ";"))
    },
    union = function(n, word) {
      parseUnionInfos(paste0(word, "|", strrep("*i", n), "d}", paste0("a", 0:n, collapse = " "), ";"))
    },
    alias = function(n, word) parseTypedefs(paste0(word, "=*(", strrep("*i", n), ")*<", word, ">;")),
    enum = function(n, word) {
      parseEnumInfos(paste0(word, "{", paste0("A", seq_len(12 * n + 1L), collapse = " "), "};"))
    },
    unpack = function(n, word) .unpack(raw(400), 0, paste0("*(", strrep("*i", n), "*<", word, ">)v[2]"))
  ))
})

test_that("values of aggregates, whatever block is refused", {
  types <- c("for (i in 1:20) parseStructInfos(sprintf('In%d{di}a b;', i), globalenv())",
             "parseStructInfos('Half{is}a b @align=16; Empty{};', globalenv())")
  expect_refusals(setup = types, may_go_on = "by_value", list(
    by_value = function(n, word) {
      inner <- paste0("<In", seq_len(n + 1L), ">", collapse = "")
      new.callback(paste0(inner, "<Half><Empty>*<", word, ">)<Half>"), function(...) NULL)
    },
    many_names = function(n, word) {
      inner <- paste0("<In", seq_len(8L + n), ">", collapse = "")
      parseStructInfos(paste0(word, "{", inner, "}", paste0("a", seq_len(8L + n), collapse = " "), ";"))
    },
    cast = function(n, word) {
      parseStructInfos(paste0(word, "{", strrep("*i", n), "i}", paste0("a", 0:n, collapse = " "), ";"))
      x <- unserialize(serialize(new.struct(get(word)), NULL))
      x$a0
    }
  ))
})

test_that("libraries, bound functions and ports, whatever block is refused", {
  need_library_or_skip(c("m", "msvcrt"))
  lines <- c("#!dynport 2", "Library: m", "[const]", paste0("C", 1:70, "=\"text\";"), "R=1.5;",
             "[enum]", paste0("e{", paste0("L", 1:80, collapse = " "), "};"), "[type]", "t=*i;",
             "[struct]", "s{ii}a b;", "[alias]", "same=sqrt;", "[var]", "v:i;", "[func]", "sqrt(d)d x;")
  file <- tempfile(fileext = ".dynport")
  on.exit(unlink(file))
  writeLines(lines, file)
  setup <- c(sprintf("file <- %s", deparse(file)), "m <- dynfind('m')")
  expect_refusals(setup = setup, may_go_on = "bind", list(
    symbols = function(n, word) dynlist(m),
    bind = function(n, word) {
      env <- new.env()
      names <- paste0("a", 0:(n + 1L), collapse = " ")
      dynbind(m, paste0("sqrt(d", strrep("*i", n), "*<", word, ">)d ", names, "; cos(d)d;"), envir = env)
      do.call(env$sqrt, c(list(4), rep(list(NULL), n + 1L)))
      utils::capture.output(print(env$sqrt))
    }), before = 0:5)
  expect_refusals(setup = setup, list(port = function(n, word) {
    writeLines(c(readLines(file), paste0("cos(d", strrep("*i", n), ")d;")), paste0(file, word))
    on.exit(unlink(paste0(file, word)))
    port <- dynport(port, paste0(file, word), attach = FALSE)
    port$sqrt(4)
    port$s
  }), before = 0:1)
})

test_that("without memory for a note of it, a vector counts as shared", {
  work <- list(pin = function(n, word) {
    pointers <- lapply(1:300, function(i) as.extptr(c(1.5, i)))
    stopifnot(identical(vapply(pointers, .unpack, 0, 8, "d"), as.numeric(1:300)))
    kept <<- c(kept, pointers)
  })
  expect_refusals(work, before = 0:2, may_go_on = "pin", setup = "kept <- list()", at_least = 1L)
})

test_that("a system that refuses executable memory gives an error with its class", {
  skip_unless_linux()
  skip_when_preloaded()
  expect_child_output(c(
    "refuse <- .dynsym(.dynload(''), 'refuse')",
    "apply <- new.callback('pi)i', function(f, x) .dyncall(f, 'D)i', x))",
    "count <- function() .Call(rdyncall:::C_callback_count)[1L]",
    "before <- count()",
    "invisible(.dyncall(refuse, 'ii)i', 0L, 1L))",
    # libffi serves callbacks with long double; those of registers alone need no such memory
    "e <- tryCatch(new.callback('D)i', identity), error = identity)",
    "cat(class(e)[1L], e$code, '')",
    "invisible(.dyncall(refuse, 'ii)i', 0L, 1L))",
    "e <- tryCatch(.dyncall(apply, '*(D)ii)i', function(x) as.integer(x) + 1L, 1L), error = identity)",
    "cat(class(e)[1L], count() - before, '')",
    "cat(.dyncall(apply, '*(D)ii)i', function(x) as.integer(x) + 1L, 1L))"),
    "^dyncall_error_callback CALLBACK_MEMORY dyncall_error_callback 0 2$",
    env = paste0("LD_PRELOAD=", shQuote(fixture_file("nomemory"))))
})

test_that("memory, scopes, pins and objects of C, whatever block is refused", {
  # allocation collects garbage and tries again
  expect_refusals(may_go_on = c("alloc", "debug", "pin", "scope"), before = 0:2, at_least = 3L, list(
    alloc = function(n, word) dynfree(dynalloc("i", n + 1)),
    debug = function(n, word) {
      before <- dyndebug(TRUE)
      on.exit(dyndebug(before))
      dynfree(dynalloc("i", n + 1))
    },
    arena = function(n, word) {
      arena <- new.arena()
      on.exit(dynfree(arena))
      for (i in 0:n) dynalloc("d", 5, arena = arena)
    },
    pin = function(n, word) {
      x <- c(1, n)
      dynfree(dynpin(x))
    },
    own = function(n, word) {
      dynfree(dynown(.unpack(.Machine$double.xmax, 0, "p"), function(p) NULL))
    },
    scope = function(n, word) dynscope({
      x <- dynalloc("i")
      dynscope(n)
      new.callback("i)i", identity)
    })
  ))
})
