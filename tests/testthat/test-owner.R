# Memory that is owned: allocated, freed, cast, kept, in scopes and arenas, pinned, made by C.

parseStructInfos("thing{ii}id value; Point{dd}x y; Entry{*c*i*<Entry>}text numbers rest;")

expect_freed <- function(expr, what = "use after free") {
  expect_error(expr, what, class = "dyncall_error_pointer")
}

# What is live that was not before.
new_leaks <- function(before) setdiff(dynleaks()$address, before)

things <- function() {
  env <- new.env()
  dynbind(fixture("owner"), paste0(
    "thing_new(i)*<thing> id @free=thing_close; thing_close(*<thing>)i x; things_live()i; ",
    "things_closed(*i)i out; thing_same(*<thing>)*<thing> x; text_new(Z)Z from @free=text_free; ",
    "texts_live()i; thing_const()*k<thing>; const_numbers()*ki; entry_total(*<Entry>)i e; ",
    "entry_keep(*<Entry>)v e; entry_kept_total()i; buffer_first()i; buffer_set(*ii)v where n; buffer_fill(i)i value; poke(pii)v where offset value; at(pi)p where offset;"),
    envir = env)
  env$order <- function() {
    out <- integer(64)
    n <- env$things_closed(out)
    out[seq_len(n)]
  }
  env$order()
  env
}

# ---- memory ----

test_that("dynalloc gives an array over new memory", {
  for (case in list(list("i", 1:3), list("d", c(0.5, NA, Inf)), list("c", c(-1L, 0L, 127L)),
                    list("B", c(TRUE, FALSE, TRUE)), list("f", c(0.5, 1, 2)), list("L", c(0, 1, 2^53)),
                    list("<double complex>", c(1i, 2, 0i)))) {
    x <- dynalloc(case[[1]], 3)
    expect_s3_class(x, "carray")
    expect_true(is.externalptr(x))
    expect_identical(length(x), 3L)
    expect_true(all(x[] == 0))
    x[] <- case[[2]]
    expect_equal(x[], case[[2]])
    expect_equal(x[2:3], case[[2]][2:3])
    expect_equal(x[[3]], case[[2]][3])
    dynfree(x)
  }
  expect_identical(length(dynalloc("d")), 1L)
  expect_identical(length(dynalloc("d", 0)), 0L)
  x <- dynalloc("i", 4, zero = FALSE)
  x[] <- 5:8
  expect_identical(x[], 5:8)
})

test_that("arrays of structs in memory have fields and elements that refer to it", {
  p <- dynalloc(Point, 3)
  p$x <- 1:3
  p[[2]]$y <- 5
  p[3] <- list(list(x = 30, y = 40))
  expect_identical(p$x, c(1, 2, 30))
  expect_identical(p$y, c(0, 5, 40))
  second <- p[[2]]
  second$x <- -1
  expect_identical(p$x, c(1, -1, 30))
  expect_identical(as.data.frame(p)$y, c(0, 5, 40))
  dynfree(p)
  expect_freed(second$x)
  expect_freed(second$x <- 1)
  expect_freed(p$x)
})

test_that("memory is aligned as its type asks for", {
  parseStructInfos("Wide{d}x @align=256;")
  for (debug in c(FALSE, TRUE)) {
    before <- dyndebug(debug)
    at <- vapply(1:20, function(i) {
      as.numeric(rdyncall:::pointer_text(dynkeep(dynalloc(Wide, i, zero = i %% 2 == 0)))) %% 256
    }, 0)
    arena <- new.arena()
    parts <- vapply(1:20, function(i) {
      as.numeric(rdyncall:::pointer_text(dynalloc(Wide, 1, arena = arena))) %% 256
    }, 0)
    dyndebug(before)
    expect_identical(c(at, parts), rep(0, 40))
  }
})

test_that("sizes and types that cannot be are refused", {
  expect_error(dynalloc("d", 1e14), class = "dyncall_error_memory")
  for (n in list(-1, NA, "2", 1e300, c(1, 2), Inf)) {
    expect_error(dynalloc("d", n), class = "dyncall_error_argument")
  }
  expect_error(dynalloc("v", 1), class = "dyncall_error")
  expect_error(dynalloc("<Nothing>", 1), class = "dyncall_error_type")
  expect_error(dynalloc("", 1), class = "dyncall_error_signature")
  expect_error(dynalloc(1, 1), class = "dyncall_error_argument")
  expect_error(dynalloc("i", 1, zero = NA), class = "dyncall_error_argument")
  expect_error(dynalloc("i", 1, arena = 1), class = "dyncall_error_pointer")
  expect_error(dynalloc("i", 1, arena = dynalloc("i")), class = "dyncall_error_pointer")
})

test_that("no view of freed memory can be used", {
  x <- dynalloc("i", 10)
  x[] <- 1:10
  views <- list(x, dyncast(x, "C"), dyncast(x, "i", 2), as.carray(x, "s", 20), offsetPtr(x, 4),
                offsetPtr(offsetPtr(x, 8), 8), offsetPtr(dyncast(x, "C"), 3), as.struct(x, Point),
                as.carray(as.struct(x, Point), "d", 2), fixture_call("owner", "at", "pi)p", x, 8L))
  expect_identical(.unpack(views[[5]], 0, "i"), 2L)
  expect_identical(.unpack(views[[10]], 0, "i"), 3L)
  dynfree(x)
  same <- .dynsym(fixture("owner"), "at")
  for (view in views) {
    expect_freed(.unpack(view, 0, "c"))
    expect_freed(.pack(view, 0, "c", 1))
    expect_freed(offsetPtr(view, 0))
    expect_freed(dyncast(view, "c", 1))
    expect_freed(as.struct(view, Point))
    expect_freed(ptr2str(view))
    expect_freed(.dyncall(same, "pi)p", view, 0L))
    expect_freed(.dyncall(view, ")v"))
    expect_freed(dynfree(view), "second free")
    holder <- new.struct(Entry)
    expect_freed(.pack(holder, 0, "p", view))
    expect_output(print(view), "freed by dynfree|pointer")
  }
  expect_freed(x[])
  expect_freed(x[1] <- 1)
  expect_freed(length(x))
  expect_output(print(x), "<i\\[10\\] at 0x[0-9a-f]+, freed by dynfree\\(\\)>")
  e <- tryCatch(x[[1]], error = identity)
  expect_identical(e$code, "POINTER_FREED")
  expect_match(conditionMessage(e), "use after free of int[10], freed by dynfree()", fixed = TRUE)
  expect_identical(tryCatch(dynfree(x), error = identity)$code, "POINTER_TWICE")
})

test_that("only what is owned can be freed, and by its start", {
  x <- dynalloc("i", 4)
  expect_error(dynfree(offsetPtr(x, 4)), "4 bytes into it", class = "dyncall_error_pointer")
  dynfree(offsetPtr(offsetPtr(x, 4), -4))
  v <- c(1, 2)
  for (bad in list(as.extptr(v), fixture("owner"), .dynsym(fixture("owner"), "at"), NULL, 1, "a", list(),
                   new.struct(Point), new.array("i", 3), strptr("a"), fixture_call("calls", "null_pointer", ")p"),
                   fixture_call("owner", "const_numbers", ")p"))) {
    expect_error(dynfree(bad), class = "dyncall_error_pointer")
    expect_error(dynkeep(bad), class = "dyncall_error_pointer")
  }
})

test_that("bounds hold for casts, offsets and elements", {
  x <- dynalloc("i", 4)
  expect_error(x[5], class = "dyncall_error_pointer")
  expect_error(x[5] <- 1, class = "dyncall_error_pointer")
  expect_identical(length(dyncast(x, "s")), 8L)
  expect_identical(length(dyncast(offsetPtr(x, 1), "i")), 3L)
  expect_identical(length(dyncast(offsetPtr(x, 16), "i")), 0L)
  expect_error(dyncast(x, "d", 3), "within 16 bytes", class = "dyncall_error_pointer")
  expect_error(dyncast(offsetPtr(x, 8), "i", 3), class = "dyncall_error_pointer")
  expect_error(offsetPtr(x, 17), class = "dyncall_error_pointer")
  expect_error(offsetPtr(offsetPtr(x, 8), -9), class = "dyncall_error_pointer")
  expect_error(as.struct(offsetPtr(x, 8), Point)$x, class = "dyncall_error_pointer")
  expect_error(dyncast(x, n = 5), class = "dyncall_error_pointer")
  expect_identical(length(dyncast(x, n = 2)), 2L)
  expect_identical(attr(dyncast(x), "pointee"), "i")
  # unknown size
  p <- fixture_call("owner", "const_numbers", ")*i")
  expect_error(dyncast(p), "number of elements", class = "dyncall_error_argument")
  expect_identical(dyncast(p, n = 4)[], 1:4)
  expect_error(dyncast(offsetPtr(p, 4), n = 2), "expected a type", class = "dyncall_error_argument")
  expect_error(dyncast(1:3, "i"), class = "dyncall_error_argument")
})

test_that("moving a pointer many times does not make chains", {
  x <- dynalloc("c", 100)
  x[] <- rep(7, 100)
  p <- as.extptr(x)
  for (i in 1:99) p <- offsetPtr(p, 1)
  for (i in 1:1e5) p <- offsetPtr(p, if (i %% 2) -1 else 1)
  rm(x)
  gc()
  expect_identical(.unpack(p, 0, "c"), 7L)
})

test_that("const memory refuses writes", {
  t <- things()
  p <- t$const_numbers()
  expect_identical(.unpack(p, 4, "i"), 2L)
  views <- list(p, offsetPtr(p, 4), dyncast(p, "i", 4), as.carray(p, "C", 8), dyncast(dyncast(p, "i", 4), "s"))
  for (view in views[-1]) {
    expect_error(.pack(view, 0, "c", 1), "const", class = "dyncall_error_pointer")
  }
  expect_error(views[[3]][1] <- 5, "const", class = "dyncall_error_pointer")
  expect_error(views[[3]][[1]] <- 5, "const", class = "dyncall_error_pointer")
  s <- t$thing_const()
  expect_identical(s$value, 50L)
  expect_error(s$value <- 1, "const", class = "dyncall_error_pointer")
  expect_error(s["value"] <- 1, "const", class = "dyncall_error_pointer")
  expect_error(as.struct(s, thing)$id <- 1L, "const", class = "dyncall_error_pointer")
  expect_error(dyncast(s, n = 1)$id <- 1L, "const", class = "dyncall_error_pointer")
  expect_output(print(p), "const")
  x <- dynalloc("i", 3)
  expect_error(dyncast(x, "ki")[1] <- 1, "const", class = "dyncall_error_pointer")
  x[1] <- 1
})

test_that("pointers compare by address", {
  x <- dynalloc("i", 4)
  expect_true(x == offsetPtr(x, 0))
  expect_true(offsetPtr(x, 4) == offsetPtr(offsetPtr(x, 8), -4))
  expect_false(x == offsetPtr(x, 4))
  expect_true(x != offsetPtr(x, 4))
  expect_true(as.struct(x, Point) == x)
  expect_true(x != NULL)
  expect_true(fixture_call("calls", "null_pointer", ")p") == NULL)
  expect_true(.dynsym(fixture("owner"), "at") == .dynsym(fixture("owner"), "at"))
  expect_error(offsetPtr(x, 0) == 3, class = "dyncall_error_argument")
  expect_error(offsetPtr(x, 0) < x, class = "dyncall_error_argument")
  x[] <- 1:4
  expect_identical(x * 2, c(2, 4, 6, 8))
  expect_identical(x > 2, c(FALSE, FALSE, TRUE, TRUE))
  expect_identical(-x, -(1:4))
  expect_identical(new.array("i", 2) + 1:2, 1:2)
})

test_that("pointers print what they know", {
  x <- dynalloc("i", 3)
  expect_output(print(x), "^i\\[3\\] at 0x[0-9a-f]+, 12 bytes, owner: collector\n\\[1\\] 0 0 0$")
  expect_output(print(offsetPtr(x, 4)), "^<pointer: 0x[0-9a-f]+>, 8 bytes, owner: collector$")
  expect_output(utils::str(x), "carray of i at 0x")
  expect_output(dynscope(print(dynalloc("d", 1))), "owner: scope 1")
  expect_output(dynscope(dynscope(print(dynalloc("d", 1)))), "owner: scope 2")
  v <- c(1, 2)
  expect_output(print(as.extptr(v)), "16 bytes, data of an R vector")
  expect_output(print(fixture_call("owner", "const_numbers", ")*i")), "^<pointer: 0x[0-9a-f]+> to i, borrowed$")
  expect_output(print(new.callback("i)i", identity)), "^<callback: int .*function \\(x\\)")
  t <- things()
  h <- t$thing_new(1L)
  expect_output(print(h), "thing")
  dynfree(h)
  expect_output(print(h), "freed by dynfree")
})

# ---- what memory refers to ----

test_that("what is written into memory lives as long as the memory", {
  t <- things()
  # only the first node is known to R in the end, and only the memory itself refers to the others
  linked <- function(make) {
    first <- make()
    node <- first
    node$text <- paste0("te", "xt")
    for (i in 1:50) {
      rest <- make()
      rest$text <- strrep("a", i)
      rest$numbers <- c(i, 0L)
      node$rest <- rest
      node <- rest
    }
    first
  }
  total <- 4L + sum(1:50) * 2L
  first <- linked(function() dynalloc(Entry))
  overwrite_garbage()
  expect_identical(t$entry_total(first), total)
  arena <- new.arena()
  first <- linked(function() dynalloc(Entry, arena = arena))
  overwrite_garbage()
  expect_identical(t$entry_total(first), total)
  dynfree(arena)
  dynscope({
    first <- linked(function() dynalloc(Entry))
    overwrite_garbage()
    expect_identical(t$entry_total(first), total)
  })
  dynscope({
    # not even the first; C has its address
    t$entry_keep(linked(function() dynalloc(Entry)))
    overwrite_garbage()
    expect_identical(t$entry_kept_total(), total)
  })
})

test_that("a pointer that is read back knows its memory", {
  x <- dynalloc("i", 4)
  x[] <- 1:4
  holders <- list(new.struct(Entry), dynalloc(Entry), as.extptr(new.struct(Entry)))
  for (i in seq_along(holders)) {
    holder <- holders[[i]]
    holder$numbers <- x
    back <- holder$numbers
    expect_true(back == x)
    expect_identical(length(dyncast(back)), 4L)
    expect_identical(back[2:3], 2:3)
    back[2] <- 20L
    expect_identical(x[[2]], 20L)
    x[2] <- 2L
    expect_error(.unpack(back, 16, "i"), class = "dyncall_error_pointer")
    holder$numbers <- c(7L, 8L)
    expect_identical(dyncast(holder$numbers)[], 7:8)
    expect_identical(as.list(holder)$numbers[[2]], 8L)
    holder$numbers <- x
    holders[[i]] <- holder
  }
  pointers <- dynalloc("*i", 2)
  pointers[[1]] <- x
  pointers[[2]] <- c(5L, 6L)
  expect_identical(length(dyncast(pointers[[1]])), 4L)
  expect_identical(lapply(pointers[], function(p) p[]), list(1:4, 5:6))
  expect_identical(dyncast(.unpack(pointers, .Machine$sizeof.pointer, "*i"))[], 5:6)
  dynfree(x)
  for (holder in holders) expect_freed(.unpack(holder$numbers, 0, "i"))
  expect_freed(.unpack(pointers[[1]], 0, "i"))
  # where an object was copied from memory, too, whose own address may be the one
  parseStructInfos("Deep{p*<Deep>}p self; Outer{<Deep>}d;")
  inner <- dynalloc(Deep)
  memory <- dynalloc("i", 3)
  for (outer in list(new.struct(Outer), dynalloc(Outer))) {
    for (target in list(memory, inner)) {
      inner$p <- target
      outer$d <- inner
      expect_identical(format(outer$d$p), format(target))
      expect_output(print(outer$d$p), if (identical(target, memory)) "12 bytes" else "16 bytes|8 bytes")
    }
  }
})

test_that("views of one memory share what it refers to", {
  t <- things()
  x <- dynalloc(Entry)
  local({
    view <- dyncast(offsetPtr(x, 0), Entry)[[1]]
    view$text <- paste0("from a ", "view")
  })
  overwrite_garbage()
  expect_identical(x$text, "from a view")
  r <- new.struct(Entry)
  local({
    view <- as.extptr(r)
    view$text <- paste0("from a ", "pointer")
  })
  overwrite_garbage()
  expect_identical(r$text, "from a pointer")
  local({
    pin <- dynpin(r)
    pin$text <- paste0("from a ", "pin")
  })
  overwrite_garbage()
  expect_identical(r$text, "from a pin")
})

# ---- scopes ----

test_that("a scope frees what is made in it, also on errors and other exits", {
  before <- dynleaks()$address
  kept <- new.env()
  make <- function() {
    kept$x <- dynalloc("i", 3)
    kept$cb <- new.callback("i)i", identity)
    kept$v <- c(1, 2)
    kept$pin <- with(kept, dynpin(v))
    kept$arena <- new.arena()
    kept$part <- dynalloc("d", 2, arena = kept$arena)
  }
  gone <- function() {
    expect_freed(kept$x[1])
    expect_freed(kept$pin[1])
    expect_freed(kept$part[1])
    expect_freed(dynalloc("i", arena = kept$arena))
    expect_error(.dyncall(kept$cb, "i)i", 1L), class = "dyncall_error_callback")
    expect_identical(kept$v, c(1, 2))
    expect_identical(new_leaks(before), character())
  }
  expect_identical(dynscope({
    make()
    kept$x[[1]] + 5L
  }), 5L)
  gone()
  expect_error(dynscope({
    make()
    stop("out")
  }), "out")
  gone()
  f <- function() dynscope({
    make()
    return("returned")
  })
  expect_identical(f(), "returned")
  gone()
  for (i in 1:3) dynscope({
    make()
    if (i == 2) break
  })
  gone()
  expect_identical(withRestarts(dynscope({
    make()
    invokeRestart("away", 7)
  }), away = identity), 7)
  gone()
  expect_identical(callCC(function(k) dynscope({
    make()
    k(8)
  })), 8)
  gone()
  expect_true(withVisible(dynscope(1))$visible)
  expect_false(withVisible(dynscope(invisible(1)))$visible)
})

test_that("a jump out of a callback leaves the scopes on its way", {
  before <- dynleaks()$address
  call_int <- .dynsym(fixture("callers"), "call_int")
  inner <- NULL
  expect_error(dynscope(.dyncall(call_int, "*(i)ii)i", function(i) dynscope({
    inner <<- dynalloc("i")
    stop("out of C")
  }), 1L)), "out of C")
  expect_freed(inner[1])
  expect_identical(new_leaks(before), character())
})

test_that("scopes nest, and values can be moved out", {
  r <- dynscope({
    a <- dynalloc("i")
    r <- dynscope({
      b <- dynalloc("i", 2)
      c <- dynalloc("i", 3)
      d <- dynalloc("i", 4)
      d[] <- 1:4
      dynkeep(c)
      dynkeep(dynkeep(offsetPtr(d, 4)))
      list(a, b, c, d)
    })
    expect_identical(length(r[[1]]), 1L)
    expect_freed(r[[2]][1])
    expect_identical(length(r[[3]]), 3L)
    expect_output(print(r[[3]]), "owner: scope 1")
    expect_output(print(r[[4]]), "owner: collector")
    r
  })
  for (x in r[1:3]) expect_freed(x[1])
  expect_identical(r[[4]][], 1:4)
  x <- dynscope(dynkeep(dynalloc("i", 2)))
  expect_output(print(x), "owner: collector")
  x[] <- 5:6
  gc()
  expect_identical(x[], 5:6)
  expect_identical(dynkeep(x), x)
  cb <- dynscope(dynkeep(new.callback("i)i", function(i) i + 1L)))
  gc()
  expect_identical(.dyncall(cb, "i)i", 1L), 2L)
  arena <- new.arena()
  part <- dynscope({
    arena <- new.arena()
    dynkeep(dynalloc("i", 2, arena = arena))
  })
  expect_identical(part[], c(0L, 0L))
})

test_that("memory of a scope lives without an R object", {
  t <- things()
  dynscope({
    t$buffer_set(dynalloc("i", 100), 100L)
    overwrite_garbage()
    expect_identical(t$buffer_fill(7L), 100L)
    expect_identical(nrow(subset(dynleaks(), type == "int[100]" & owner == "scope 1")), 1L)
  })
  register <- .dynsym(fixture("callers"), "register_int")
  dynscope({
    .dyncall(register, "p)v", new.callback("i)i", function(i) i + 1L))
    overwrite_garbage()
    expect_identical(.dyncall(.dynsym(fixture("callers"), "call_registered"), "i)i", 1L), 2L)
  })
  expect_error(.dyncall(.dynsym(fixture("callers"), "call_registered"), "i)i", 1L),
               class = "dyncall_error_callback")
})

# ---- arenas ----

test_that("an arena frees its parts together", {
  arena <- new.arena()
  parts <- lapply(1:1000, function(i) {
    x <- dynalloc("i", i %% 7 + 1, arena = arena)
    x[] <- i
    x
  })
  expect_identical(vapply(parts, function(x) x[[length(x)]], 0L), 1:1000)
  expect_error(parts[[1]][3], class = "dyncall_error_pointer")
  expect_error(.unpack(parts[[1]], 8, "i"), class = "dyncall_error_pointer")
  expect_error(dynfree(parts[[1]]), "part of an arena", class = "dyncall_error_pointer")
  expect_output(print(arena), "1000 parts")
  dynfree(arena)
  for (i in c(1, 500, 1000)) expect_freed(parts[[i]][1])
  expect_freed(dynfree(arena), "second free")
  expect_freed(dynalloc("i", arena = arena))
  expect_output(print(arena), "freed by dynfree")
  # a part keeps its arena
  part <- dynalloc("i", 2, arena = new.arena())
  expect_output(print(part), "8 bytes, owner: arena")
  gc()
  part[] <- 1:2
  expect_identical(part[], 1:2)
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(list(part, new.arena()), file)
  back <- readRDS(file)
  expect_error(back[[1]][1], "has not survived", class = "dyncall_error_pointer")
  expect_error(dynalloc("i", arena = back[[2]]), class = "dyncall_error_pointer")
  expect_output(print(back[[2]]), "another session")
})

# ---- pins ----

test_that("a pin gives C the data of a vector until it ends", {
  t <- things()
  x <- c(1L, 2L, 3L)
  p <- dynpin(x)
  t$buffer_set(p, 3L)
  overwrite_garbage()
  t$buffer_fill(9L)
  expect_identical(x, c(9L, 9L, 9L))
  p[2] <- 5L
  expect_identical(x, c(9L, 5L, 9L))
  expect_identical(p[], x)
  expect_error(p[4], class = "dyncall_error_pointer")
  x[1] <- 0L
  expect_identical(p[], c(9L, 5L, 9L))
  dynfree(p)
  expect_freed(p[1])
  expect_freed(dynfree(p), "second free")
})

test_that("a pin leaves variables that share the vector alone", {
  x <- c(1, 2) + 0
  y <- x
  p <- dynpin(x)
  p[1] <- 9
  expect_identical(x, c(9, 2))
  expect_identical(y, c(1, 2))
  f <- function() {
    v <- c(1L, 2L)
    p <- dynpin(v)
    p[1] <- 50L
    c(1L, 2L)
  }
  for (i in 1:3) expect_identical(f(), 1:2)
  l <- list(y)
  expect_warning(p <- dynpin(l[[1]]), "assign the vector to a variable", class = "dyncall_warning_shared")
  p[1] <- 9
  expect_identical(list(p[], y, l), list(c(9, 2), c(1, 2), list(c(1, 2))))
})

test_that("pins of all vectors know their type", {
  for (case in list(list(1:3 + 0L, "i"), list(c(1, 2), "d"), list(as.raw(1:3), "C"), list(c(TRUE, FALSE), "i"),
                    list(c(1i, 2), "<double complex>"), list(as.floatraw(c(0.5, 1)), "f"))) {
    x <- case[[1]]
    p <- dynpin(x)
    expect_identical(attr(p, "pointee"), case[[2]])
    expect_equal(p[], if (inherits(x, "floatraw")) c(0.5, 1) else if (is.numeric(x) || is.complex(x)) x else as.integer(x))
    dynfree(p)
  }
  r <- new.struct(Point)
  p <- dynpin(r)
  p$x <- 4
  expect_identical(r$x, 4)
  dynfree(p)
  expect_freed(p$x)
  a <- new.array("s", 3)
  p <- dynpin(a)
  p[2] <- 7L
  expect_identical(a[], c(0L, 7L, 0L))
  for (bad in list("a", NULL, list(1), integer(), sin, quote(a))) {
    expect_error(dynpin(bad), class = "dyncall_error_pointer")
  }
})

test_that("a pin holds its vector, and only as long as it lasts", {
  before <- watched$gone
  watched_vector <- function() {
    memory <- new.env()
    reg.finalizer(memory, function(e) watched$gone <- watched$gone + 1L)
    structure(c(1, 2), memory = memory)
  }
  p <- local({
    x <- watched_vector()
    dynpin(x)
  })
  expect_identical(gone_since(before), 0L)
  expect_identical(p[], c(1, 2))
  dynfree(p)
  expect_identical(gone_since(before), 1L)
  p <- local({
    x <- watched_vector()
    dynpin(x)
  })
  rm(p)
  expect_identical(gone_since(before), 2L)
  dynscope({
    local({
      x <- watched_vector()
      dynpin(x)
    })
    expect_identical(gone_since(before), 2L)
  })
  expect_identical(gone_since(before), 3L)
})

# ---- objects of C ----

test_that("a result with a destructor is closed once, by hand, by scope or by the collector", {
  t <- things()
  x <- t$thing_new(3L)
  expect_identical(x$value, 30L)
  expect_identical(t$things_live(), 1L)
  expect_identical(dynfree(x), 3L)
  expect_identical(t$things_live(), 0L)
  expect_freed(x$value)
  expect_freed(t$thing_same(x))
  expect_freed(dynfree(x), "second free of thing")
  dynscope({
    x <- t$thing_new(1L)
    y <- t$thing_new(2L)
    t$thing_new(3L)
    gc()
    expect_identical(t$things_live(), 3L)
    dynfree(y)
  })
  expect_identical(t$order(), c(3L, 2L, 3L, 1L))
  expect_error(dynscope({
    t$thing_new(4L)
    stop("out")
  }), "out")
  expect_identical(t$things_live(), 0L)
  x <- dynscope(dynkeep(t$thing_new(5L)))
  gc()
  expect_identical(x$id, 5L)
  rm(x)
  gc()
  expect_identical(t$things_live(), 0L)
  expect_true(is.nullptr(t$thing_new(-1L)))
  expect_identical(t$things_live(), 0L)
})

test_that("a function that returns its argument returns the same owner", {
  t <- things()
  x <- t$thing_new(1L)
  y <- t$thing_same(x)
  rm(x)
  gc()
  expect_identical(t$things_live(), 1L)
  expect_identical(y$id, 1L)
  dynfree(y)
  expect_identical(t$things_live(), 0L)
})

test_that("strings that C gives away are copied and freed", {
  t <- things()
  before <- dynleaks()$address
  for (i in 1:20) expect_identical(t$text_new(paste("text", i)), paste("text", i))
  expect_null(t$text_new(NULL))
  expect_identical(t$texts_live(), 0L)
  expect_identical(new_leaks(before), character())
})

test_that("copied results are values", {
  env <- new.env()
  dynbind(fixture("owner"), "thing_const()*k<thing> @copy; thing_new(i)*<thing> @copy @free=thing_close; things_live()i; const_numbers()*i @copy;",
          envir = env)
  x <- env$thing_const()
  expect_true(is.raw(x))
  x$value <- 1L
  expect_identical(env$thing_const()$value, 50L)
  y <- env$thing_new(7L)
  expect_identical(y$value, 70L)
  expect_identical(env$things_live(), 0L)
  expect_identical(env$const_numbers(), 1L)
})

test_that("dynown takes over what C made", {
  env <- new.env()
  dynbind(fixture("owner"), "thing_new(i)*<thing>; thing_close(*<thing>)i x; things_live()i;", envir = env)
  x <- env$thing_new(4L)
  owned <- dynown(x, env$thing_close, size = 8)
  expect_identical(owned$value, 40L)
  expect_error(.unpack(owned, 8, "i"), class = "dyncall_error_pointer")
  expect_error(dynown(owned, env$thing_close), "nobody owns", class = "dyncall_error_pointer")
  expect_identical(dynfree(owned), 4L)
  expect_freed(owned$id)
  expect_identical(env$things_live(), 0L)
  for (bad in list(1, NULL, fixture("owner"), new.struct(thing), fixture_call("calls", "null_pointer", ")p"))) {
    expect_error(dynown(bad, identity), class = "dyncall_error_pointer")
  }
  expect_error(dynown(env$thing_new(1L), "free"), class = "dyncall_error_argument")
  expect_error(dynown(x, identity, size = -1), class = "dyncall_error_argument")
  memory <- dynalloc("i", 2)
  part <- offsetPtr(memory, 4)
  dynfree(memory)
  for (gone in list(memory, part)) expect_freed(dynown(gone, identity))
})

test_that("errors of destructors are errors of dynfree, and warnings elsewhere", {
  pointer <- function() fixture_call("owner", "const_numbers", ")p")
  fails <- function(p) stop("cannot close")
  x <- dynown(pointer(), fails)
  expect_error(dynfree(x), "cannot close")
  expect_freed(dynfree(x), "second free")
  freed <- NULL
  expect_warning(dynscope({
    a <- dynalloc("i")
    dynown(pointer(), function(p) freed <<- c(freed, "first"))
    dynown(pointer(), fails)
    dynown(pointer(), function(p) freed <<- c(freed, "last"))
  }), "cannot close", class = "dyncall_warning_release")
  expect_identical(freed, c("last", "first"))
  expect_freed(a[1])
  expect_error(suppressWarnings(dynscope({
    dynown(pointer(), fails)
    stop("out")
  })), "out")
  expect_child_output(c(sprintf("lib <- .dynload(%s)", deparse(fixture_file("owner"))),
                        "address <- .dyncall(.dynsym(lib, 'const_numbers'), ')p')",
                        "x <- dynown(address, function(p) stop('cannot close'))",
                        "rm(x)", "invisible(gc())", "cat('still here\\n')"),
                      "the destructor of an object of C failed: cannot close")
})

test_that("what a rule for results cannot mean is refused", {
  env <- new.env()
  lib <- fixture("owner")
  expect_error(dynbind(lib, "thing_new(i)*<thing> @free=nothing_like_it;", envir = env), class = "dyncall_error_symbol")
  expect_error(dynbind(lib, "thing_new(i)*<thing> @free=;", envir = env), class = "dyncall_error_signature")
  dynbind(lib, "things_live()i @copy; at(pi)p where n @copy;", envir = env)
  expect_error(env$things_live(), "pointer", class = "dyncall_error_type")
  expect_error(env$at(1, 1L), class = "dyncall_error_type")
})

# ---- debug mode ----

test_that("debug mode notes where memory came from", {
  before <- dyndebug(TRUE)
  on.exit(dyndebug(before))
  make <- function(n) dynalloc("i", n)
  x <- make(31)
  expect_match(subset(dynleaks(), type == "int[31]")$origin, "^dynalloc\\(\"i\", n\\)")
  cb <- new.callback("i)i", identity)
  expect_true(any(grepl("new.callback(\"i)i\", identity)", dynleaks()$origin, fixed = TRUE)))
  dynfree(x)
  expect_error(x[1], "int\\[31\\], freed in dynfree\\(x\\).*, made in dynalloc\\(\"i\", n\\)",
               class = "dyncall_error_pointer")
})

test_that("writes beyond memory are found", {
  before <- dyndebug(TRUE)
  on.exit(dyndebug(before))
  t <- things()
  for (offset in c(-1L, -32L, 12L, 43L)) {
    x <- dynalloc("i", 3)
    t$poke(x, 4L, 1L)
    dyncheck()
    t$poke(x, offset, 1L)
    expect_error(dyncheck(), "12 bytes", class = "dyncall_error_pointer")
    expect_identical(tryCatch(dynfree(x), error = identity)$code, "POINTER_GUARD")
    expect_freed(x[1])
    dyncheck()
  }
  arena <- new.arena()
  part <- dynalloc("c", 5, arena = arena)
  t$poke(part, 5L, 1L)
  expect_error(dyncheck(), class = "dyncall_error_pointer")
  expect_error(dynfree(arena), class = "dyncall_error_pointer")
  expect_warning(dynscope(t$poke(dynalloc("c", 5), 5L, 1L)), "beyond", class = "dyncall_warning_release")
  dyncheck()
})

test_that("memory is overwritten when it is freed", {
  before <- dyndebug(TRUE)
  on.exit(dyndebug(before))
  t <- things()
  x <- dynalloc("C", 100)
  t$buffer_set(dyncast(x, "i"), 25L)
  dynfree(x)
  expect_identical(t$buffer_first(), -538976289L)
  dyncheck()
  t$buffer_fill(0L)
  expect_identical(tryCatch(dyncheck(), error = identity)$code, "POINTER_WRITTEN")
  for (i in 1:300) dynfree(dynalloc("i")) # not held back for ever
  dyncheck()
})

test_that("calls are traced with types and values", {
  env <- new.env()
  dynbind(fixture("owner"), "thing_new(i)*<thing> id @free=thing_close; thing_close(*<thing>)i x; poke(*Cii)v where n value;",
          envir = env)
  before <- dyntrace(TRUE)
  on.exit(dyntrace(before))
  expect_message(x <- env$thing_new(3L), "^thing_new\\(int id = 3\\) = thing \\* <0x[0-9a-f]+> thing\n$",
                 class = "dyncall_trace")
  expect_message(dynfree(x), "^thing_close\\(.* = <0x[0-9a-f]+> thing\\) = int 3\n$")
  expect_message(env$poke(as.raw(1:3), 1L, 9L),
                 "poke(unsigned char *where = 01 09 03, int n = 1, int value = 9) = void\n", fixed = TRUE)
  expect_message(try(.dyncall(.dynsym(fixture("callers"), "call_int"), "*(i)ii)i", function(i) stop("no"), 1L), silent = TRUE),
                 "= <R function>, int = 1) = left by a jump", fixed = TRUE)
  dyntrace(FALSE)
  expect_silent(env$poke(as.raw(1:3), 1L, 9L))
})

test_that("one struct in memory is an object with fields", {
  parseStructInfos("Slot{p*iZi}any ints text n;")
  one <- dynalloc(Slot)
  ints <- dynalloc("i", 3)
  one$any <- ints
  one$ints <- ints
  one$text <- "kept"
  expect_s3_class(one, "struct")
  expect_output(print(one), "Slot", fixed = TRUE)
  expect_true(one$any == ints)
  expect_true(one$ints == ints)
  expect_identical(one$text, "kept")
  one$any <- NULL
  expect_true(is.nullptr(one$any))
  one$ints <- c(7L, 8L)
  expect_identical(as.carray(one$ints, "i", 2)[], c(7L, 8L))
  expect_error(one$any <- mean, "field 'any'", class = "dyncall_error_argument")
  # a number makes an array, and so does a cast
  array <- dynalloc(Slot, 1)
  expect_s3_class(array, "carray")
  array$any <- ints
  expect_true(array$any[[1]] == ints)
  expect_identical(dyncast(one)$n, one$n)
  expect_identical(length(dyncast(one)), 1L)
  dynfree(one)
  expect_freed(one$text)
  two <- dynalloc(Slot, 2)
  two$any <- list(ints, NULL)
  expect_identical(vapply(two$any, is.nullptr, NA), c(FALSE, TRUE))
})

test_that("a destructor leaves the errno of the last call", {
  env <- new.env()
  dynbind(fixture("params"), "item_new(i**<item>)i id out @out=out @free=out:item_free; item_free(*<item>)v x;
          fail_as(ii)i result error;", envir = env)
  dynscope({
    x <- env$item_new(1L)
    env$fail_as(0L, 7L)
  })
  expect_identical(dynerrno(), 7L)
  env$item_new(2L)
  env$fail_as(0L, 8L)
  gc()
  expect_identical(dynerrno(), 8L)
  dynfree(env$item_new(3L)$out) # one that was asked for
  expect_identical(dynerrno(), 99L)
})

# ---- real libraries ----

test_that("SQLite: a database and its statements are closed by their scope, in order", {
  env <- new.env()
  dynbind(need_library_or_skip(c("sqlite3", "libsqlite3.so.0")), paste0(
    "sqlite3_open(Z**<sqlite3>)i name out; sqlite3_close(*<sqlite3>)i db; sqlite3_errmsg(*<sqlite3>)Z db; ",
    "sqlite3_prepare_v2(*<sqlite3>Zi**<sqlite3_stmt>p)i db sql n out tail; sqlite3_finalize(*<sqlite3_stmt>)i stmt; ",
    "sqlite3_step(*<sqlite3_stmt>)i stmt; sqlite3_column_int(*<sqlite3_stmt>i)i stmt i; ",
    "sqlite3_mprintf(Z.)Z format @free=sqlite3_free;"), envir = env)
  codes <- integer()
  open <- function() {
    out <- dynalloc("*<sqlite3>")
    env$sqlite3_open(":memory:", out)
    dynown(out[[1]], function(db) codes <<- c(codes, close = env$sqlite3_close(db)))
  }
  prepare <- function(db, sql) {
    out <- dynalloc("*<sqlite3_stmt>")
    if (env$sqlite3_prepare_v2(db, sql, -1L, out, NULL) != 0L) stop(env$sqlite3_errmsg(db))
    dynown(out[[1]], function(stmt) codes <<- c(codes, finalize = env$sqlite3_finalize(stmt)))
  }
  before <- dynleaks()$address
  x <- dynscope({
    db <- open()
    stmt <- prepare(db, "select 6 * 7")
    expect_output(print(db), "opaque sqlite3 at 0x.*owner: scope 1")
    env$sqlite3_step(stmt)
    env$sqlite3_column_int(stmt, 0L)
  })
  expect_identical(x, 42L)
  expect_identical(codes, c(finalize = 0L, close = 0L))
  expect_freed(env$sqlite3_step(stmt))
  expect_freed(env$sqlite3_errmsg(db))
  expect_error(dynscope(prepare(open(), "no sql")), "syntax error")
  expect_identical(codes[3], c(close = 0L))
  expect_identical(env$sqlite3_mprintf("%d%s", 5L, "x"), "5x")
  expect_identical(new_leaks(before), character())
})

test_that("a file in memory is summed through a view and unmapped", {
  skip_on_windows()
  env <- new.env()
  dynbind(need_library_or_skip(c("c", "System")), paste0(
    "open(Zi.)i path flags; close(i)i fd; mmap(p<size_t>iii<off_t>)p start n prot flags fd at; ",
    "munmap(p<size_t>)i start n;"), envir = env)
  file <- tempfile()
  on.exit(unlink(file))
  x <- sqrt(1:100000)
  writeBin(x, file)
  unmapped <- NULL
  v <- NULL
  total <- dynscope({
    fd <- env$open(file, 0L)
    mapped <- dynown(env$mmap(NULL, file.size(file), 1L, 2L, fd, 0), function(p) {
      unmapped <<- env$munmap(p, file.size(file))
    }, size = file.size(file))
    env$close(fd)
    v <- dynview(mapped, "d")
    expect_identical(length(v), length(x))
    expect_identical(v[c(1, 50000)], x[c(1, 50000)])
    sum(v)
  })
  expect_identical(total, sum(x))
  expect_identical(unmapped, 0L)
  expect_freed(v[1])
  expect_freed(sum(v))
})

test_that("what is open at the end of the session is closed once", {
  code <- c(sprintf("lib <- .dynload(%s)", deparse(fixture_file("owner"))),
            "address <- .dyncall(.dynsym(lib, 'const_numbers'), ')p')",
            "closes <- function(p) cat('closed\\n')")
  closed <- function(...) {
    child <- in_child(c(code, ...))
    expect_identical(child$status, 0L, info = child$output)
    lengths(regmatches(child$output, gregexpr("closed", child$output)))
  }
  expect_identical(closed("x <- dynown(address, closes)"), 1L)
  expect_identical(closed("x <- dynown(address, closes); invisible(dynfree(x))"), 1L)
  expect_identical(closed("dynscope({ x <- dynown(address, closes); quit() })"), 1L)
  expect_identical(closed("x <- dynscope(dynkeep(dynown(address, closes))); invisible(gc())"), 1L)
})

# Memory of strings that nothing keeps is used again.
churn <- function() {
  gc()
  made <- vapply(1:200000, function(i) sprintf("churn %06d", i), "")
  gc()
  length(made)
}
made_text <- function(word) paste0("kept  ", sprintf("%06d", sum(utf8ToInt(word))))

test_that("what is written through one element stays when another is written to", {
  parseStructInfos("Named{Zi}name n;")
  p <- dynalloc(Named, 2)
  a <- p[[1]]
  b <- p[[2]]
  b$name <- made_text("second")
  a$name <- made_text("first")
  churn()
  expect_identical(c(a$name, b$name), c(made_text("first"), made_text("second")))
})

test_that("memory of a scope keeps what it refers to, without an object that refers to it", {
  parseStructInfos("Named{Zi}name n;")
  dynscope({
    bytes <- local({
      memory <- dynalloc(Named, 1)
      memory$name <- made_text("scoped")
      as.vector(unclass(as.carray(list(memory), "p")))
    })
    attributes(bytes) <- NULL
    churn()
    expect_identical(.unpack(bytes, 0, "*<Named>")$name, made_text("scoped"))
  })
})

test_that("memory of a scope keeps what it refers to when only C knows it", {
  as_number <- function(p) .dyncall(.dynsym(fixture("calls"), "id_p"), "p)<uintptr_t>", p)
  as_pointer <- function(a) .dyncall(.dynsym(fixture("calls"), "id_p"), "<uintptr_t>)p", a)
  dynscope({
    at <- (function() {
      p <- dynalloc("*d", 1)
      p[1] <- list(c(3, 4, 5) + 0.5)
      as_number(p)
    })()
    overwrite_garbage()
    expect_identical(.unpack(.unpack(as_pointer(at), 0, "p"), 0, "d[3]"), c(3.5, 4.5, 5.5))
  })
})
