# The values of generated tests on the R side, from the same seeds as in fixtures/generated.h, and the
# run of generated signatures through .dyncall() and new.callback().

abi_stream <- function(seed) {
  function() seed <<- (16807 * seed) %% 2147483647
}

abi_integer <- function(bits, signed, nextval) {
  pick <- nextval() %% 16
  high <- nextval()
  low <- nextval()
  used <- min(bits, 53)
  v <- if (pick == 0) 0 else if (pick == 1) 2^(used - 1) else if (pick == 2) 2^(used - 1) - 1
       else if (pick == 3) 2^used - 1 else (high %% 2097152 * 2147483648 + low) %% 2^used
  if (signed && v >= 2^(used - 1)) v - 2^used else v
}

abi_real <- function(float, nextval) {
  pick <- nextval() %% 16
  high <- nextval()
  low <- nextval()
  e <- nextval() %% 41 - 20
  v <- if (pick == 0) 0 else if (pick == 1) Inf else if (pick == 2) 2^(if (float) 127 else 1000)
       else if (pick == 3) 2^(if (float) -149 else -1074)
       else if (float) low %% 16777216 * 2^e else (high %% 2097152 * 2147483648 + low) * 2^e
  if (pick %% 2) -v else v
}

abi_functions <- list(
  "*(i)i" = lapply(0:3, function(k) { force(k); function(x) x + 7L * k }),
  "*(dd)d" = lapply(0:3, function(k) { force(k); function(x, y) k * x + y }))

abi_vector_values <- function(type, nextval) {
  one <- switch(type$text, "*i" = , "*C" = function() abi_integer(type$bits, type$text == "*i", nextval),
                function() abi_real(type$text == "*f", nextval))
  v <- c(one(), one(), one())
  switch(type$text, "*i" = suppressWarnings(as.integer(v)), "*C" = as.raw(v), "*f" = as.floatraw(v), v)
}

# The value of a type as R passes it; a record is the list of its fields. unit makes objects.
abi_value <- function(type, nextval, unit) {
  if (is_record(type)) return(abi_fields_value(type, nextval, unit))
  if (type$kind == "void") return(NULL)
  if (type$kind == "to") {
    if (nextval() %% 4 == 0) return(NULL)
    return(abi_object(type$record, abi_fields_value(type$record, nextval, unit), unit))
  }
  switch(type$value,
    signed = , unsigned = abi_integer(type$bits, type$value == "signed", nextval),
    bool = nextval() %/% 16 %% 2 == 1,
    float = , double = abi_real(type$value == "float", nextval),
    fcomplex = , dcomplex = {
      re <- abi_real(type$value == "fcomplex", nextval)
      complex(real = re, imaginary = abi_real(type$value == "fcomplex", nextval))
    },
    address = {
      k <- nextval() %% 64
      nextval()
      if (k) offsetPtr(unit$pool, k)
    },
    text = {
      k <- nextval()
      if (k %% 4) sprintf(if (k %% 2) "t\u00e9xt %.0f" else "text %.0f", k)
    },
    vector = if (nextval() %% 4 != 0) abi_vector_values(type, nextval),
    code = {
      k <- nextval() %% 5
      if (k < 4) abi_functions[[type$text]][[k + 1]]
    })
}

abi_atomic <- function(type) {
  type$kind == "scalar" && !type$value %in% c("address", "text", "vector", "code")
}

# The fields of a record that have a value.
abi_valued <- function(record) {
  fields <- Filter(function(f) f$name != "_", record$fields)
  if (record$active) fields[record$active] else fields
}

abi_fields_value <- function(record, nextval, unit) {
  made <- list()
  for (f in abi_valued(record)) {
    value <- if (!is.na(f$bits) && f$type$value != "bool") {
      abi_integer(f$bits, f$type$value == "signed", nextval)
    } else if (length(f$dims)) {
      all <- lapply(seq_len(prod(f$dims)), function(k) abi_value(f$type, nextval, unit))
      if (abi_atomic(f$type)) unlist(all) else all
    } else {
      abi_value(f$type, nextval, unit)
    }
    if (f$anonymous) made <- c(made, value) else made[f$name] <- list(value)
  }
  made
}

abi_object <- function(record, fields, unit) {
  x <- new.struct(unit$types[[record$name]])
  for (name in names(fields)) x[[name]] <- fields[[name]]
  structure(x, fields = fields) # what it was made of
}

# ---- comparison ----

abi_equal_numbers <- function(got, want) {
  identical(as.vector(as.numeric(got)), as.numeric(want), num.eq = FALSE)
}

abi_equal <- function(type, got, want) {
  if (is_record(type)) return(abi_equal_fields(type, got, want))
  if (type$kind == "void") return(is.null(got))
  if (type$kind == "to") {
    if (is.null(want)) return(is.nullptr(got))
    want <- attr(want, "fields")
    return(all(vapply(abi_valued(type$record), function(f) {
      f$anonymous || abi_equal_field(f, got[[f$name]], want[[f$name]])
    }, NA)))
  }
  switch(type$value,
    bool = is.logical(got) && identical(as.vector(got), want),
    fcomplex = , dcomplex = abi_equal_numbers(Re(got), Re(want)) && abi_equal_numbers(Im(got), Im(want)),
    address = if (is.null(want)) is.nullptr(got) else format(got) == format(want),
    text = if (is.null(want)) is.null(got) || is.na(got) else identical(as.vector(got), want),
    vector = if (type$text == "*C") TRUE else if (is.null(want)) is.nullptr(got) else {
      values <- .unpack(got, 0L, paste0(sub("*", "", sub("k", "", type$text), fixed = TRUE), "[3]"))
      if (inherits(want, "floatraw")) want <- floatraw2numeric(want)
      want[is.na(want)] <- -2147483648
      abi_equal_numbers(values, want)
    },
    code = if (is.null(want)) is.null(got) else if (type$text == "*(i)i") got(5L) == want(5L)
           else got(1.5, 2) == want(1.5, 2),
    abi_equal_numbers(got, want))
}

abi_equal_field <- function(f, got, want) {
  if (!length(f$dims)) return(abi_equal(f$type, got, want))
  if (length(f$dims) > 1L) got <- as.vector(aperm(got)) # R counts the first index fastest
  if (abi_atomic(f$type)) return(abi_equal(f$type, got, want))
  length(got) == length(want) && all(unlist(Map(function(g, w) abi_equal(f$type, g, w), got, want)))
}

abi_equal_fields <- function(record, got, want) {
  all(vapply(abi_valued(record), function(f) {
    if (f$anonymous) abi_equal_fields(f$type, got, want)
    else abi_equal_field(f, got[[f$name]], want[[f$name]])
  }, NA))
}

# ---- runs ----

# A compiled unit with its types: the records are parsed in an environment of their own.
abi_load <- function(file, records) {
  library <- .dynload(file)
  types <- new.env(parent = globalenv())
  for (record in records) {
    parse <- if (record$kind == "union") parseUnionInfos else parseStructInfos
    parse(abi_record_text(record), types)
  }
  # names in signatures are looked up where the call stands
  call <- function(...) .dyncall(...)
  callback <- function(...) new.callback(...)
  environment(call) <- environment(callback) <- types
  assign(".dyncall", .dyncall, types)
  assign("new.callback", new.callback, types)
  list(library = library, types = types, call = call, callback = callback,
       pool = .dyncall(.dynsym(library, "abi_address"), ")p"), direct = .dynsym(library, "abi_direct"),
       last = .dynsym(library, "abi_last"), layout = .dynsym(library, "abi_layout"))
}

# Runs signature i of a unit: what is wrong, character() if nothing is. The attribute refused tells that
# the package refuses it rightly.
abi_run <- function(unit, s, i) {
  tryCatch(abi_run_once(unit, s, i), error = function(e) paste("error:", conditionMessage(e)))
}

abi_run_once <- function(unit, s, i) {
  text <- abi_signature_text(s)
  direct <- strsplit(.dyncall(unit$direct, "ip)Z", i - 1L, NULL), " ", fixed = TRUE)[[1L]]
  wrong <- character()
  nextval <- abi_stream(s$seed)
  values <- lapply(s$types, abi_value, nextval, unit)
  want <- abi_value(s$ret, abi_stream(s$seed + 1), unit)
  # records by value as lists and as objects
  given <- Map(function(type, value, k) {
    if (is_record(type) && k %% 2) abi_object(type, value, unit) else value
  }, s$types, values, seq_along(values))
  callee <- .dynsym(unit$library, paste0("f", i))
  got <- tryCatch(do.call(unit$call, c(list(callee, text), given)), error = identity)
  if (inherits(got, "dyncall_error_type") && grepl("passes by value", conditionMessage(got)) &&
      any(vapply(s$types, function(t) is_record(t) && t$align > 16, NA))) {
    return(structure(character(), refused = TRUE))
  }
  before <- rdyncall:::call_path()
  on.exit(rdyncall:::call_path(before))
  for (path in c("call", "plan", "direct")) {
    rdyncall:::call_path(path)
    if (rdyncall:::call_path_of(text, unit$types) != path) next
    got <- tryCatch(do.call(unit$call, c(list(callee, text), given)), error = identity)
    if (inherits(got, "error")) return(paste0("call, path ", path, ": ", conditionMessage(got)))
    last <- .dyncall(unit$last, ")Z")
    if (substr(last, 1, 16) != direct[1L]) wrong <- c(wrong, paste0("call, path ", path, ": arguments"))
    if (!abi_equal(s$ret, got, want)) wrong <- c(wrong, paste0("call, path ", path, ": result"))
  }
  wrong <- c(wrong, abi_run_callback(unit, s, i, text, direct, values, want, "direct"))
  if (rdyncall:::call_path_of(text, unit$types) == "direct") {
    rdyncall:::call_path("call")
    wrong <- c(wrong, abi_run_callback(unit, s, i, text, direct, values, want, "call"))
  }
  wrong
}

# The callback of a signature, called by the C function that calls directly.
abi_run_callback <- function(unit, s, i, text, direct, values, want, path) {
  seen <- NULL
  wrong <- character()
  listen <- function(...) {
    args <- list(...)
    same <- function(k) isTRUE(abi_equal(s$types[[k]], args[[k]], values[[k]]))
    seen <<- vapply(seq_along(values), same, NA)
    if (is_record(s$ret) && s$seed %% 2) abi_object(s$ret, want, unit) else want
  }
  back <- tryCatch({
    code <- unit$callback(text, listen)
    strsplit(.dyncall(unit$direct, "ip)Z", i - 1L, code), " ", fixed = TRUE)[[1L]]
  }, error = function(e) paste("error", conditionMessage(e)))
  if (length(back) != 2L || grepl("^error", back[1L])) return(paste("callback:", path, back[1L]))
  if (!all(seen) || length(seen) != length(values)) {
    wrong <- paste("callback:", path, "argument", paste(which(!seen), collapse = ", "))
  }
  if (back[2L] != direct[2L]) wrong <- c(wrong, paste("callback:", path, "result"))
  wrong
}

# Checks the layout of record i of a unit by what R sees of it.
abi_run_layout <- function(unit, record, i) {
  words <- strsplit(.dyncall(unit$layout, "i)Z", i - 1L), " ", fixed = TRUE)[[1L]]
  info <- unit$types[[record$name]]
  fields <- record$fields
  rows <- which(vapply(fields, `[[`, "", "name") != "_")
  got <- vapply(rows, function(k) {
    f <- fields[[k]]
    if (is.na(f$bits)) return(format(info$fields$offset[k], scientific = FALSE))
    x <- new.struct(info)
    x[[f$name]] <- if (f$type$value == "signed") -1 else if (f$type$value == "bool") TRUE else 1
    if (f$type$value == "unsigned" && f$bits > 1) x <- abi_all_ones(x, f)
    paste(unclass(x)[seq_len(info$size)], collapse = "")
  }, "")
  got <- c(info$size, info$align, got)
  wrong <- which(words != got)
  paste("word", wrong, "is", got[wrong], "but C says", words[wrong], recycle0 = TRUE)
}

# More than 53 ones are no double: the sum of two fields of ones.
abi_all_ones <- function(x, f) {
  if (f$bits <= 53) {
    x[[f$name]] <- 2^f$bits - 1
    return(x)
  }
  x[[f$name]] <- 2^f$bits - 2^(f$bits - 53)
  high <- unclass(x)
  x[[f$name]] <- 2^(f$bits - 53) - 1
  x[seq_along(high)] <- high | unclass(x)
  x
}
