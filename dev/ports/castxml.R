# The C side of a port as castxml sees it, in the letters of signatures. Names of types are resolved
# down to <id> of a struct, union or enum, so that two ways to name a type compare equal.

# Where a port is checked: the compiler, what it needs, the size of long, and the words that are true
# there. The host has no words of its own: the reader knows them. castxml cannot describe function types
# with the attribute cdecl, which says what i386 does anyway.
check_targets <- list(
  host = list(compiler = "gcc", long = 8),
  `i386-linux` = list(compiler = c("gcc", "-m32"), long = 4,
                      flags = c("-Dcdecl=unused", "-idirafter", machine_folder),
                      words = c("linux", "unix", "i386", "ilp32", "32")),
  `aarch64-linux` = list(compiler = "aarch64-linux-gnu-gcc", flags = c("-idirafter", "/usr/include"),
                         long = 8, words = c("linux", "unix", "aarch64", "lp64", "64")),
  `x86_64-windows` = list(compiler = "x86_64-w64-mingw32-gcc", long = 4,
                          flags = c("-D_UCRT", "-idirafter", "/usr/include"),
                          words = c("windows", "x86_64", "llp64", "64")))

# The headers of a recipe, then those that declare the reserved names of types, then typedefs for the
# types of the port that are macros in C.
read_castxml <- function(port, recipe, folder, target = check_targets$host) {
  macros <- intersect(port$name[port$kind == "type"], names(read_macros(recipe, folder, target)))
  source <- file.path(folder, "castxml.c")
  file <- file.path(folder, "castxml.xml")
  writeLines(c(include_lines(recipe), "#include <stddef.h>", "#include <stdint.h>",
               "#include <sys/types.h>", "#include <time.h>", "#include <wchar.h>",
               "#include <stdarg.h>", "#include <uchar.h>",
               sprintf("typedef %s p_type_%s;", macros, macros)), source)
  # glibc's headers name gcc's types of floating point where they see its macros, which castxml takes
  float <- shQuote(paste0("-D_Float", c("128=long double", "64x=long double", "64=double", "32x=double",
                                        "32=float")))
  run("castxml", c("--castxml-output=1", "--castxml-cc-gnu-c", "'('", target$compiler, "-std=gnu11",
                   "')'", float, recipe_flags(recipe, target), shQuote(source), "-o", shQuote(file)))
  nodes <- xml2::xml_children(xml2::read_xml(file, options = "HUGE"))
  attributes <- xml2::xml_attrs(nodes)
  tag <- xml2::xml_name(nodes)
  column <- function(key) vapply(attributes, function(a) a[key], "", USE.NAMES = FALSE)
  about <- data.frame(tag = tag, stringsAsFactors = FALSE)
  for (key in c("id", "name", "type", "returns", "file", "context", "members", "size", "offset",
                "bits", "static", "inline", "const", "max", "incomplete", "init", "mangled",
                "artificial", "value")) {
    about[[key]] <- column(key)
  }
  arguments <- vector("list", nrow(about))
  variadic <- logical(nrow(about))
  for (i in which(tag %in% c("Function", "FunctionType"))) {
    inner <- xml2::xml_children(nodes[[i]])
    kinds <- xml2::xml_name(inner)
    arguments[[i]] <- xml2::xml_attr(inner[kinds == "Argument"], "type")
    variadic[i] <- "Ellipsis" %in% kinds
  }
  values <- vector("list", nrow(about))
  for (i in which(tag == "Enumeration")) {
    inner <- xml2::xml_children(nodes[[i]])
    values[[i]] <- stats::setNames(xml2::xml_attr(inner, "init"), xml2::xml_attr(inner, "name"))
  }
  files <- tag == "File"
  paths <- stats::setNames(about$name[files], about$id[files])
  c_side <- new.env()
  c_side$target <- target
  c_side$about <- about
  c_side$arguments <- arguments
  c_side$variadic <- variadic
  c_side$values <- values
  c_side$row <- list2env(as.list(stats::setNames(seq_len(nrow(about)), about$id)))
  c_side$path <- unname(paths[about$file])
  c_side$global <- about$context %in% about$id[tag == "Namespace" & about$name == "::"]
  c_side$texts <- new.env()
  c_side$bound <- character()
  index_names(c_side)
  c_side
}

# Rows by name: typedefs before tags, as C code that does not say struct means typedefs.
index_names <- function(c_side) {
  about <- c_side$about
  pick <- function(tags) {
    rows <- which(about$tag %in% tags & c_side$global & nzchar(about$name))
    stats::setNames(rows, about$name[rows])
  }
  c_side$typedefs <- pick("Typedef")
  names(c_side$typedefs) <- sub("^p_type_", "", names(c_side$typedefs))
  c_side$tags <- pick(c("Struct", "Union", "Enumeration"))
  c_side$functions <- pick("Function")
  c_side$variables <- pick("Variable")
}

row_of <- function(c_side, id) {
  row <- c_side$row[[id]]
  if (is.null(row)) stop("castxml: no node ", id)
  row
}

fundamental <- c(void = "v", `_Bool` = "B", bool = "B", char = "c", `signed char` = "c",
                 `unsigned char` = "C", float = "f", double = "d", `long double` = "D")

# Integers go by size and sign.
fundamental_text <- function(about, row) {
  name <- about$name[row]
  if (name %in% names(fundamental)) return(fundamental[[name]])
  letter <- c(`16` = "s", `32` = "i", `64` = "l")[about$size[row]]
  if (is.na(letter) || !grepl("int$", name)) return(paste0("{", name, "}"))
  if (grepl("unsigned", name)) toupper(letter) else unname(letter)
}

# Looks through typedefs; qualifiers too if asked.
strip_row <- function(c_side, row, qualifiers = FALSE) {
  about <- c_side$about
  while (about$tag[row] %in% c("Typedef", "ElaboratedType", if (qualifiers) "CvQualifiedType")) {
    row <- row_of(c_side, about$type[row])
  }
  row
}

# The text of the type with an id. Arrays come out as element[n]..., dimensions in C's order.
type_text <- function(c_side, id) {
  known <- c_side$texts[[id]]
  if (!is.null(known)) return(known)
  about <- c_side$about
  row <- row_of(c_side, id)
  text <- switch(about$tag[row],
    FundamentalType = fundamental_text(about, row),
    Typedef = , ElaboratedType = type_text(c_side, about$type[row]),
    CvQualifiedType = {
      inner <- type_text(c_side, about$type[row])
      if (is.na(about$const[row]) || startsWith(inner, "k")) inner else paste0("k", inner)
    },
    PointerType = paste0("*", pointee_text(c_side, about$type[row])),
    ArrayType = {
      inner <- type_text(c_side, about$type[row])
      most <- about$max[row]
      count <- if (is.na(most) || !nzchar(most)) "" else format(as.numeric(most) + 1)
      at <- regexpr("(\\[[0-9]*\\])*$", inner)
      paste0(substr(inner, 1L, at - 1L), "[", count, "]", substring(inner, at))
    },
    FunctionType = function_text(c_side, row),
    Struct = , Union = , Enumeration = enum_or_record(c_side, row),
    paste0("{", about$tag[row], "}"))
  c_side$texts[[id]] <- text
  text
}

# An array behind a pointer counts as its elements, an enum as its integer type: signatures have no
# pointers to arrays, and behind a pointer the name of an enum says nothing about the bytes.
pointee_text <- function(c_side, id) {
  text <- sub("(\\[[0-9]*\\])+$", "", type_text(c_side, id))
  plain_enum(c_side, text)
}

plain_enum <- function(c_side, text) {
  if (!grepl("^k?<[^<>]*>$", text)) return(text)
  row <- row_of(c_side, gsub("[k<>]", "", text))
  if (c_side$about$tag[row] != "Enumeration") return(text)
  paste0(if (startsWith(text, "k")) "k", type_text(c_side, c_side$about$type[row]))
}

# An enum without any name is just its integer type.
enum_or_record <- function(c_side, row) {
  about <- c_side$about
  named <- nzchar(about$name[row]) && !is.na(about$name[row])
  if (about$tag[row] == "Enumeration" && !named && !(about$id[row] %in% typedef_targets(c_side))) {
    return(type_text(c_side, about$type[row]))
  }
  paste0("<", about$id[row], ">")
}

typedef_targets <- function(c_side) {
  if (is.null(c_side$targets)) {
    rows <- c_side$typedefs
    c_side$targets <- vapply(rows, function(row) c_side$about$id[strip_row(c_side, row)], "")
  }
  c_side$targets
}

# Parameters and results by value: const on them says nothing to the caller, arrays are addresses.
value_text <- function(text) {
  text <- sub("^k", "", text)
  if (endsWith(text, "]")) paste0("*", sub("(\\[[0-9]*\\])+$", "", text))
  else if (startsWith(text, "(")) paste0("*", text)
  else text
}

function_text <- function(c_side, row) {
  arguments <- vapply(c_side$arguments[[row]], function(id) value_text(type_text(c_side, id)), "")
  result <- sub("^k", "", type_text(c_side, c_side$about$returns[row]))
  paste0("(", paste(arguments, collapse = ""), if (c_side$variadic[row]) ".", ")", result)
}

# The row of the type that a name of the port stands for in C, NA if none.
named_row <- function(c_side, name) {
  if (name %in% names(c_side$bound)) return(row_of(c_side, c_side$bound[[name]]))
  row <- c_side$typedefs[name]
  unname(if (is.na(row)) tag_row(c_side, name) else row)
}

# A tag that is the name of a function, too, is told apart by its keyword.
tag_row <- function(c_side, name) {
  row <- c_side$tags[name]
  unname(if (is.na(row)) c_side$tags[sub("^(struct|union|enum)\\.", "", name)] else row)
}

name_text <- function(c_side, name) {
  row <- named_row(c_side, name)
  if (is.na(row) && name == "va_list") row <- c_side$typedefs["__builtin_va_list"]
  if (!is.na(row)) type_text(c_side, c_side$about$id[row])
  else if (name == "long double") "D"
  else paste0("{", name, "}")
}

# A signature of the port with its names resolved by the C side and letters of equal meaning made one.
# No parser is needed: names are self-delimiting.
port_text <- function(c_side, text) {
  at <- gregexpr("<[^<>]*>(\\[[0-9]*\\])*", text)[[1L]]
  pieces <- regmatches(text, list(at), invert = TRUE)[[1L]]
  names <- regmatches(text, list(at))[[1L]]
  pieces <- chartr("jJ", if (c_side$target$long == 8) "lL" else "iI", gsub("[[:space:]]", "", pieces))
  pieces <- gsub("x", "<SEXP>", gsub("p", "*v", gsub("Z", "*kc", pieces)))
  if (any(grepl("<SEXP>", pieces))) pieces <- gsub("<SEXP>", name_text(c_side, "SEXP"), pieces)
  resolved <- character(length(names))
  for (i in seq_along(names)) {
    inner <- name_text(c_side, sub("^<([^<>]*)>.*$", "\\1", names[i]))
    outer <- sub("^<[^<>]*>", "", names[i])
    split <- regexpr("(\\[[0-9]*\\])*$", inner)
    element <- substr(inner, 1L, split - 1L)
    if (grepl("\\*k?$", pieces[i])) inner <- plain_enum(c_side, inner)
    before <- paste(pieces[seq_len(i)], collapse = "")
    is_argument <- lengths(gregexpr("(", before, fixed = TRUE)) * grepl("(", before, fixed = TRUE) >
      lengths(gregexpr(")", before, fixed = TRUE)) * grepl(")", before, fixed = TRUE)
    resolved[i] <- if (!endsWith(inner, "]")) paste0(inner, outer)
                   else if (grepl("\\*k?$", pieces[i])) paste0(element, outer)
                   else if (is_argument) paste0("*", element)
                   else paste0(element, outer, substring(inner, split))
  }
  whole <- character(length(pieces) + length(resolved))
  whole[seq(1L, by = 2L, length.out = length(pieces))] <- pieces
  if (length(resolved)) whole[seq(2L, by = 2L, length.out = length(resolved))] <- resolved
  gsub("kk", "k", paste(whole, collapse = ""))
}
