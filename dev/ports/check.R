# dev/ports/check [--write] [name ...]: verifies ports against the compiler; see the script `check`.

here <- Sys.getenv("PORTS_HERE")
root <- normalizePath(file.path(here, "..", ".."))
for (part in c("recipe", "castxml", "compare", "gcc")) source(file.path(here, paste0(part, ".R")))
suppressPackageStartupMessages(library(rdyncall))
internal <- asNamespace("rdyncall")

port_file <- function(name) file.path(root, "inst", "dynports", paste0(name, ".dynport"))

# The types of a port and of those that it imports, made without its library.
port_types <- function(port, recipe) {
  parent <- baseenv()
  for (other in recipe$import) {
    env <- new.env(parent = parent)
    parent <- internal$fill_port(env, internal$read_port(port_file(other)), NULL)
  }
  internal$fill_port(new.env(parent = parent), port, NULL)
}

legacy_names <- function(name, kind) {
  file <- file.path(root, "tests", "testthat", "fixtures", "legacy", paste0(name, ".", kind, ".txt"))
  if (file.exists(file)) readLines(file) else character()
}

check_port <- function(name) {
  recipe <- read_recipe(here, name)
  folder <- file.path(root, ".build", "ports", name)
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  port <- internal$read_port(port_file(name))
  env <- port_types(port, recipe)
  c_side <- read_castxml(recipe, folder)
  by_castxml <- compare_castxml(port, env, c_side)
  by_gcc <- join(list(compare_constants(port, recipe, folder),
                      compare_layouts(port, env, c_side, recipe, folder),
                      compare_aliases(port, recipe, folder)))
  omitted <- join(list(omitted_castxml(port, recipe, c_side),
                       omitted_constants(port, recipe, folder)))
  tell(name, "castxml", by_castxml)
  tell(name, "gcc", by_gcc)
  tell(name, "omitted", omitted)
}

tell <- function(name, by, found) {
  for (i in seq_len(nrow(found))) {
    cat(name, " ", by, ": ", found$kind[i], " ", found$name[i], ": C has ", found$expected[i],
        ", the port ", found$got[i], "\n", sep = "")
  }
}

for (name in commandArgs(TRUE)) check_port(name)
