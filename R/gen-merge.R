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
    machine <- intersect(condition_words$machine, words)
    if (!length(machine)) machine <- sub("-.*", "", triple)
    paste(machine, intersect(condition_words$system, words)[1L], sep = "-")
  }, "", USE.NAMES = FALSE)
}

# Puts letters in place of the names of numbers: <=name>.
resolve_widths <- function(text, widths) {
  open <- grepl("<=", text, fixed = TRUE)
  if (!any(open)) return(text)
  for (name in ls(widths)) {
    text[open] <- gsub(paste0("<=", name, ">"), widths[[name]], text[open], fixed = TRUE)
  }
  text
}

# The letters of each name of a number on all targets, mapped to one spelling: a letter if there is one
# that has its width everywhere, else the name, with its letters as rows of the section of types.
merge_widths <- function(walks) {
  names <- unique(unlist(lapply(walks, function(g) ls(g$widths))))
  merged <- new.env()
  for (name in names) {
    letters <- vapply(walks, function(g) {
      letter <- g$widths[[name]]
      if (is.null(letter)) NA_character_ else letter
    }, "")
    one <- common_width(letters, vapply(walks, function(g) g$pointer, 0),
                        vapply(walks, function(g) g$long, 0))
    if (is.null(one)) {
      one <- paste0("<", name, ">")
      for (i in which(!is.na(letters))) walks[[i]]$put("type", name, paste0(name, "=", letters[i]))
    }
    assign(name, one, envir = merged)
  }
  merged
}

signed_letters <- c(`1` = "c", `2` = "s", `4` = "i", `8` = "l")

# The spelling of a number by its letters on several targets, whose pointers and longs have these sizes.
common_width <- function(letters, pointers, longs) {
  seen <- !is.na(letters)
  letters <- letters[seen]
  if (all(letters == letters[1L])) return(letters[1L])
  lower <- tolower(letters)
  if (!all(lower %in% c("c", "s", "i", "j", "l"))) return(NULL)
  is_signed <- letters == lower
  if (any(is_signed != is_signed[1L])) return(NULL)
  sizes <- ifelse(lower == "j", longs[seen], c(c = 1, s = 2, i = 4, j = NA, l = 8)[lower])
  face <- if (is_signed[1L]) identity else toupper
  if (all(sizes == sizes[1L])) return(face(signed_letters[[as.character(sizes[1L])]]))
  if (all(sizes == pointers[seen])) return(if (is_signed[1L]) "<intptr_t>" else "<uintptr_t>")
  if (all(sizes == longs[seen])) return(face("j"))
  NULL
}

# Rows with the condition under which each holds, "" where it holds on all targets.
merge_rows <- function(tables, words) {
  all <- do.call(rbind, tables)
  target <- rep(seq_along(tables), vapply(tables, nrow, 0L))
  key <- paste(all$kind, all$name)
  order <- merged_order(key, target)
  text <- matrix(NA_character_, length(order), length(tables))
  text[cbind(match(key, order), target)] <- all$text
  kind <- all$kind[match(order, key)]
  name <- all$name[match(order, key)]
  const <- kind == "const"
  text[const, ] <- t(apply(text[const, , drop = FALSE], 1L, common_constant))
  shared <- rowSums(is.na(text) | text != text[, 1L]) == 0L
  shared[is.na(shared)] <- FALSE
  rows <- data.frame(kind = kind, name = name, text = text[, 1L], condition = "")[shared, ]
  rest <- lapply(which(!shared), function(i) split_row(kind[i], name[i], text[i, ], words))
  do.call(rbind, c(list(rows), rest))
}

# Names in the order of the first target, those of others behind the name that they follow there.
merged_order <- function(key, target) {
  order <- key[target == 1L]
  for (k in unique(target)[-1L]) {
    own <- key[target == k]
    at <- match(own, order)
    if (!anyNA(at)) next
    behind <- cummax(ifelse(is.na(at), 0L, at))
    new <- is.na(at)
    place <- c(seq_along(order), behind[new] + seq_len(sum(new)) / (sum(new) + 1))
    order <- c(order, own[new])[order(place)]
  }
  order
}

# Constants of one value have one letter, that of the widest type.
common_constant <- function(texts) {
  seen <- which(!is.na(texts) & !grepl("\"", texts, fixed = TRUE))
  letter <- sub("^.*[0-9a-f]([cCsSiIjJlLp]?)$", "\\1", texts[seen])
  bare <- substr(texts[seen], 1L, nchar(texts[seen]) - nchar(letter))
  ranks <- c("c", "C", "s", "S", "", "I", "j", "J", "l", "L", "p")
  for (value in unique(bare)) {
    same <- bare == value
    if (length(unique(letter[same])) < 2L) next
    texts[seen[same]] <- paste0(value, ranks[max(match(letter[same], ranks))])
  }
  texts
}

# One row for each text of a name. Where every target has the name, the first text is the rule and the
# others are exceptions.
split_row <- function(kind, name, texts, words) {
  rule <- if (anyNA(texts)) NULL else texts[1L]
  distinct <- unique(texts[!is.na(texts)])
  conditions <- vapply(distinct, function(text) {
    if (identical(text, rule)) "" else condition_for(!is.na(texts) & texts == text, words, kind)
  }, "")
  data.frame(kind = kind, name = name, text = distinct, condition = unname(conditions))
}

condition_words <- list(system = c("windows", "darwin", "linux", "bsd", "unix"),
                        model = c("32", "64", "ilp32", "llp64", "lp64"),
                        machine = c("x86_64", "aarch64", "i386", "arm"))

# The shortest condition that holds on these targets and on no others.
condition_for <- function(holds, words, kind) {
  groups <- if (kind %in% c("type", "struct")) c("model", "system", "machine")
            else c("system", "model", "machine")
  terms <- unlist(condition_words[groups], use.names = FALSE)
  truth <- lapply(terms, function(term) vapply(words, function(one) term %in% one, NA))
  truth <- c(truth, lapply(truth, `!`))
  terms <- c(terms, paste0("!", terms))
  for (i in seq_along(terms)) if (all(truth[[i]] == holds)) return(terms[i])
  for (i in seq_along(terms)) for (j in seq_len(i - 1L)) {
    if (all((truth[[i]] & truth[[j]]) == holds)) return(paste0(terms[j], "&", terms[i]))
  }
  for (i in seq_along(terms)) for (j in seq_len(i - 1L)) {
    if (all((truth[[i]] | truth[[j]]) == holds)) return(paste0(terms[j], "|", terms[i]))
  }
  each <- vapply(words[holds], function(one) {
    paste(c(one[1L], intersect(condition_words$machine, one)), collapse = "&")
  }, "")
  paste(unique(each), collapse = "|")
}

# One row for each name: of repeated declarations that which says most, of constants the last.
unique_rows <- function(rows) {
  last <- rows$kind == "const"
  rank <- ifelse(last, seq_len(nrow(rows)), nchar(rows$text) - seq_len(nrow(rows)) / 1e7)
  key <- paste(rows$kind, rows$name)
  best <- order(match(key, key), -rank)
  rows[best[!duplicated(key[best])], ]
}
