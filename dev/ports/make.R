# From a recipe to the text of a port.

make_lines <- function(recipe) {
  made <- dyngen(recipe$headers, portname = recipe$name, title = recipe$title,
                 version = port_version(recipe), libnames = recipe$library,
                 packages = recipe$package, include = recipe_folders(recipe),
                 define = as.character(recipe$defines), args = as.character(recipe$args), files = paste0("^.*", recipe$files),
                 keep = recipe$keep, drop = recipe$drop, imports = as.character(recipe$import),
                 targets = recipe$targets)
  lines <- add_headers(as.character(made), recipe)
  lines <- replace_lines(lines, recipe)
  c(lines, if (length(recipe$more)) c("", recipe$more))
}

recipe_folders <- function(recipe) sub("^-I", "", grep("^-I", recipe_flags(recipe), value = TRUE))

# Upstream's part of the version of the package that has the headers.
port_version <- function(recipe) {
  if (length(recipe$version)) return(recipe$version)
  version <- run("dpkg-query", c("-W", "-f", shQuote("${Version}"), recipe$source))[1L]
  sub("[+~](dfsg|ds|repack).*$", "", sub("-[^-]*$", "", sub("^[0-9]+:", "", version)))
}

add_headers <- function(lines, recipe) {
  if (!length(recipe$extra)) return(lines)
  at <- grep("^Header: ", lines)[1L]
  append(lines, recipe$extra, at - 1L)
}

# Lines of the recipe in place of those that declare the same names.
replace_lines <- function(lines, recipe) {
  for (line in recipe$replace) {
    at <- which(declared(lines) == declared(line) & endsWith(lines, ";"))
    if (length(at) != 1L) {
      stop(recipe$name, ": expected one line for '", declared(line), "' to replace, got ", length(at))
    }
    lines[at] <- paste0(line, ";")
  }
  lines
}

# Makes a port; TRUE if its file has this text already. write puts it there.
make_port <- function(name, write) {
  recipe <- read_recipe(here, name)
  lines <- make_lines(recipe)
  file <- port_file(name)
  same <- file.exists(file) && identical(readLines(file, encoding = "UTF-8"), lines)
  folder <- file.path(root, ".build", "ports", name)
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  writeLines(lines, file.path(folder, basename(file)), useBytes = TRUE)
  if (write && !same) writeLines(lines, file, useBytes = TRUE)
  same
}
