# The script `check` runs this: ports are made again, verified, and counted in a table.

here <- Sys.getenv("PORTS_HERE")
root <- normalizePath(file.path(here, "..", ".."))
for (part in c("recipe", "make", "castxml", "compare", "gcc", "targets")) {
  source(file.path(here, paste0(part, ".R")))
}
suppressPackageStartupMessages(library(rdyncall))
internal <- asNamespace("rdyncall")

port_file <- function(name) file.path(root, "inst", "dynports", paste0(name, ".dynport"))

# The types of a port and of those that it imports, made without its library.
port_types <- function(file, words = NULL) {
  internal$port_types(file, dirname(file), words)
}

legacy_folder <- file.path(root, "tests", "testthat", "fixtures", "legacy")

# Names of the former port that are in none of the records that can stand for them.
legacy_missing <- function(name, port) {
  kinds <- list(functions = c("func", "alias", "var"),
                constants = c("const", "label", "alias", "var", "func", "type"),
                structs = c("struct", "type", "enum"))
  ports <- c(list(port), lapply(internal$port_header_words(port, "Import"), function(other) {
    internal$read_port(port_file(other))
  }))
  gone <- readLines(file.path(legacy_folder, "gone.txt"))
  gone <- sub("^([^ ]+ [^ ]+ [^ ]+) .*$", "\\1", gone)
  missing <- character()
  for (kind in names(kinds)) {
    file <- file.path(legacy_folder, paste0(name, ".", kind, ".txt"))
    if (!file.exists(file)) next
    pointers <- unlist(lapply(port$attributes[port$kind == "func"], attribute, "ptr"))
    have <- unlist(lapply(ports, function(p) p$name[p$kind %in% kinds[[kind]]]))
    names <- setdiff(readLines(file), c(have, pointers))
    missing <- c(missing, paste(name, sub("s$", "", kind), names, recycle0 = TRUE))
  }
  list(gone = sum(missing %in% gone), missing = setdiff(missing, gone))
}

# Which functions the libraries at hand have, by their symbols.
resolved <- function(port, recipe) {
  old <- options(rdyncall.libpath = recipe$libpath)
  on.exit(options(old))
  rows <- which(port$kind == "func")
  symbols <- vapply(rows, function(i) {
    as.character(c(attribute(port$attributes[i], "ptr"), attribute(port$attributes[i], "sym"),
                   port$name[i])[1L])
  }, "")
  found <- rep(FALSE, length(rows))
  for (key in c("Library", "Library2")) {
    names <- internal$port_header(port, key)
    library <- if (!is.null(names)) dynfind(strsplit(names, "[[:space:]]+")[[1L]])
    if (!is.null(library)) found <- found | .Call(internal$C_library_has, library, symbols)
  }
  list(count = sum(found), missing = port$name[rows][!found])
}

tell <- function(name, by, found) {
  for (i in seq_len(nrow(found))) {
    cat(name, " ", by, ": ", found$kind[i], " ", found$name[i], ": C has ", found$expected[i],
        ", the port ", found$got[i], "\n", sep = "")
  }
}

tell_names <- function(name, what, names) {
  if (length(names)) cat(strwrap(paste0(name, " ", what, ": ", paste(names, collapse = " ")), 110,
                                 exdent = 2), sep = "\n")
}

# What is read under some words, later declarations of a name in place of earlier ones.
read_words <- function(file, words) {
  port <- internal$read_port(file, words)
  is_type <- port$kind %in% c("type", "struct", "enum")
  named <- nzchar(port$name) & port$kind != "header"
  late <- rev(!duplicated(rev(paste(is_type, port$name))))
  lapply(port[names(port) != "file"], `[`, !named | late)
}

# A port against the compilers of this machine.
check_host <- function(name, words, recipe, folder) {
  port <- read_words(port_file(name), words)
  env <- port_types(port_file(name), words)
  c_side <- read_castxml(port, recipe, folder)
  castxml <- compare_castxml(port, env, c_side, recipe)
  gcc <- join(list(compare_constants(port, recipe, folder),
                   compare_layouts(port, env, c_side, recipe, folder),
                   compare_aliases(port, recipe, folder)))
  omitted <- join(list(omitted_castxml(port, recipe, c_side), omitted_macros(port, recipe, folder)))
  list(castxml = castxml, gcc = gcc, omitted = omitted, loosened = unique(c_side$loosened))
}

# As other platforms read it, by their headers, where their compilers are installed.
check_elsewhere <- function(name, recipe, folder) {
  wanted <- if (is.null(recipe$targets)) port_targets else recipe$targets
  found <- list(count = 0L, castxml = no_mismatch, gcc = no_mismatch)
  for (target in intersect(union(wanted, recipe$checked), names(check_targets))) {
    about <- check_targets[[target]]
    if (is.null(about$words) || !nzchar(Sys.which(about$compiler[1L]))) next
    one <- compare_target(name, about, recipe, folder)
    tell(paste(name, target), "castxml", one$castxml)
    tell(paste(name, target), "gcc", one$gcc)
    found <- list(count = found$count + 1L, castxml = rbind(found$castxml, one$castxml),
                  gcc = rbind(found$gcc, one$gcc))
  }
  found
}

# One row of the table.
check_port <- function(name) {
  recipe <- read_recipe(here, name)
  folder <- file.path(root, ".build", "ports", name)
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  words <- c(internal$platform_words(), recipe$words)
  host <- check_host(name, words, recipe, folder)
  tell(name, "castxml", host$castxml)
  tell(name, "gcc", host$gcc)
  tell(name, "omitted", host$omitted)
  # the other way to build the library, with its own headers
  for (define in recipe$variants[-1L]) {
    variant <- recipe
    variant$defines <- c(recipe$defines, define)
    other <- check_host(name, setdiff(words, recipe$words), variant, folder)
    tell(paste(name, define), "castxml", other$castxml)
    tell(paste(name, define), "gcc", other$gcc)
    host$castxml <- rbind(host$castxml, other$castxml)
    host$gcc <- rbind(host$gcc, other$gcc)
  }
  elsewhere <- check_elsewhere(name, recipe, folder)
  port <- read_words(port_file(name), words)
  legacy <- legacy_missing(name, port)
  library <- resolved(port, recipe)
  tell_names(name, "not in the library", library$missing)
  tell_names(name, "missing", legacy$missing)
  count <- function(...) sum(port$kind %in% c(...))
  data.frame(port = name, functions = count("func"), constants = count("const", "label"),
             enums = count("enum"), structs = count("struct"), types = count("type"),
             aliases = count("alias"), variables = count("var"), resolved = library$count,
             loosened = length(host$loosened), platforms = elsewhere$count + 1L,
             gone = legacy$gone, missing = length(legacy$missing),
             gcc = nrow(host$gcc) + nrow(elsewhere$gcc),
             castxml = nrow(host$castxml) + nrow(elsewhere$castxml), omitted = nrow(host$omitted),
             stringsAsFactors = FALSE)
}

# RESULTS.md: the table, and what it was made with.
write_results <- function(table) {
  first <- function(command, ...) run(command, c(...))[1L]
  cells <- do.call(paste, c(lapply(table, as.character), sep = " | "))
  sources <- vapply(table$port, function(name) {
    sub("; sha256.*$", "", internal$port_header(internal$read_port(port_file(name)), "Header"))
  }, "")
  writeLines(c(
    "# Ports, verified", "",
    "`make ports` makes every port again from its recipe and compares it with the compilers; this is what",
    "`dev/ports/check --write` printed.", "",
    "* functions ... variables: what the port has on Linux on x86-64",
    "* resolved: functions that the installed libraries have",
    "* loosened: declarations in which the address of characters is a mere address, because the bytes are no",
    "  text (`as_bytes()` in `make.R`, `replace` in recipes); they are compared as such",
    "* platforms: on which constants and types were compared; layouts are those of the first",
    "* gone: names of the former ports that today's headers do not have, listed with the reason in",
    "  `tests/testthat/fixtures/legacy/gone.txt`; missing: those that are not listed",
    "* gcc: values, sizes, alignments, offsets, bit-fields and aliases that differ; castxml: signatures, types,",
    "  fields and enums that differ",
    "* omitted: declarations and constants of the headers that the port does not have", "",
    paste("|", paste(names(table), collapse = " | "), "|"),
    paste0("|", strrep(" --- |", ncol(table))), paste("|", cells, "|"), "",
    paste0("Made on ", format(Sys.Date()), " with ", first("gcc", "--version"), "; ",
           sub("^castxml version", "castxml", first("castxml", "--version")), "; ",
           sub("^.*(libclang [0-9.]+).*$", "\\1",
               internal$port_header(internal$read_port(port_file("zlib")), "Generator")), "; ",
           R.version.string, "."), "",
    "Headers:", "", paste0("* ", table$port, ": ", sources)), file.path(here, "RESULTS.md"))
}

main <- function(arguments) {
  write <- "--write" %in% arguments
  names <- setdiff(arguments, "--write")
  known <- recipe_names(here)
  if (length(setdiff(names, known))) stop("no recipe for ", paste(setdiff(names, known), collapse = " "))
  if (!length(names)) names <- known
  table <- list()
  for (name in names) {
    needs <- read_recipe(here, name)$needs
    if (length(needs) && !nzchar(Sys.which(needs))) {
      cat(name, ": left as it is, there is no ", needs, " here\n", sep = "")
      next
    }
    same <- make_port(name, write)
    if (!same) cat(name, if (write) "was written anew\n" else "differs from what its recipe makes\n")
    table[[name]] <- cbind(check_port(name), same = same || write)
  }
  table <- do.call(rbind, table)
  same <- table$same
  table$same <- NULL
  options(width = 160)
  print(table, row.names = FALSE)
  if (write && identical(table$port, known)) write_results(table)
  bad <- with(table, missing + gcc + castxml + omitted > 0) | !same
  if (any(bad)) {
    cat("wrong:", table$port[bad], "\n")
    quit(status = 1)
  }
}

main(commandArgs(TRUE))
