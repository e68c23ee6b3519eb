# A port against castxml: every signature, type, variable and field.

mismatch <- function(kind, name, expected, got) {
  data.frame(kind = kind, name = name, expected = expected, got = got, stringsAsFactors = FALSE)
}

no_mismatch <- mismatch(character(), character(), character(), character())

join <- function(list) do.call(rbind, c(list(no_mismatch), list))

attribute <- function(text, key) {
  found <- regmatches(text, regexpr(paste0("(^|[[:space:]])@", key, "=[^[:space:]]*"), text))
  if (length(found)) sub("^[^=]*=", "", found)
}

# The name that a line of a port declares.
declared <- function(lines) sub("^([^({|=:; ]*).*$", "\\1", lines)

# Everything of a port that castxml can judge. env holds its types, by name. Lines that the recipe
# replaces may call the address of characters a mere address.
compare_castxml <- function(port, env, c_side, recipe) {
  c_side$loose <- declared(recipe$replace)
  found <- list(compare_records(port, env, c_side))
  rows <- which(port$kind == "func")
  found <- c(found, lapply(rows, function(i) compare_function(port, i, c_side)))
  rows <- which(port$kind == "var")
  found <- c(found, lapply(rows, function(i) compare_variable(port, i, c_side)))
  rows <- which(port$kind == "type")
  found <- c(found, lapply(rows, function(i) compare_typedef(port, i, c_side)))
  rows <- which(port$kind == "enum" & nzchar(port$name))
  found <- c(found, lapply(rows, function(i) compare_enum(port, i, c_side)))
  join(found)
}

# The function of the header, by its name or by that of its symbol, or behind a pointer variable.
compare_function <- function(port, i, c_side) {
  name <- port$name[i]
  got <- port_text(c_side, paste0("(", port$body[i]))
  got <- sub("^\\(_.", "(", got)
  pointer <- attribute(port$attributes[i], "ptr")
  if (!is.null(pointer)) {
    row <- c_side$variables[pointer]
    if (is.na(row)) return(mismatch("func", name, paste("a variable", pointer), "none"))
    expected <- sub("^k?\\*", "", type_text(c_side, c_side$about$type[row]))
  } else {
    row <- c_side$functions[name]
    symbol <- attribute(port$attributes[i], "sym")
    if (is.na(row) && !is.null(symbol)) row <- c_side$functions[symbol]
    if (is.na(row)) return(mismatch("func", name, "a function of the headers", "none"))
    expected <- function_text(c_side, row)
  }
  if (differs(expected, got, name, c_side)) mismatch("func", name, expected, got)
}

# const on a whole value is not kept by all kinds of declarations, and says nothing about the bytes.
# Where as_bytes() or the recipe made an address of characters a mere address, that is counted.
differs <- function(expected, got, name, c_side) {
  texts <- sub("^k", "", c(expected, got))
  if (texts[1L] == texts[2L]) return(FALSE)
  texts <- gsub(if (name %in% c_side$loose) "\\*k?[cCv]" else "\\*(k?C|[cv])", "*v", texts)
  c_side$loosened <- c(c_side$loosened, if (texts[1L] == texts[2L]) name)
  texts[1L] != texts[2L]
}

compare_variable <- function(port, i, c_side) {
  name <- port$name[i]
  row <- c_side$variables[name]
  symbol <- attribute(port$attributes[i], "sym")
  if (is.na(row) && !is.null(symbol)) row <- c_side$variables[symbol]
  if (is.na(row)) return(mismatch("var", name, "a variable of the headers", "none"))
  same_type("var", name, type_text(c_side, c_side$about$type[row]), port$body[i], c_side)
}

compare_typedef <- function(port, i, c_side) {
  name <- port$name[i]
  row <- c_side$typedefs[name]
  if (is.na(row)) row <- c_side$tags[name]
  if (is.na(row)) return(mismatch("type", name, "a typedef of the headers", "none"))
  same_type("type", name, type_text(c_side, c_side$about$id[row]), port$body[i], c_side)
}

same_type <- function(kind, name, expected, text, c_side) {
  got <- port_text(c_side, text)
  if (differs(expected, got, name, c_side)) mismatch(kind, name, expected, got)
}

compare_enum <- function(port, i, c_side) {
  name <- port$name[i]
  row <- named_row(c_side, name)
  if (!is.na(row)) row <- strip_row(c_side, row, qualifiers = TRUE)
  if (is.na(row) || c_side$about$tag[row] != "Enumeration") {
    return(mismatch("enum", name, "an enum of the headers", "none"))
  }
  last <- i
  while (last < length(port$kind) && port$kind[last + 1L] == "label") last <- last + 1L
  at <- seq_len(last - i) + i
  got <- paste0(port$name[at], "=", format(port$value[at], scientific = FALSE, trim = TRUE))
  values <- c_side$values[[row]]
  expected <- paste0(names(values), "=", values)
  if (!identical(got, expected)) {
    odd <- c(setdiff(expected, got), setdiff(got, expected))
    return(mismatch("enum", name, paste(intersect(odd, expected), collapse = " "),
                    paste(intersect(odd, got), collapse = " ")))
  }
  size <- as.numeric(c_side$about$size[row]) / 8
  letter <- port$letter[i]
  long <- c_side$target$long
  size_got <- c(c = 1, C = 1, B = 1, s = 2, S = 2, i = 4, I = 4, j = long, J = long, l = 8, L = 8)[[letter]]
  if (size != size_got) mismatch("enum", name, paste(size, "bytes"), paste(size_got, "bytes"))
}

# Structs and unions from the outermost in: members without a type name of their own in C are compared
# when the record around them shows which they are.
compare_records <- function(port, env, c_side) {
  rows <- which(port$kind == "struct")
  left <- unique(port$name[rows])
  found <- list()
  repeat {
    ready <- left[vapply(left, function(name) !is.na(named_row(c_side, name)), NA)]
    if (!length(ready)) break
    left <- setdiff(left, ready)
    found <- c(found, lapply(ready, function(name) compare_record(name, port, env, c_side)))
  }
  # castxml does not show what is inside of records that are declared inside of others
  hidden <- vapply(left, function(name) {
    outer <- named_row(c_side, sub("[.].*$", "", name))
    !is.na(outer) && is.na(c_side$about$members[strip_row(c_side, outer, qualifiers = TRUE)])
  }, NA)
  join(c(found, lapply(left[!hidden], function(name) {
    mismatch("struct", name, "a struct or union of the headers", "none")
  })))
}

compare_record <- function(name, port, env, c_side) {
  about <- c_side$about
  row <- strip_row(c_side, named_row(c_side, name), qualifiers = TRUE)
  if (!about$tag[row] %in% c("Struct", "Union")) {
    return(mismatch("struct", name, tolower(about$tag[row]), "a struct or union"))
  }
  info <- env[[name]]
  c_side$bound[name] <- about$id[row]
  opaque <- !is.na(about$incomplete[row])
  if (is.na(info$size) || opaque) {
    if (is.na(info$size) && opaque) return(NULL)
    return(mismatch("struct", name, if (opaque) "an opaque type" else "fields",
                    if (opaque) "fields" else "an opaque type"))
  }
  # layouts are those of the host
  host <- is.null(c_side$target$words)
  expected <- c(kind = tolower(about$tag[row]), size = if (host) as.numeric(about$size[row]) / 8)
  got <- c(kind = info$type, size = if (host) info$size)
  if (!identical(expected, got)) {
    return(mismatch("struct", name, paste(expected, collapse = " "), paste(got, collapse = " ")))
  }
  compare_fields(name, row, info, port, c_side)
}

# castxml gives no members of tagged records that are declared inside of others: gcc has to do for these.
compare_fields <- function(name, row, info, port, c_side) {
  about <- c_side$about
  if (is.na(about$members[row])) return(no_mismatch)
  members <- strsplit(trimws(about$members[row]), " +")[[1L]]
  members <- vapply(members[nzchar(members) & !is.na(members)], function(id) row_of(c_side, id), 1L)
  members <- members[about$tag[members] == "Field"]
  fields <- field_table(name, info, port)
  fields <- fields[fields$name != "_", ]
  # castxml leaves unnamed bit-fields in or out by version: they are padding either way
  bits <- !is.na(about$bits[members])
  members <- members[!(bits & !nzchar(about$name[members]))]
  c_names <- ifelse(nzchar(about$name[members]), about$name[members], ".")
  if (!identical(c_names, fields$name)) {
    return(mismatch("struct", name, paste(c_names, collapse = " "),
                    paste(fields$name, collapse = " ")))
  }
  found <- list()
  for (k in seq_along(members)) {
    bind_inner(fields$text[k], about$type[members[k]], c_side)
    width <- about$bits[members[k]]
    suffix <- function(bits) if (is.na(bits)) "" else paste0(":", bits)
    expected <- paste0(type_text(c_side, about$type[members[k]]), suffix(width))
    got <- paste0(port_text(c_side, fields$text[k]), suffix(fields$bits[k]))
    if (differs(expected, got, name, c_side)) {
      found <- c(found, list(mismatch("field", paste0(name, "$", c_names[k]), expected, got)))
    }
    at <- as.numeric(about$offset[members[k]]) / 8
    if (is.na(width) && is.null(c_side$target$words) && at != fields$offset[k]) {
      found <- c(found, list(mismatch("offset", paste0(name, "$", c_names[k]), format(at),
                                      format(fields$offset[k]))))
    }
  }
  join(found)
}

# Names without make.unique()'s marks; the declared types, which say const where typeinfo does too.
field_table <- function(name, info, port) {
  body <- port$body[which(port$kind == "struct" & port$name == name)]
  words <- strsplit(trimws(sub("[[:space:]]@.*$", "", sub("^[^}]*\\}", "", body[length(body)]))),
                    "[[:space:]]+")[[1L]]
  data.frame(name = words[nzchar(words)], text = info$fields$type, offset = info$fields$offset,
             bits = info$fields$bits, stringsAsFactors = FALSE)
}

# A member's type that has no name in C: the port's name for it means it from here on.
bind_inner <- function(text, id, c_side) {
  name <- regmatches(text, regexpr("<[^<>]*>", text))
  if (!length(name)) return()
  name <- gsub("[<>]", "", name)
  if (!is.na(named_row(c_side, name)) || name == "long double") return()
  about <- c_side$about
  row <- row_of(c_side, id)
  while (about$tag[row] %in% c("ArrayType", "PointerType", "CvQualifiedType", "ElaboratedType")) {
    row <- row_of(c_side, about$type[row])
  }
  nameless <- is.na(about$name[row]) || about$name[row] %in% c("", name)
  if (nameless && about$tag[row] %in% c("Struct", "Union", "Enumeration")) {
    c_side$bound[name] <- about$id[row]
  }
}

# What the headers declare in the recipe's files and the port does not have.
omitted_castxml <- function(port, recipe, c_side) {
  about <- c_side$about
  mine <- grepl(recipe$files, c_side$path) & !is.na(c_side$path) & is_wanted(about$name, recipe)
  have <- function(kinds) {
    at <- port$kind %in% kinds
    c(port$name[at], unlist(lapply(port$attributes[at], function(text) {
      c(attribute(text, "sym"), attribute(text, "ptr"))
    })), port$body[at & port$kind == "alias"])
  }
  functions <- unname(c_side$functions)
  functions <- functions[mine[functions] & is.na(about$static[functions]) &
                           is.na(about$inline[functions])]
  variables <- unname(c_side$variables)
  variables <- variables[mine[variables] & is.na(about$static[variables])]
  tags <- unname(c_side$tags)
  tags <- tags[mine[tags] & is.na(about$incomplete[tags])]
  # a tag counts as there under any of its typedefs' names
  ids <- vapply(port$name[port$kind %in% c("struct", "enum", "type") & nzchar(port$name)],
                function(name) {
                  row <- named_row(c_side, name)
                  if (is.na(row)) "" else about$id[strip_row(c_side, row, qualifiers = TRUE)]
                }, "")
  join(c(
    lapply(setdiff(about$name[functions], have(c("func", "alias"))), function(name) {
      mismatch("func", name, "in the port", "only in the headers")
    }),
    lapply(setdiff(about$name[variables], have(c("var", "func", "alias"))), function(name) {
      mismatch("var", name, "in the port", "only in the headers")
    }),
    lapply(about$name[tags[!about$id[tags] %in% ids]], function(name) {
      mismatch("struct or enum", name, "in the port", "only in the headers")
    })))
}

is_wanted <- function(names, recipe) {
  ok <- !is.na(names) & nzchar(names)
  if (length(recipe$keep)) ok <- ok & grepl(recipe$keep, names)
  if (length(recipe$drop)) ok <- ok & !grepl(recipe$drop, names)
  ok
}
