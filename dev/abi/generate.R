# Batches of random tests: what one compilation holds. Sourced by run.R, which knows the folders.

abi_batch_size <- 500L

# Batch b of a run: types and signatures that follow from the seed alone.
abi_batch <- function(seed, b, n, r) {
  set.seed((seed + 7919 * b) %% 2147483647, kind = "Mersenne-Twister", sample.kind = "Rejection")
  source <- abi_source(r)
  records <- abi_records(source, ceiling(n * 0.4))
  list(records = records, signatures = lapply(seq_len(n), function(i) abi_signature(source, records)), r = r)
}

# Writes and compiles a unit with each setting: a data frame of settings and files.
abi_compile <- function(header, records, signatures, wide, settings, folder) {
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  source <- file.path(folder, "unit.c")
  writeLines(abi_unit(header, records, signatures, wide), source)
  settings$file <- file.path(folder, paste0(settings$cc, settings$opt, ".so"))
  settings$reference <- file.path(folder, paste0("gcc", settings$opt, ".so"))
  settings$reference[settings$cc == "gcc"] <- NA
  for (k in seq_len(nrow(settings))) {
    arguments <- c("-std=gnu11 -w", if (settings$cc[k] != "clang") "-Wno-psabi", paste0("-O", settings$opt[k]),
                   "-shared -fPIC -o", shQuote(settings$file[k]), shQuote(source), "-lm")
    output <- system2(settings$cc[k], arguments, stdout = TRUE, stderr = TRUE)
    if (!file.exists(settings$file[k])) {
      stop("the unit does not compile: ", paste(utils::head(output, 20L), collapse = "\n"))
    }
  }
  settings
}

# Runs the driver over a unit, again behind each crash: the lines that it prints. reference is the file of
# another compiler, or NULL.
abi_drive <- function(driver, file, reference = NULL) {
  lines <- character()
  first <- 0L
  repeat {
    arguments <- c(shQuote(file), first, if (!is.null(reference)) shQuote(reference))
    output <- suppressWarnings(system2(driver, arguments, stdout = TRUE, stderr = TRUE))
    lines <- c(lines, output)
    crash <- grep("^CRASH ", output, value = TRUE)
    if (!length(crash)) return(lines)
    first <- as.integer(strsplit(crash[length(crash)], " ", fixed = TRUE)[[1L]][2L]) + 1L
  }
}

# The lines of failures as a data frame: index counted from 1, of a record where kind is layout or bits;
# differ is TRUE where the reference does not agree with the compiler either, or what it compiled fails by
# itself.
abi_failures <- function(lines) {
  lines <- grep("^(FAIL|DIFFER|CRASH) ", lines, value = TRUE)
  words <- regmatches(lines, regexec("^([A-Z]+) ([0-9]+) ([a-z]+) (.*)$", lines))
  part <- function(k) vapply(words, `[`, "", k)
  data.frame(index = as.integer(part(3L)) + 1L, kind = part(4L), detail = part(5L),
             differ = part(2L) == "DIFFER" | part(4L) %in% c("disagreement", "direct"))
}

# ---- shrinking ----

# Smaller versions of a record.
abi_smaller_records <- function(record) {
  again <- function(fields = record$fields, kind = record$kind, pack = record$pack, align = record$least,
                    ms = record$ms) {
    made <- abi_record(kind, record$name, fields, pack, align, ms)
    made$active <- if (kind == "union") min(max(record$active, 1L), made$active) else 0L
    made
  }
  int <- abi_source(TRUE)$scalars[["i"]]
  out <- lapply(seq_along(record$fields), function(k) again(record$fields[-k]))
  for (k in seq_along(record$fields)) {
    f <- record$fields[[k]]
    if (length(f$dims)) {
      f$dims <- integer()
      out <- c(out, list(again(replace(record$fields, k, list(f)))))
    }
    if (f$type$kind != "scalar") {
      f$type <- int
      f$anonymous <- FALSE
      out <- c(out, list(again(replace(record$fields, k, list(f)))))
    }
  }
  c(out, if (record$pack) list(again(pack = 0L)), if (record$least) list(again(align = 0L)),
    if (record$ms) list(again(ms = FALSE)), if (record$kind == "union") list(again(kind = "struct")))
}

# A type in which every record of some name is replaced.
abi_replace <- function(type, name, by) {
  if (type$kind == "to") return(abi_to(abi_replace(type$record, name, by)))
  if (!is_record(type)) return(type)
  if (type$name == name) return(by)
  type$fields <- lapply(type$fields, function(f) {
    f$type <- abi_replace(f$type, name, by)
    f
  })
  type
}

# All records get another prefix, so that several versions fit into a unit.
abi_rename <- function(type, prefix) {
  if (type$kind == "to") return(abi_to(abi_rename(type$record, prefix)))
  if (!is_record(type)) return(type)
  type$name <- paste0(prefix, type$name)
  type$text <- paste0("<", type$name, ">")
  type$c <- paste(type$kind, type$name)
  type$ref <- paste0("&", type$name, "_t")
  type$fields <- lapply(type$fields, function(f) {
    f$type <- abi_rename(f$type, prefix)
    f
  })
  type
}

abi_map_types <- function(s, f) {
  s$types <- lapply(s$types, f)
  s$ret <- f(s$ret)
  records <- vapply(s$types, function(t) t$kind != "scalar", NA)
  s$texts[records] <- vapply(s$types[records], `[[`, "", "text")
  s
}

# Versions of a signature with fewer arguments, the smallest first.
abi_fewer_arguments <- function(s) {
  n <- length(s$types)
  without <- function(drop) {
    s$types <- s$types[-drop]
    s$texts <- s$texts[-drop]
    if (!is.na(s$fixed)) {
      s$fixed <- s$fixed - sum(drop <= s$fixed)
      if (!s$fixed) s$fixed <- NA_integer_
    }
    s
  }
  parts <- function(k) split(seq_len(n), cut(seq_len(n), k, labels = FALSE))
  out <- if (n == 1L) list(without(1L)) else if (n) {
    lapply(unlist(lapply(unique(pmin(c(2, 4, 8, 16, 40), n)), parts), recursive = FALSE), without)
  }
  if (s$ret$kind != "void") {
    s$ret <- abi_void
    out <- c(out, list(s))
  }
  unname(out)
}

# Versions of a signature in which a record is smaller.
abi_simpler_records <- function(s) {
  unlist(lapply(rev(abi_records_of(c(s$types, list(s$ret)))), function(record) {
    lapply(abi_smaller_records(record), function(by) {
      abi_map_types(s, function(t) abi_replace(t, record$name, by))
    })
  }), recursive = FALSE)
}

# The smallest version that still fails; fails() tells for a list of versions which do. Stops after a
# number of seconds.
abi_shrink <- function(s, fails, seconds = 60) {
  end <- proc.time()[["elapsed"]] + seconds
  repeat {
    before <- s
    for (smaller in list(abi_fewer_arguments, abi_simpler_records)) repeat {
      candidates <- smaller(s)
      found <- NULL
      for (chunk in split(seq_along(candidates), (seq_along(candidates) - 1L) %/% 40L)) {
        bad <- which(fails(candidates[chunk]))
        if (length(bad)) found <- candidates[[chunk[bad[1L]]]]
        if (!is.null(found) || proc.time()[["elapsed"]] > end) break
      }
      if (is.null(found)) break
      s <- found
    }
    if (identical(before, s) || proc.time()[["elapsed"]] > end) return(s)
  }
}

