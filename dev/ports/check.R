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

# One row of the table.
check_port <- function(name) {
  recipe <- read_recipe(here, name)
  folder <- file.path(root, ".build", "ports", name)
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  words <- c(internal$platform_words(), recipe$words)
  port <- internal$read_port(port_file(name), words)
  env <- port_types(port_file(name), words)
  c_side <- read_castxml(port, recipe, folder)
  castxml <- compare_castxml(port, env, c_side, recipe)
  gcc <- join(list(compare_constants(port, recipe, folder),
                   compare_layouts(port, env, c_side, recipe, folder),
                   compare_aliases(port, recipe, folder)))
  omitted <- join(list(omitted_castxml(port, recipe, c_side),
                       omitted_macros(port, recipe, folder)))
  legacy <- legacy_missing(name, port)
  library <- resolved(port, recipe)
  tell(name, "castxml", castxml)
  tell(name, "gcc", gcc)
  tell(name, "omitted", omitted)
  tell_names(name, "not in the library", library$missing)
  tell_names(name, "missing", legacy$missing)
  count <- function(...) sum(port$kind %in% c(...))
  data.frame(port = name, functions = count("func"), constants = count("const", "label"),
             enums = count("enum"), structs = count("struct"), types = count("type"),
             aliases = count("alias"), variables = count("var"), resolved = library$count,
             loosened = length(unique(c_side$loosened)), gone = legacy$gone, missing = length(legacy$missing), gcc = nrow(gcc),
             castxml = nrow(castxml), omitted = nrow(omitted), stringsAsFactors = FALSE)
}

main <- function(arguments) {
  write <- "--write" %in% arguments
  names <- setdiff(arguments, "--write")
  known <- recipe_names(here)
  if (length(setdiff(names, known))) stop("no recipe for ", paste(setdiff(names, known), collapse = " "))
  if (!length(names)) names <- known
  table <- list()
  for (name in names) {
    same <- make_port(name, write)
    if (!same) cat(name, if (write) "was written anew\n" else "differs from what its recipe makes\n")
    table[[name]] <- cbind(check_port(name), same = same || write)
  }
  table <- do.call(rbind, table)
  options(width = 150)
  print(table[names(table) != "same"], row.names = FALSE)
  bad <- with(table, missing + gcc + castxml + omitted > 0 | !same)
  if (any(bad)) {
    cat("wrong:", table$port[bad], "\n")
    quit(status = 1)
  }
}

main(commandArgs(TRUE))
