# What test-abi.R and test-layout.R share: compiled units of generated tests, and lines that once failed.

# Compiles a unit for this session; compiler NULL is R's own.
abi_unit_file <- function(name, records, signatures, compiler = NULL, flags = NULL) {
  header <- readLines(testthat::test_path("fixtures", "generated.h"))
  lines <- abi_unit(header, records, signatures, FALSE)
  if (is.null(compiler)) return(fixture_made(name, function() lines))
  folder <- file.path(tempdir(), "rdyncall-fixtures", name)
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  source <- file.path(folder, "unit.c")
  file <- file.path(folder, paste0(name, .Platform$dynlib.ext))
  writeLines(lines, source)
  arguments <- c("-w -O1 -shared -fPIC", flags, "-o", shQuote(file), shQuote(source))
  output <- suppressWarnings(system2(compiler, arguments, stdout = TRUE, stderr = TRUE))
  if (!file.exists(file)) stop(compiler, " fails: ", paste(output, collapse = "\n"))
  file
}

# The failures of n random signatures, as lines for abi_line().
abi_failing_lines <- function(name, n, seed) {
  set.seed(seed, kind = "Mersenne-Twister", sample.kind = "Rejection")
  source <- abi_source(TRUE)
  records <- abi_records(source, ceiling(n * 0.4))
  signatures <- lapply(seq_len(n), function(i) abi_signature(source, records))
  unit <- abi_load(abi_unit_file(name, records, signatures), records)
  refused <- 0
  failed <- character()
  for (i in seq_along(signatures)) {
    wrong <- abi_run(unit, signatures[[i]], i)
    refused <- refused + isTRUE(attr(wrong, "refused"))
    if (length(wrong)) {
      failed <- c(failed, paste(abi_line_of(signatures[[i]]), "#", paste(wrong, collapse = "; ")))
    }
  }
  list(failed = failed, refused = refused)
}

# ---- lines that can be pasted ----

abi_line_of <- function(s) {
  records <- paste(vapply(abi_records_of(c(s$types, list(s$ret))), abi_record_text, ""), collapse = " ")
  paste0("abi_line(\"", records, "\", \"", abi_signature_text(s), "\", ", s$seed, ")")
}

# Takes texts like those of abi_record_text() and abi_signature_text() apart.
abi_read_types <- function(text, source, records) {
  type <- "(k?\\*k?)?(\\([a-z]*\\)[a-z]|<[^>]*>|[A-Za-z])(\\[[0-9]+\\])*(:[0-9]+)?|\\."
  words <- regmatches(text, gregexpr(type, text))[[1L]]
  words <- regmatches(words, regexec("^([^][:.]+|\\.)((?:\\[[0-9]+\\])*)(?::([0-9]+))?$", words, perl = TRUE))
  lapply(words, function(w) {
    name <- gsub("^\\*?<|>$", "", w[2L])
    type <- if (!is.null(source$scalars[[w[2L]]])) source$scalars[[w[2L]]]
            else if (grepl("^\\*", w[2L])) abi_to(records[[name]]) else records[[name]]
    list(text = w[2L], type = type, dims = as.integer(regmatches(w[3L], gregexpr("[0-9]+", w[3L]))[[1L]]),
         bits = if (nzchar(w[4L])) as.integer(w[4L]) else NA_integer_)
  })
}

abi_read_records <- function(text, source) {
  records <- list()
  for (one in regmatches(text, gregexpr("[^;{|]+[{|][^;]*;", text))[[1L]]) {
    parts <- regmatches(one, regexec("^ *([^{|]+)([{|])([^}]*)\\}([^;]*);$", one))[[1L]]
    words <- strsplit(trimws(parts[5L]), " +")[[1L]]
    number <- function(key) {
      found <- grep(paste0("^@", key, "="), words, value = TRUE)
      if (length(found)) as.integer(sub(".*=", "", found)) else 0L
    }
    types <- abi_read_types(parts[4L], source, records)
    fields <- Map(function(t, name, k) {
      abi_field(if (name == ".") paste0("anon", k) else name, t$type, t$dims, t$bits, anonymous = name == ".")
    }, types, words[seq_along(types)], seq_along(types))
    records[[parts[2L]]] <- abi_record(if (parts[3L] == "|") "union" else "struct", parts[2L], unname(fields),
                                       number("pack"), number("align"), "@ms" %in% words)
  }
  records
}

abi_read_signature <- function(text, seed, source, records) {
  halves <- regmatches(text, regexec("^(.*)\\)([^)]+|\\*\\([a-z]*\\)[a-z])$", text))[[1L]]
  if (!length(halves)) stop("no signature: ", text)
  words <- abi_read_types(halves[2L], source, records)
  texts <- vapply(words, `[[`, "", "text")
  fixed <- if ("." %in% texts) match(".", texts) - 1L else NA_integer_
  words <- words[texts != "."]
  ret <- if (halves[3L] == "v") abi_void else abi_read_types(halves[3L], source, records)[[1L]]$type
  s <- list(texts = vapply(words, `[[`, "", "text"), types = lapply(words, `[[`, "type"), ret = ret,
            fixed = fixed, seed = seed)
  if (!is.na(fixed)) s$types <- abi_promoted(s, source)
  s
}

# Gives the records of a line other names, so that lines fit into one unit.
abi_rename_line <- function(line, prefix) {
  names <- regmatches(line$records, gregexpr("[^;{|} ]+(?=[{|])", line$records, perl = TRUE))[[1L]]
  for (name in names) {
    line$records <- sub(paste0("(^|; *)", name, "(?=[{|])"), paste0("\\1", prefix, name), line$records,
                        perl = TRUE)
    texts <- c("records", "signature")
    line[texts] <- gsub(paste0("<", name, ">"), paste0("<", prefix, name, ">"), line[texts], fixed = TRUE)
  }
  line
}

# A signature of some records whose values follow from a seed.
abi_line <- function(records, signature, seed) list(records = records, signature = signature, seed = seed)

# What is wrong with some lines: a list of texts.
abi_run_lines <- function(name, lines) {
  lines <- Map(abi_rename_line, lines, paste0("L", seq_along(lines), "_"))
  source <- abi_source(FALSE)
  records <- abi_read_records(paste(vapply(lines, `[[`, "", "records"), collapse = " "), source)
  signatures <- lapply(lines, function(x) abi_read_signature(x$signature, x$seed, source, records))
  unit <- abi_load(abi_unit_file(name, records, signatures), records)
  layouts <- Map(function(r, i) abi_run_layout(unit, r, i), records, seq_along(records))
  c(layouts, Map(function(s, i) as.character(abi_run(unit, s, i)), signatures, seq_along(signatures)))
}
