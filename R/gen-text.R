# The text of a port: headers with its provenance, then sections.

port_sections <- c("const", "enum", "type", "struct", "var", "alias", "func")

# Sections that always hold, then those of each condition.
all_sections <- function(rows) {
  unlist(lapply(unique(c("", rows$condition)), function(condition) {
    own <- rows[rows$condition == condition, ]
    lapply(port_sections, function(kind) {
      text <- own$text[own$kind == kind]
      head <- paste0("[", kind, if (nzchar(condition)) paste0(" ", condition), "]")
      if (length(text)) c("", head, paste0(text, ";"))
    })
  }), use.names = FALSE)
}

text_header <- function(key, value) {
  if (!length(value)) return(NULL)
  value <- paste(check_strings(value, tolower(key)), collapse = " ")
  if (grepl("[\r\n]", value)) abort_argument(tolower(key), "one line of text", value)
  paste0(key, ": ", value)
}

# Values by platform: what has no name holds everywhere.
platform_lines <- function(key, values) {
  if (is.null(values)) return(NULL)
  if (!is.character(unlist(values)) || anyNA(unlist(values))) {
    abort_argument(tolower(key), "names, or a list of names by platform", values)
  }
  values <- as.list(if (is.null(names(values))) list(values) else values)
  names <- names(values)
  if (is.null(names)) names <- rep("", length(values))
  plain <- unlist(values[!nzchar(names)])
  c(if (length(plain)) paste0(key, ": ", paste(plain, collapse = " ")),
    vapply(which(nzchar(names)), function(i) {
      paste0(key, "[", names[i], "]: ", paste(values[[i]], collapse = " "))
    }, ""))
}

# The headers, the package of the system that they come from, and what tells their version apart.
provenance <- function(headers, files) {
  package <- debian_package(files)
  hash <- sha256(files)
  paste(c(paste(headers, collapse = ", "), package, if (length(hash)) paste0("sha256:", hash)),
        collapse = "; ")
}

debian_package <- function(files) {
  if (!length(files) || !nzchar(Sys.which("dpkg-query"))) return(NULL)
  run <- function(...) {
    tryCatch(suppressWarnings(system2("dpkg-query", shQuote(c(...)), stdout = TRUE, stderr = FALSE)),
             error = function(e) character())
  }
  owner <- run("-S", normalizePath(files[1L], mustWork = FALSE))
  if (!length(owner) || !is.null(attr(owner, "status"))) return(NULL)
  name <- sub("[:,].*$", "", owner[1L])
  version <- run("-W", "-f=${Version}", name)
  c(paste(name, version[1L]), debian_licence(name))
}

# The licence that the package's machine-readable copyright file gives for most of its files.
debian_licence <- function(package) {
  file <- file.path("/usr/share/doc", package, "copyright")
  if (!file.exists(file)) return(NULL)
  lines <- readLines(file, warn = FALSE)
  at <- grep("^Files: *\\*", lines)
  licence <- grep("^Licen[sc]e: *[^ ]", lines)
  licence <- licence[licence > if (length(at)) at[1L] else 0L]
  if (length(licence)) trimws(sub("^[^:]*:", "", lines[licence[1L]]))
}

# Of the files one after the other.
sha256 <- function(files) {
  files <- files[file.exists(files)]
  tool <- Sys.which(c("sha256sum", "shasum"))
  if (!length(files) || !any(nzchar(tool))) return(NULL)
  all <- tempfile()
  on.exit(unlink(all))
  writeBin(unlist(lapply(files, function(file) readBin(file, "raw", file.size(file)))), all)
  args <- c(if (!nzchar(tool[1L])) c("-a", "256"), shQuote(all))
  out <- tryCatch(system2(tool[nzchar(tool)][1L], args, stdout = TRUE), error = function(e) character())
  if (length(out)) sub(" .*$", "", out[1L])
}
