# Random sequences of what can be done with memory, next to a model of it in R: bytes, bounds, owners.

model_types <- list(i = list("integer", 4L, TRUE), d = list("numeric", 8L, TRUE), s = list("integer", 2L, TRUE),
                    S = list("integer", 2L, FALSE), c = list("integer", 1L, TRUE), C = list("integer", 1L, FALSE),
                    f = list("numeric", 4L, TRUE))

model_get <- function(bytes, type) {
  t <- model_types[[type]]
  readBin(bytes, t[[1L]], length(bytes) %/% t[[2L]], t[[2L]], t[[3L]], endian = .Platform$endian)
}

model_put <- function(values, type) {
  t <- model_types[[type]]
  writeBin(if (t[[1L]] == "integer") as.integer(values) else as.double(values), raw(), t[[2L]],
           endian = .Platform$endian)
}

model_values <- function(type, n) {
  if (model_types[[type]][[1L]] == "numeric") return(sample(-999:999, n, TRUE) / 8)
  low <- switch(type, S = , C = 0, c = -128, s = -32768, -1e6)
  high <- switch(type, S = 65535, C = 255, c = 127, s = 32767, 1e6)
  as.integer(floor(stats::runif(n, low, high + 1)))
}

# A block of the model: bytes, whether it is live, the depth of the scope that owns it (0 is the collector), and
# pointers that are known into it.
model_block <- function(m, size, depth, arena = NULL, kind = "memory") {
  b <- new.env()
  b$bytes <- raw(size)
  b$live <- TRUE
  b$depth <- depth
  b$arena <- arena
  b$kind <- kind
  b$views <- list()
  m$blocks <- c(m$blocks, list(b))
  b
}

model_view <- function(b, pointer, offset, type, n) {
  if (n > 0L) b$views <- c(b$views, list(list(pointer = pointer, offset = offset, type = type, n = n)))
}

# A part lives with its arena, a callback with its owner.
model_is_live <- function(b) {
  b$live && (is.null(b$arena) || b$arena$live) && (is.null(b$owner) || model_is_live(b$owner))
}

# What R has of a block as a whole.
model_object <- function(b) if (is.null(b$object)) b$views[[1L]]$pointer else b$object

pick <- function(x) x[[sample.int(length(x), 1L)]]

model_fail <- function(m, ...) stop("step ", m$step, ": ", ..., call. = FALSE)

# The expression works on live memory, and is a use after free otherwise.
model_try <- function(m, b, expr) {
  value <- tryCatch(expr, dyncall_error_pointer = identity, dyncall_error_callback = identity)
  is_error <- inherits(value, "dyncall_error")
  if (is_error == model_is_live(b)) {
    model_fail(m, if (is_error) conditionMessage(value) else "memory that is freed was used")
  }
  if (is_error) NULL else value
}

model_same <- function(m, got, want) {
  if (is.double(got) && is.integer(want)) want[is.na(want)] <- -2147483648
  if (!isTRUE(all.equal(as.vector(got), want, tolerance = 0))) {
    model_fail(m, "got ", deparse(as.vector(got)), ", expected ", deparse(want))
  }
}

range_bytes <- function(v) v$offset + seq_len(v$n * model_types[[v$type]][[2L]])

# ---- what can be done ----

model_steps <- list(
  alloc = function(m) {
    type <- pick(names(model_types))
    n <- sample.int(20L, 1L)
    arenas <- Filter(function(b) b$kind == "arena", m$blocks)
    arena <- if (length(arenas) && stats::runif(1) < 0.3) pick(arenas)
    if (!is.null(arena) && !arena$live) {
      model_try(m, arena, dynalloc(type, n, arena = arena$object))
      return()
    }
    x <- dynalloc(type, n, arena = arena$object)
    b <- model_block(m, n * model_types[[type]][[2L]], m$depth, arena, if (is.null(arena)) "memory" else "part")
    model_view(b, x, 0L, type, n)
  },
  arena = function(m) {
    b <- model_block(m, 0L, m$depth, kind = "arena")
    b$object <- new.arena()
  },
  pin = function(m) {
    type <- pick(c("i", "d"))
    n <- sample.int(20L, 1L)
    e <- new.env()
    e$v <- if (type == "i") integer(n) else double(n)
    b <- model_block(m, n * model_types[[type]][[2L]], m$depth, kind = "pin")
    b$holder <- e
    model_view(b, with(e, dynpin(v)), 0L, type, n)
  },
  write = function(m) on_view(m, function(b, v) {
    values <- model_values(v$type, v$n)
    at <- sort(sample.int(v$n, sample.int(v$n, 1L)))
    x <- v$pointer
    ok <- model_try(m, b, {
      x[at] <- values[at]
      TRUE
    })
    if (isTRUE(ok)) {
      old <- model_get(b$bytes[range_bytes(v)], v$type)
      old[at] <- values[at]
      b$bytes[range_bytes(v)] <- model_put(old, v$type)
    }
  }),
  read = function(m) on_view(m, function(b, v) {
    got <- model_try(m, b, v$pointer[])
    if (model_is_live(b)) model_same(m, got, model_get(b$bytes[range_bytes(v)], v$type))
  }),
  slice = function(m) on_view(m, function(b, v) {
    at <- sample.int(v$n, sample.int(v$n, 1L), TRUE)
    got <- model_try(m, b, v$pointer[at])
    if (model_is_live(b)) model_same(m, got, model_get(b$bytes[range_bytes(v)], v$type)[at])
  }),
  beyond = function(m) on_view(m, function(b, v) {
    for (i in c(0.5, v$n + 1)) {
      if (!inherits(try(v$pointer[[i]], silent = TRUE), "try-error")) model_fail(m, "read beyond the bounds")
    }
    p <- offsetPtr_or_null(v$pointer, length(b$bytes) + 1L - v$offset)
    if (!is.null(p)) model_fail(m, "a pointer beyond the bounds")
  }),
  cast = function(m) on_view(m, function(b, v) {
    type <- pick(names(model_types))
    n <- v$n * model_types[[v$type]][[2L]] %/% model_types[[type]][[2L]]
    x <- model_try(m, b, dyncast(v$pointer, type))
    if (!is.null(x)) model_view(b, x, v$offset, type, n)
  }),
  move = function(m) on_view(m, function(b, v) {
    by <- sample.int(v$n, 1L) - 1L
    x <- model_try(m, b, dyncast(offsetPtr(v$pointer, by * model_types[[v$type]][[2L]]), v$type, v$n - by))
    if (!is.null(x)) model_view(b, x, v$offset + by * model_types[[v$type]][[2L]], v$type, v$n - by)
  }),
  view = function(m) on_view(m, function(b, v) {
    stride <- sample.int(3L, 1L)
    n <- (v$n - 1L) %/% stride + 1L
    x <- model_try(m, b, dynview(v$pointer, v$type, n, stride = stride * model_types[[v$type]][[2L]]))
    if (!is.null(x)) b$vectors <- c(b$vectors, list(list(x = x, v = v, stride = stride)))
  }),
  look = function(m) {
    b <- pick(m$blocks)
    if (!length(b$vectors)) return()
    one <- pick(b$vectors)
    want <- model_get(b$bytes[range_bytes(one$v)], one$v$type)
    want <- want[seq(1L, length(want), one$stride)]
    if (one$v$type == "C") want <- as.raw(want)
    got <- model_try(m, b, switch(sample.int(3L, 1L), one$x[seq_along(one$x)], rev(rev(one$x)),
                                  unserialize(serialize(one$x, NULL))))
    if (model_is_live(b)) model_same(m, got, want)
  },
  call = function(m) on_view(m, function(b, v) {
    bytes <- length(range_bytes(v))
    total <- model_try(m, b, m$sum_bytes(v$pointer, bytes))
    if (model_is_live(b)) model_same(m, total, sum(as.integer(b$bytes[range_bytes(v)])))
    if (stats::runif(1) < 0.3 && isTRUE(model_try(m, b, {
      m$zero(v$pointer, bytes)
      TRUE
    }))) b$bytes[range_bytes(v)] <- raw(bytes)
  }),
  free = function(m) {
    b <- pick(m$blocks)
    x <- model_object(b)
    if (b$kind == "part" && model_is_live(b)) {
      if (!inherits(try(dynfree(x), silent = TRUE), "try-error")) model_fail(m, "a part was freed")
    } else {
      model_try(m, b, {
        dynfree(x)
        TRUE
      })
      b$live <- FALSE
    }
  },
  keep = function(m) {
    b <- pick(m$blocks)
    owner <- if (is.null(b$arena)) b else b$arena
    model_try(m, b, dynkeep(model_object(b)))
    if (model_is_live(b) && owner$depth > 0L) owner$depth <- owner$depth - 1L
  },
  callback = function(m) {
    others <- Filter(function(b) b$kind != "callback", m$blocks)
    owner <- if (length(others) && stats::runif(1) < 0.5) pick(others)
    add <- sample.int(100L, 1L)
    f <- function(x) x + add
    environment(f) <- list2env(list(add = add), parent = baseenv()) # with another the model would be saved, too
    make <- function() {
      args <- list("i)i", f, owner = if (!is.null(owner)) model_object(owner))
      do.call(new.callback, args, envir = baseenv())
    }
    object <- if (is.null(owner)) make() else model_try(m, owner, make())
    if (is.null(object)) return()
    # no scope frees what has an owner
    b <- model_block(m, 0L, if (is.null(owner)) m$depth else -1L, kind = "callback")
    b$owner <- owner
    b$object <- object
    b$add <- add
  },
  call_back = function(m) {
    callbacks <- Filter(function(b) b$kind == "callback", m$blocks)
    if (!length(callbacks)) return()
    b <- pick(callbacks)
    got <- model_try(m, b, .dyncall(b$object, "i)i", 5L))
    if (model_is_live(b)) model_same(m, got, 5L + b$add)
    lost <- unserialize(serialize(b$object, NULL))
    if (!inherits(try(.dyncall(lost, "i)i", 5L), silent = TRUE), "try-error")) model_fail(m, "a saved callback ran")
  },
  forget = function(m) {
    if (length(m$blocks) > 3L) m$blocks <- m$blocks[-sample.int(length(m$blocks), 1L)]
  },
  collect = function(m) gc(full = stats::runif(1) < 0.1),
  save = function(m) on_view(m, function(b, v) {
    back <- unserialize(serialize(v$pointer, NULL))
    for (use in alist(back[], back[1] <- 1, dynfree(back), dyncast(back, "c", 1), dynview(back), m$zero(back, 1L))) {
      if (!inherits(try(eval(use), silent = TRUE), "try-error")) model_fail(m, "a pointer out of a file was used")
    }
  }),
  record = function(m) {
    if (!length(m$records) || stats::runif(1) < 0.2) {
      r <- list2env(list(x = new.struct(m$Record), n = 0L))
      m$records <- c(m$records, list(r))
    } else {
      r <- pick(m$records)
    }
    model_record(m, r)
  },
  scope = function(m) {
    if (m$depth >= 4L) return()
    m$depth <- m$depth + 1L
    left <- try(dynscope({
      for (i in seq_len(sample.int(8L, 1L))) model_step(m)
      if (stats::runif(1) < 0.3) stop("out of the scope")
    }), silent = TRUE)
    model_leave(m)
    m$depth <- m$depth - 1L
    if (inherits(left, "try-error") && !grepl("out of the scope", left)) stop(attr(left, "condition"))
  })

# Writes to a struct object and reads it, in one of the ways that there are.
model_record <- function(m, r) {
  switch(
    sample.int(7L, 1L),
    r$x$text <- r$text <- paste(sample(letters, 6L, TRUE), collapse = ""),
    r$x$values <- r$values <- model_values("d", 3L),
    r$x$n <- r$n <- model_values("i", 1L),
    { # C writes the first field, unless one is lost
      r$copy <- m$copy
      r$from <- m$text
      done <- tryCatch(with(r, copy(x, from, .Machine$sizeof.pointer)), dyncall_error_pointer = identity)
      if (inherits(done, "error") != identical(r$text, "lost")) model_fail(m, "C got ", r$text)
      if (!inherits(done, "error")) r$text <- "of C"
    },
    {
      r$x <- unserialize(serialize(r$x, NULL))
      if (identical(r$text, "of C")) r$text <- "lost"
    },
    m$records <- c(m$records, list(list2env(as.list(r)))), # which shares the object
    if (length(m$records) > 2L) m$records <- m$records[-1L])
  model_same(m, r$x$n, r$n)
  text <- if (!identical(r$text, "lost")) r$text
  if (!identical(r$x$text, text)) model_fail(m, "text is ", deparse(r$x$text), ", expected ", deparse(text))
  if (!is.null(r$values)) model_same(m, .unpack(r$x$values, 0L, "d[3]"), r$values)
}

offsetPtr_or_null <- function(x, by) tryCatch(offsetPtr(x, by), dyncall_error_pointer = function(e) NULL)

on_view <- function(m, f) {
  b <- pick(m$blocks)
  if (length(b$views)) f(b, pick(b$views))
}

# The scope of the present depth has ended: what it owned is freed, also what the model has forgotten.
model_leave <- function(m) {
  for (b in m$blocks) {
    owner <- if (is.null(b$arena)) b else b$arena
    if (owner$depth == m$depth) owner$live <- FALSE
  }
}

model_step <- function(m) {
  m$step <- m$step + 1L
  if (!length(m$blocks)) return(model_steps$alloc(m))
  name <- sample(names(model_steps), 1L, prob = ifelse(names(model_steps) %in% c("collect", "forget"), 0.2, 1))
  model_steps[[name]](m)
}

# Runs one sequence; an error says which step failed.
model_sequence <- function(seed, library, steps = 40L) {
  set.seed(seed, kind = "Mersenne-Twister", sample.kind = "Rejection")
  m <- new.env()
  m$blocks <- list()
  m$records <- list()
  m$depth <- 0L
  m$step <- 0L
  types <- new.env(parent = baseenv()) # a type is saved with the environment that declares it
  m$Record <- parseStructInfos("Record{Zp<intptr_t>}text values n;", types)$Record
  m$text <- dynalloc("p")
  m$text[1] <- strptr("of C")
  dynbind(c("c", "msvcrt"), "memcpy(pp<size_t>)v to from n;", envir = m)
  m$copy <- m$memcpy
  dynbind(library, "zero(pi)v where n; sum_bytes(pi)i where n;", envir = m)
  for (i in seq_len(steps)) model_step(m)
  invisible(m$step)
}
