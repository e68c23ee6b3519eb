# Attributes at the end of declarations: who owns what C returns, which parameters may be left out, and what
# a failure is. They are read here, for dynbind(), dyndeclare() and ports.

dyndeclare <- function(declarations, envir = parent.frame()) {
  check_env(envir, "envir")
  places <- list(new.env(parent = emptyenv()), envir, parent.frame())
  find <- function(name, mode) {
    for (place in places) {
      found <- get0(name, envir = place, mode = mode)
      if (!is.null(found)) return(found)
    }
  }
  text <- paste(check_strings(declarations, "declarations"), collapse = "")
  parts <- trimws(strsplit(text, ";", fixed = TRUE)[[1L]])
  parts <- parts[nzchar(parts)]
  names <- sub("[[:space:]].*$", "", parts)
  # assigned when all of them are right
  for (i in seq_along(parts)) assign(names[i], redeclared(names[i], parts[i], find), envir = places[[1L]])
  for (name in names) assign(name, get(name, envir = places[[1L]]), envir = envir)
  invisible(names)
}

# The function of a text "name parameters attributes", with what the text adds to its declaration.
redeclared <- function(name, text, find) {
  f <- find(name, "function")
  if (!inherits(f, "dynbound")) {
    abort("argument", paste0("argument 'declarations': expected the name of a bound function, got '", name,
                             "'"), argument = "declarations", value = text)
  }
  about <- .Call(C_bound_describe, attr(f, "call"))
  rest <- substring(text, nchar(name) + 1L)
  if (!grepl("^[[:space:]]+[^@[:space:]]", rest)) { # no names of parameters
    rest <- paste(c("", about$params, trimws(rest)), collapse = " ")
  }
  entry <- .Call(C_call_entries, paste0(about$name, "(", about$signature, rest, ";"))
  params <- if (entry$count == 0L) character() else entry$params[[1L]]
  attributes <- read_attributes(entry$attributes, about$name)
  before <- .Call(C_bound_rules, attr(f, "call"))$attributes
  handle <- .Call(C_bound_copy, attr(f, "call"), params)
  apply_attributes(handle, c(before[!names(before) %in% names(attributes)], attributes), about$name, params,
          about$library, find)
  new_bound(handle, about$signature, params, entry$variadic)
}

# The attributes in a text as c(key = value).
read_attributes <- function(text, name) {
  text <- gsub("[[:space:]]+", " ", text)
  tryCatch(.Call(C_dynport_attributes, text), dyncall_error_signature = function(e) {
    e$message <- paste0(name, ": ", e$message)
    e$signature <- text
    stop(e)
  })
}

rule_keys <- c("out", "inout", "length", "buffer", "used", "optional", "fail", "code", "message")

# Gives a handle what its attributes say. find(name, mode) looks for functions and constants.
apply_attributes <- function(handle, attributes, name, params, library, find) {
  if ("threadsafe" %in% names(attributes)) .Call(C_bound_safe, handle)
  attributes <- attributes[names(attributes) %in% c(rule_keys, "free", "copy")]
  if (!length(attributes)) return(handle)
  equals <- ifelse(nzchar(attributes), "=", "")
  d <- list(name = name, params = params, attributes = attributes,
            text = paste0("@", names(attributes), equals, attributes, collapse = " "))
  owners <- read_owners(d, library, find)
  if (!is.null(owners$result)) .Call(C_bound_own, handle, owners$result)
  .Call(C_bound_declare, handle, make_rules(d, owners, find))
}

bad_attribute <- function(d, key, expected, got) {
  abort("signature", paste0(d$name, ": expected ", expected, " behind '@", key, "=', got '", got, "'"),
        signature = d$text)
}

# The values of an attribute, apart at their commas, in the groups of a pattern.
attribute_items <- function(d, key, pattern, expected) {
  if (!key %in% names(d$attributes)) return(list())
  value <- d$attributes[[key]]
  items <- strsplit(paste0(value, ","), ",", fixed = TRUE)[[1L]]
  pattern <- paste0("^", gsub("NAME", "([^]:,=()!|@[]+)", pattern), "$")
  groups <- regmatches(items, regexec(pattern, items, perl = TRUE))
  if (!length(items) || !all(lengths(groups))) bad_attribute(d, key, expected, value)
  groups
}

# The number of a parameter.
parameter_number <- function(d, key, word) {
  i <- match(word, d$params)
  if (is.na(i)) {
    bad_attribute(d, key, if (length(d$params)) paste("a parameter of", paste(d$params, collapse = ", "))
                          else "a parameter, named in the declaration", word)
  }
  i
}

# ---- who owns what ----

# list(result =, parameter = ...) of list(copy, destructor)
read_owners <- function(d, library, find) {
  copies <- if (identical(d$attributes["copy"], c(copy = ""))) "result"
            else vapply(attribute_items(d, "copy", "NAME", "'result' or parameters"), `[`, "", 2L)
  frees <- attribute_items(d, "free", "(?:NAME:)?NAME", "the name of a function, or parameter:function,")
  owned <- vapply(frees, function(item) if (nzchar(item[2L])) item[2L] else "result", "")
  if (anyDuplicated(owned)) bad_attribute(d, "free", "one name for each value", d$attributes[["free"]])
  owners <- list()
  for (name in unique(c(copies, owned))) {
    at <- match(name, owned)
    owners[[name]] <- list(name %in% copies, if (!is.na(at)) destructor(frees[[at]][3L], library, find))
  }
  owners
}

# ---- parameters ----

# The rules of a function, in the order that src/params.c knows; NULL without any.
make_rules <- function(d, owners, find) {
  values <- setdiff(names(owners), "result")
  if (!any(names(d$attributes) %in% rule_keys) && !length(values)) return(NULL)
  n <- length(d$params)
  rules <- list(text = d$text, role = integer(n), count = rep(NA_real_, n), size = integer(n),
                used = integer(n), of = integer(n), default = vector("list", n), own = vector("list", n),
                shown = logical(n), needed = logical(n), types = vector("list", n), result = TRUE,
                fail = NULL, code = NULL, message = NULL, attributes = d$attributes)
  rules <- add_lengths(rules, d)
  rules <- add_outs(rules, d)
  rules <- add_used(rules, d)
  rules <- add_defaults(rules, d)
  rules <- add_owners(rules, d, owners[values])
  add_failure(rules, d, find)
}

add_lengths <- function(rules, d) {
  for (item in attribute_items(d, "length", "NAME:NAME", "parameter:parameter")) {
    i <- parameter_number(d, "length", item[2L])
    rules$of[i] <- parameter_number(d, "length", item[3L])
    if (rules$of[i] == i) bad_attribute(d, "length", "another parameter", item[3L])
  }
  rules
}

add_outs <- function(rules, d) {
  pattern <- "NAME(?:\\[([0-9]+)\\]|\\[NAME\\])?"
  for (item in attribute_items(d, "out", pattern, "parameter or parameter[number]")) {
    rules <- add_out(rules, d, "out", item[2L], item[3L], item[4L])
  }
  for (item in attribute_items(d, "inout", "NAME", "parameters")) {
    rules <- add_out(rules, d, "inout", item[2L], "", "")
  }
  pattern <- "NAME(?:\\[([0-9]+)\\](?::NAME)?|:NAME)"
  for (item in attribute_items(d, "buffer", pattern, "parameter:size or parameter[number]")) {
    rules <- add_out(rules, d, "buffer", item[2L], item[3L], paste0(item[4L], item[5L]))
  }
  rules
}

add_used <- function(rules, d) {
  for (item in attribute_items(d, "used", "NAME:NAME", "parameter:parameter or parameter:result")) {
    i <- parameter_number(d, "used", item[2L])
    if (is.na(rules$count[i]) && !rules$size[i]) bad_attribute(d, "used", "an array that is made", item[2L])
    rules$used[i] <- if (item[3L] == "result") -1L else parameter_number(d, "used", item[3L])
  }
  rules
}

add_defaults <- function(rules, d) {
  for (item in attribute_items(d, "optional", "NAME(?::(.+))?", "parameter or parameter:value")) {
    i <- parameter_number(d, "optional", item[2L])
    if (rules$role[i] %in% c(1L, 3L)) bad_attribute(d, "optional", "a parameter that C reads", item[2L])
    rules$default[[i]] <- list(read_default(item[3L]))
  }
  rules
}

add_owners <- function(rules, d, owners) {
  for (name in names(owners)) {
    key <- if (is.null(owners[[name]][[2L]])) "copy" else "free"
    i <- parameter_number(d, key, name)
    if (!rules$role[i]) bad_attribute(d, key, "a parameter of @out or @inout", name)
    rules$own[[i]] <- owners[[name]]
  }
  rules
}

# A parameter that C writes to; number and size say how many elements, as far as they are not empty.
add_out <- function(rules, d, key, name, number, size) {
  i <- parameter_number(d, key, name)
  if (rules$role[i]) bad_attribute(d, key, "each parameter once", name)
  rules$role[i] <- match(key, c("out", "inout", "buffer"))
  rules$shown[i] <- TRUE
  if (nzchar(number)) rules$count[i] <- as.numeric(number)
  if (nzchar(size)) {
    k <- parameter_number(d, key, size)
    if (k == i) bad_attribute(d, key, "another parameter", size)
    rules$size[i] <- k
    if (!rules$of[k]) rules$of[k] <- i
  }
  rules
}

# The value of a literal; a word is a label of an enum, or text.
read_default <- function(text) {
  if (text %in% c("", "NULL")) NULL
  else if (text %in% c("TRUE", "FALSE")) as.logical(text)
  else if (grepl("^[-+]?(0[xX][0-9a-fA-F]+|[0-9]*[.]?[0-9]+([eE][-+]?[0-9]+)?)$", text)) as.numeric(text)
  else sub("^\"(.*)\"$", "\\1", text)
}

# ---- failures ----

add_failure <- function(rules, d, find) {
  if ("fail" %in% names(d$attributes)) rules$fail <- read_failure(d, find)
  for (key in intersect(c("code", "message"), names(d$attributes))) {
    if (is.null(rules$fail)) bad_attribute(d, key, "'@fail='", d$attributes[[key]])
    word <- d$attributes[[key]]
    if (is_call(word)) {
      rules[[key]] <- read_call(d, key, word, if (key == "message") c("result", "code") else "result", find)
    } else {
      i <- parameter_number(d, key, word)
      rules[[key]] <- list(args = word)
      rules$shown[i] <- FALSE # it says something about failures only
    }
  }
  looked_at <- c(rules$fail$judge$args, rules$code$args, rules$message$args)
  rules$needed <- d$params %in% looked_at
  # of a result that is no failure, nothing may be left to tell
  rules$result <- is.null(rules$fail) || !(is_status(rules$fail) || any(rules$used == -1L))
  rules
}

is_call <- function(text) grepl("^[^()]+\\([^()]*\\)$", text)

# list(name, f, args) of a text f(a,b)
read_call <- function(d, key, text, known, find) {
  name <- sub("\\(.*$", "", text)
  args <- strsplit(gsub("^[^(]*\\(|\\)$", "", text), ",", fixed = TRUE)[[1L]]
  unknown <- setdiff(args, c(d$params, known))
  if (length(unknown)) {
    bad_attribute(d, key, paste("arguments of", paste(c(d$params, known), collapse = ", ")), unknown[1L])
  }
  f <- find(name, "function")
  if (is.null(f)) {
    abort("symbol", paste0(d$name, ": expected the name of a function behind '@", key, "=', got '", name,
                           "'"), symbol = name)
  }
  list(name = name, f = f, args = args)
}

# The tests of a result, as src/params.c counts them: negative, null, a set of values.
read_failure <- function(d, find) {
  value <- d$attributes[["fail"]]
  fail <- list(test = 0L, negated = FALSE, labels = character(), values = numeric(), errno = FALSE,
               last = FALSE, asks = FALSE, judge = NULL, expected = NULL)
  for (part in regmatches(value, gregexpr("[^,()]+(\\([^()]*\\))?", value))[[1L]]) {
    if (part == "errno") fail$errno <- TRUE
    else if (part == "lasterror") fail$last <- TRUE
    else if (is_call(part)) {
      if (fail$asks) bad_attribute(d, "fail", "one function at most", value)
      fail$asks <- TRUE
      fail$judge <- read_call(d, "fail", part, "result", find)
    } else {
      if (fail$test) bad_attribute(d, "fail", "one rule for the result at most", value)
      fail <- add_test(fail, d, part, find)
    }
  }
  if (!fail$test && !fail$errno && !fail$last && !fail$asks) bad_attribute(d, "fail", "a rule", value)
  if (is.null(fail$expected)) {
    fail$expected <- if (fail$errno || fail$last) "no error"
                     else paste("a result that", fail$judge$name, "accepts")
  }
  fail
}

# Whether one result only is no failure.
is_status <- function(fail) fail$test == 3L && fail$negated && length(fail$labels) == 1L &&
  !fail$errno && !fail$last && !fail$asks

add_test <- function(fail, d, part, find) {
  if (part == "negative") {
    fail$test <- 1L
    fail$expected <- "a result that is not negative"
    return(fail)
  }
  if (part == "null") {
    fail$test <- 2L
    fail$expected <- "a result that is not null"
    return(fail)
  }
  part <- switch(part, zero = "0", nonzero = "!0", part)
  labels <- strsplit(paste0(sub("^!", "", part), "|"), "|", fixed = TRUE)[[1L]]
  if (!length(labels) || !all(grepl("^([-+]?[0-9]+(x[0-9a-fA-F]+)?|[[:alpha:]_.][[:alnum:]_.]*)$", labels))) {
    bad_attribute(d, "fail", paste("negative, zero, nonzero, null, errno, lasterror, a function(result), or values",
                                   "of the result (A|B, or !A|B for all others)"), part)
  }
  fail$test <- 3L
  fail$negated <- startsWith(part, "!")
  fail$labels <- labels
  fail$values <- vapply(labels, constant_value, 0, find, USE.NAMES = FALSE)
  fail$expected <- if (fail$negated) paste(labels, collapse = " or ")
                   else paste("a result other than", paste(labels, collapse = " or "))
  fail
}

# The number that a word is or names, NA when the labels of the result have to be asked.
constant_value <- function(word, find) {
  if (grepl("^[-+0-9]", word)) return(as.numeric(word))
  value <- find(word, "numeric")
  if (is.null(value) || length(value) != 1L) NA_real_ else as.numeric(value)
}

# Called by C when the result looks like a failure: raises the error, unless a function has to judge and sees
# none. values are those of the parameters; `made` says which of them were made for the call.
judge <- function(rules, name, result, values, made, errno, last) {
  fail <- rules$fail
  known <- c(list(result = result), values)
  verdict <- if (fail$asks) rule_value(fail$judge, known)
  if (fail$asks && (is.null(verdict) || identical(verdict, FALSE))) return(invisible())
  if (fail$asks && !identical(verdict, TRUE) && !is_text(verdict)) {
    abort("argument", paste0("result of ", fail$judge$name, ": expected TRUE, FALSE, NULL or a message, got ",
                             describe(verdict)), argument = "result", value = verdict)
  }
  failure <- failure_of(rules, known, errno, last)
  if (is_text(verdict)) failure$reason <- verdict
  for (i in which(made)) free_out(rules$own[[i]], values[[i]])
  .Call(C_call_errno, errno) # not that of functions which were asked
  told <- if (length(failure$name)) failure$name
          else if (!is.null(failure$code) && !identical(failure$code, unname(result))) {
            paste("code", format(failure$code))
          }
  told <- paste(c(told, if (is_text(failure$reason)) failure$reason), collapse = ", ")
  abort("foreign", paste0(name, ": expected ", fail$expected, ", got ", describe_result(result),
                          if (nzchar(told)) paste0(" (", told, ")")),
        `function` = name, code = failure$code, name = failure$name, reason = failure$reason, errno = errno)
}

is_text <- function(x) is.character(x) && length(x) == 1L && !is.na(x)

describe_result <- function(x) {
  if (is.externalptr(x) && is.nullptr(x)) "a null pointer"
  else if (inherits(x, "integer64")) format(plain_double(x), digits = 15L)
  else if (is.numeric(x) && length(x) == 1L) format(unname(x), digits = 15L)
  else describe(x)
}

rule_value <- function(what, known) {
  if (is.null(what$f)) known[[what$args]] else do.call(what$f, unname(known[what$args]), quote = TRUE)
}

# list(code, name, reason)
failure_of <- function(rules, known, errno, last) {
  fail <- rules$fail
  code <- if (!is.null(rules$code)) rule_value(rules$code, known)
          else if (fail$errno) errno
          else if (fail$last) last
          else if (is.numeric(known$result) || is.logical(known$result)) known$result
  by_errno <- is.null(rules$code) && fail$errno
  text <- if (by_errno) dynstrerror(errno)
          else if (fail$last && is.null(rules$code)) .Call(C_call_error_text, last, TRUE)
  name <- if (by_errno) names(text) else names(code)
  if (!length(name) && length(code) == 1L && is.null(rules$code)) {
    name <- fail$labels[which(fail$values == plain_double(code))]
  }
  name <- name[nzchar(name) & !grepl("^[-+0-9]", name)]
  code <- unname(code)
  reason <- if (is.null(rules$message)) unname(text)
            else rule_value(rules$message, c(list(code = code), known))
  list(code = code, name = if (length(name)) name[1L], reason = reason)
}

# Nobody gets what a failed call has made.
free_out <- function(own, value) {
  if (is.null(own) || own[[1L]] || is.null(own[[2L]])) return(invisible())
  if (is.externalptr(value) && !is.nullptr(value)) dynfree(value)
}
