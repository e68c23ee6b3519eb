# From a recipe to the text of a port.

make_lines <- function(recipe) {
  variants <- recipe$variants
  if (is.null(variants)) variants <- list(character())
  made <- lapply(variants, function(define) generate(recipe, define))
  lines <- made[[1L]]
  if (length(made) == 2L) lines <- merge_variants(made[[1L]], made[[2L]], names(variants))
  lines <- add_headers(lines, recipe)
  lines <- replace_lines(as_bytes(plain_names(lines), recipe), recipe)
  lines <- add_attributes(under_conditions(lines, recipe), recipe)
  c(lines, if (length(recipe$more)) c("", recipe$more))
}

# The platforms that a port is made for; the host comes first.
port_targets <- c("x86_64-linux", "aarch64-linux", "i386-linux", "x86_64-windows", "aarch64-darwin")

generate <- function(recipe, define) {
  as.character(dyngen(recipe$headers, portname = recipe$name, title = recipe$title,
                      version = port_version(recipe), libnames = recipe$library,
                      packages = recipe$package, include = recipe_folders(recipe),
                      define = c(recipe$defines, define), args = as.character(recipe$args),
                      files = paste0("^.*", recipe$files), keep = recipe$keep, drop = recipe$drop,
                      types = if (is.null(recipe$types)) character() else recipe$types,
                      imports = as.character(recipe$import),
                      targets = if (is.null(recipe$targets)) port_targets else recipe$targets))
}

# The head of the section that each line is in; "" before the first one.
section_of <- function(lines) {
  heads <- startsWith(lines, "[")
  c("", lines[heads])[cumsum(heads) + 1L]
}

# What two ways to build a library share, then what only one of them has, under its condition.
merge_variants <- function(one, other, conditions) {
  section <- section_of(one)
  is_line <- endsWith(one, ";")
  shared <- !is_line | paste(section, one) %in% paste(section_of(other), other)
  rest <- function(lines, against, condition) {
    section <- section_of(lines)
    own <- endsWith(lines, ";") & !paste(section, lines) %in% paste(section_of(against), against)
    unlist(lapply(unique(section[own]), function(head) {
      c("", add_condition(head, condition), lines[own & section == head])
    }))
  }
  c(without_empty(one[shared]), rest(one, other, conditions[1L]), rest(other, one, conditions[2L]))
}

# The head of a section with one more condition: '&' binds tighter than '|'.
add_condition <- function(head, condition) {
  parts <- regmatches(head, regexec("^\\[([a-z]+) ?(.*)\\]$", head))[[1L]]
  terms <- strsplit(parts[3L], "|", fixed = TRUE)[[1L]]
  all <- if (length(terms)) paste0(terms, "&", condition, collapse = "|") else condition
  paste0("[", parts[2L], " ", all, "]")
}

# Heads of sections that have no lines are left out.
without_empty <- function(lines) {
  heads <- which(startsWith(lines, "["))
  last <- c(heads[-1L] - 1L, length(lines))
  empty <- vapply(seq_along(heads), function(k) !any(endsWith(lines[heads[k]:last[k]], ";")), NA)
  for (k in rev(which(empty))) lines <- lines[-(heads[k]:last[k])]
  while (!nzchar(lines[length(lines)])) lines <- lines[-length(lines)]
  lines
}

# Declarations that only some platforms have move to sections of their own.
under_conditions <- function(lines, recipe) {
  for (condition in names(recipe$conditions)) {
    moved <- endsWith(lines, ";") & grepl(recipe$conditions[[condition]], declared(lines), perl = TRUE) &
      !grepl(" ", section_of(lines), fixed = TRUE) & nzchar(section_of(lines))
    section <- section_of(lines)[moved]
    taken <- lines[moved]
    lines <- without_empty(lines[!moved])
    for (head in unique(section)) {
      lines <- c(lines, "", add_condition(head, condition), taken[section == head])
    }
  }
  lines
}

recipe_folders <- function(recipe) sub("^-I", "", grep("^-I", recipe_flags(recipe), value = TRUE))

# Upstream's part of the version of the package that has the headers.
port_version <- function(recipe) {
  if (length(recipe$version)) return(recipe$version)
  version <- run("dpkg-query", c("-W", "-f", shQuote("${Version}"), recipe$source))[1L]
  sub("[+~.](dfsg|ds|repack).*$", "", sub("-[^-]*$", "", sub("^[0-9]+:", "", version)))
}

add_headers <- function(lines, recipe) {
  second <- internal$platform_lines("Library2", recipe$library2)
  append(lines, c(second, recipe$extra), grep("^Header: ", lines)[1L] - 1L)
}

# Functions get the attributes whose patterns their names match, unless they come through variables.
add_attributes <- function(lines, recipe) {
  for (attribute in names(recipe$attributes)) {
    at <- startsWith(section_of(lines), "[func") & endsWith(lines, ";") & !grepl("@ptr=", lines) &
      grepl(recipe$attributes[[attribute]], declared(lines), perl = TRUE)
    lines[at] <- sub(";$", paste0(" @", attribute, ";"), lines[at])
  }
  lines
}

# Arguments without the underscores with which headers keep out of the way of macros.
plain_names <- function(lines) {
  at <- startsWith(section_of(lines), "[func") & endsWith(lines, ";")
  lines[at] <- gsub(" _+([A-Za-z])", " \\1", lines[at])
  lines
}

# Addresses of unsigned characters that C hands over are those of bytes, not of text: as results, as
# fields and as arguments of callbacks they become plain addresses, and so do those of characters in
# callbacks, which are buffers. Text that is const stays text.
as_bytes <- function(lines, recipe) {
  kind <- sub("^\\[([a-z]+).*$", "\\1", section_of(lines))
  at <- function(...) kind %in% c(...) & endsWith(lines, ";") & !declared(lines) %in% recipe$text
  functions <- at("func")
  lines[functions] <- sub("\\)\\*k?C( |;)", ")p\\1", lines[functions])
  callbacks <- at("func", "type", "struct")
  inner <- gregexpr("\\*\\([^()]*\\)", lines[callbacks])
  regmatches(lines[callbacks], inner) <- lapply(regmatches(lines[callbacks], inner), function(text) {
    gsub("(?<![*k])(\\*c|\\*k?C)", "p", text, perl = TRUE)
  })
  structs <- at("struct")
  body <- regexpr("[{|][^}]*\\}", lines[structs])
  regmatches(lines[structs], body) <- gsub("(?<![*k])\\*k?C", "p", perl = TRUE,
                                           regmatches(lines[structs], body))
  lines
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
