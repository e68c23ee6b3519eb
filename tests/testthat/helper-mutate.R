# Port files with faults: pieces of shipped ports, changed at random.

mutate_words <- c("\n", ";", "=", ":", "{", "}", "(", ")", "[", "]", "@", "\"", "\\", "#", ".", "*", "<", ">", "|", "&", "!",
                  "[const]\n", "[enum]\n", "[type]\n", "[struct]\n", "[var]\n", "[alias]\n", "[func]\n",
                  "[func windows|!unix]\n", "[const version>=1.2]\n", "Version: 1.2\n", "Library2: c\n", "Import: expat\n",
                  "Probe: w=abs(i)i 1\n", " @sym=abs", " @ptr=environ", " @get=abs", " @lib=2", " @cc=stdcall",
                  " @pack=1", " @flags", " @since=2", "0xffffffffffffffffL", "-1", "99999999999999999999", "<size_t>",
                  "k", "_s", "\xff", "\xc3\xa9", "\001")

# The bytes of some lines of a file, with the head of their section.
mutate_piece <- function(lines) {
  from <- sample.int(length(lines), 1L)
  to <- min(length(lines), from + sample.int(40L, 1L))
  section <- grep("^\\[", lines[seq_len(from)])
  head <- c("#!dynport 2", "Library: c", if (length(section)) lines[section[length(section)]])
  charToRaw(paste0(c(head, lines[from:to]), "\n", collapse = ""))
}

# One to three changes: words put in, bytes overwritten, parts removed, doubled or moved.
mutate_bytes <- function(bytes) {
  for (k in seq_len(sample.int(3L, 1L))) {
    n <- length(bytes)
    at <- sample.int(n, 1L)
    part <- at:min(n, at + sample.int(8L, 1L))
    bytes <- switch(sample.int(5L, 1L),
      append(bytes, charToRaw(sample(mutate_words, 1L)), at),
      replace(bytes, at, as.raw(sample.int(256L, 1L) - 1L)),
      bytes[-part],
      append(bytes, bytes[part], at),
      append(bytes[-part], bytes[part], sample.int(n, 1L) - 1L))
    if (!length(bytes)) return(raw(1L))
  }
  bytes
}

# Reads a file and uses all that it declares: "loaded", "refused", or what is wrong with the outcome.
mutate_outcome <- function(bytes, folder, library) {
  refused <- function(e) {
    if (!inherits(e, "dyncall_error")) return(paste("condition of class", class(e)[1L], conditionMessage(e)))
    line <- e$line
    whole <- grepl("^fuzz.dynport:[0-9]+: ", conditionMessage(e)) && is.numeric(line) && line >= 0 &&
      line <= sum(bytes == as.raw(10L)) + 1L
    if (whole) "refused" else paste("no line in:", conditionMessage(e))
  }
  tryCatch({
    source <- list(text = bytes, label = "fuzz.dynport", path = "fuzz.dynport", libraries = list(Library = library))
    source$headers <- rdyncall:::port_records(bytes, "fuzz.dynport", NULL, "header")
    port <- rdyncall:::load_source(source, rdyncall:::import_scope(source, folder), folder)
    for (name in ls(port)) if (!bindingIsActive(name, port)) use_binding(name, port)
    "loaded"
  }, error = refused, warning = refused)
}

# R warns when something is used that needs a type which could not be made before.
use_binding <- function(name, port) {
  again <- function(w) {
    if (grepl("restarting interrupted promise", conditionMessage(w), fixed = TRUE)) invokeRestart("muffleWarning")
  }
  withCallingHandlers(tryCatch({
    value <- port[[name]]
    if (is.function(value)) format(value)
  }, dyncall_error = function(e) NULL), warning = again)
}

# The outcomes of n faulty files, by number; those that are wrong have their own names.
mutate_ports <- function(n, folder, library) {
  files <- lapply(list.files(folder, "\\.dynport$", full.names = TRUE), readLines)
  outcomes <- character(n)
  for (i in seq_len(n)) {
    bytes <- mutate_bytes(mutate_piece(files[[sample.int(length(files), 1L)]]))
    outcomes[i] <- mutate_outcome(bytes, folder, library)
    if (!outcomes[i] %in% c("loaded", "refused")) {
      outcomes[i] <- paste0(outcomes[i], " in ", deparse(rawToChar(replace(bytes, bytes == 0, as.raw(63L)))))
    }
  }
  table(outcomes)
}
