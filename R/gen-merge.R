# Targets: their words in conditions, widths of types over all of them, and what they share.

# The words that hold on a platform, from its triple.
target_words <- function(triple) {
  parts <- strsplit(triple, "-", fixed = TRUE)[[1L]]
  arch <- switch(parts[1L], x86_64 = , amd64 = "x86_64", aarch64 = , arm64 = , arm64e = "aarch64",
                 if (grepl("^i[3-6]86$", parts[1L])) "i386" else if (startsWith(parts[1L], "arm")) "arm")
  rest <- paste(parts[-1L], collapse = "-")
  os <- if (grepl("linux", rest)) c("linux", "unix")
        else if (grepl("darwin|macos|apple", rest)) c("darwin", "unix")
        else if (grepl("windows|mingw", rest)) "windows"
        else if (grepl("bsd|dragonfly", rest)) c("bsd", "unix")
        else "unix"
  wide <- is.null(arch) || arch %in% c("x86_64", "aarch64")
  c(os, arch, if (!wide) c("ilp32", "32") else c(if ("windows" %in% os) "llp64" else "lp64", "64"))
}

# Architecture and system of a triple.
short_triple <- function(triples) {
  vapply(triples, function(triple) {
    words <- target_words(triple)
    paste(sub("-.*", "", triple), intersect(c("linux", "darwin", "windows", "bsd", "unix"), words)[1L], sep = "-")
  }, "", USE.NAMES = FALSE)
}

# Puts letters in place of the names of numbers: <=name>.
resolve_widths <- function(text, widths) {
  if (!any(grepl("<=", text, fixed = TRUE))) return(text)
  at <- gregexpr("<=[^>]*>", text)
  regmatches(text, at) <- lapply(regmatches(text, at), function(found) {
    vapply(substr(found, 3L, nchar(found) - 1L), function(name) widths[[name]], "")
  })
  text
}

# One row for each name: of repeated declarations that which says most, of constants the last.
unique_rows <- function(rows) {
  last <- rows$kind == "const"
  rank <- ifelse(last, seq_len(nrow(rows)), nchar(rows$text) - seq_len(nrow(rows)) / 1e7)
  key <- paste(rows$kind, rows$name)
  best <- order(match(key, key), -rank)
  rows[best[!duplicated(key[best])], ]
}
