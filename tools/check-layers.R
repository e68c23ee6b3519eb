# Checks that includes in src/ go down the layers and that R files call the C functions of their
# own stem: Rscript tools/check-layers.R [root]. Prints what is wrong and fails, or says what it saw.

layers <- list(
  L0 = c("rdc", "statuses", "status", "arena", "block", "strmap", "os", "os_unix", "os_win",
    "os_errno", "encoding"),
  L1 = c("scalars", "type", "layout", "sig", "port", "port_scan", "port_head",
    "port_literal"),
  L2 = c("plan", "rows", "abi", "abi_sysv64", "abi_aapcs64", "abi_i386", "abi_win64", "abi_other",
    "abi_plain", "abi_by_size", "abi_direct", "abi_pool", "abi_rows", "abi_x87"),
  L3 = c("r", "arguments", "condition", "pointer", "text", "convert", "marshal", "keep", "owner",
    "debug", "result",
    "put", "put_number", "put_composite", "get", "cache", "call", "bound", "failure", "params", "constant", "callback",
    "memory", "view", "library", "map", "columns", "missing", "struct", "array", "typeinfo", "dynport", "entries",
    "init")
)

# C stems that an R file may call besides its own: files of the public interface that have no C
# module of their name, and objects whose parts live in several modules.
r_calls <- list(
  array = c("struct", "memory", "typeinfo"),
  bind = c("bound", "call", "constant", "library", "params", "typeinfo"),
  call = "typeinfo",
  declare = c("bound", "call", "dynport"),
  convert = c("typeinfo", "memory"),
  find = "library",
  float = "memory",
  gen = c("dynport", "memory", "typeinfo"),
  owner = c("array", "struct"),
  pack = c("memory", "struct"),
  pointer = c("callback", "owner"),
  port = c("bound", "dynport", "library", "memory", "typeinfo"),
  check = "init",
  string = "text",
  struct = c("typeinfo", "memory", "pointer"),
  type = c("typeinfo", "dynport"),
  zzz = c("arguments", "constant", "init", "thread", "condition")
)

problems <- character()
problem <- function(...) problems <<- c(problems, paste0(...))

# ---- src/ ----

layer_of <- function(file) {
  stem <- sub("\\.[ch]$", "", file)
  match(TRUE, vapply(layers, function(stems) stem %in% stems, NA)) - 1L
}

read_includes <- function(path) {
  lines <- readLines(path, warn = FALSE)
  pattern <- "^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"]+)[>\"].*$"
  at <- grep(pattern, lines)
  data.frame(
    file = rep(basename(path), length(at)), line = at,
    quoted = sub(pattern, "\\1", lines[at]) == "\"", header = sub(pattern, "\\2", lines[at])
  )
}

is_r_header <- function(header) {
  grepl("^(R|Rinternals|Rdefines|Rmath|Rversion|Rconfig|Rinterface|Rembedded|Rallocators|S)\\.h$", header) |
    grepl("^R_ext/", header)
}

check_include <- function(file, line, quoted, header, files) {
  where <- paste0("src/", file, ":", line, ": ")
  if (header %in% c("ffi.h", "ffi/ffi.h", "ffitarget.h")) {
    if (!file %in% c("abi.c", "abi.h")) problem(where, "only abi includes <", header, ">")
  } else if (is_r_header(header)) {
    if (file != "r.h") problem(where, "only r.h includes <", header, ">")
  } else if (quoted && !header %in% files) {
    problem(where, "no such file: \"", header, "\"")
  } else if (quoted && isTRUE(layer_of(header) > layer_of(file))) {
    problem(where, "L", layer_of(file), " includes \"", header, "\" of L", layer_of(header))
  }
}

# The first cycle that a depth-first walk along `edges` (file -> included files) finds, or NULL.
find_cycle <- function(edges) {
  done <- character()
  walk <- function(node, path) {
    if (node %in% path) return(c(path[match(node, path):length(path)], node))
    if (node %in% done) return(NULL)
    for (to in edges[[node]]) {
      cycle <- walk(to, c(path, node))
      if (!is.null(cycle)) return(cycle)
    }
    done <<- c(done, node)
    NULL
  }
  for (node in names(edges)) {
    cycle <- walk(node, character())
    if (!is.null(cycle)) return(cycle)
  }
  NULL
}

check_src <- function(root) {
  all <- list.files(file.path(root, "src"))
  files <- grep("\\.[ch]$", all, value = TRUE)
  strange <- setdiff(grep("\\.(o|so|dylib|dll|a)$", all, invert = TRUE, value = TRUE),
    c(files, "Makevars", "Makevars.in", "Makevars.win"))
  unknown <- c(strange, files[is.na(vapply(files, layer_of, 0L))])
  for (file in unknown) problem("src/", file, ": a file of no layer; add it to tools/check-layers.R")

  includes <- do.call(rbind, lapply(file.path(root, "src", files), read_includes))
  for (i in seq_len(NROW(includes))) do.call(check_include, c(includes[i, ], list(files = files)))
  headers <- grep("\\.h$", files, value = TRUE)
  own <- includes[includes$quoted & includes$header %in% headers, ]
  cycle <- find_cycle(split(own$header, factor(own$file, headers)))
  if (!is.null(cycle)) problem("src/: headers include each other: ", paste(cycle, collapse = " -> "))
  files
}

# ---- R/ ----

check_r_file <- function(path, files) {
  stem <- sub("\\.R$", "", basename(path))
  family <- sub("-.*$", "", stem)
  allowed <- c(stem, family, r_calls[[stem]], r_calls[[family]])
  words <- getParseData(parse(path, keep.source = TRUE))
  words <- words[words$token %in% c("SYMBOL", "SYMBOL_FUNCTION_CALL"), ]
  words <- words[grepl("^C_", words$text), ]
  for (i in seq_len(NROW(words))) {
    name <- words$text[i]
    where <- paste0("R/", basename(path), ":", words$line1[i], ": ", name)
    called <- sub("^C_([a-z]+)_.*$", "\\1", name)
    if (!paste0(called, ".c") %in% files) {
      problem(where, ": there is no src/", called, ".c")
    } else if (!called %in% allowed) {
      problem(where, ": may call C_", paste(unique(allowed), collapse = "_, C_"), "_ only")
    }
  }
}

args <- commandArgs(trailingOnly = TRUE)
root <- if (length(args)) args[1] else "."
files <- check_src(root)
r_files <- list.files(file.path(root, "R"), "\\.R$", full.names = TRUE)
for (path in r_files) check_r_file(path, files)

if (length(problems)) {
  writeLines(problems)
  quit(status = 1)
}
cat("layers:", length(files), "files of src/ and", length(r_files), "of R/ keep to their layers\n")
