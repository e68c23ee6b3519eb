# Port files for the tests.

# Writes a port file: the lines behind the head, and a library.
port_file <- function(lines, library = fixture_file("port"), head = c("#!dynport 2", "Port: fixture"),
                      name = "fixture", folder = tempfile("ports")) {
  dir.create(folder, showWarnings = FALSE)
  file <- file.path(folder, paste0(name, ".dynport"))
  writeLines(c(head, if (!is.null(library)) paste("Library:", library), lines), file)
  file
}

# A port of these lines, not attached.
load_lines <- function(..., library = fixture_file("port")) {
  file <- port_file(c(...), library)
  on.exit(unlink(dirname(file), recursive = TRUE))
  dynport(fixture, file, attach = FALSE)
}

detach_port <- function(name) {
  place <- paste0("dynport:", name)
  while (place %in% search()) detach(place, character.only = TRUE)
}

# The constants that a text declares where these words are true.
constants_in <- function(lines, words) {
  records <- rdyncall:::scan_port(c("#!dynport 2", lines), "text", words)
  const <- records$kind %in% c("const", "label")
  stats::setNames(records$constants[const], records$name[const])
}
