# A port against gcc: a program that includes the recipe's headers prints every constant, label, size,
# alignment and offset, and the bytes that bit-fields change.

gcc_head <- function(recipe) c(
  include_lines(recipe),
  "#undef printf", "#undef memset", "#undef strlen", "#undef main",
  "int printf(const char *, ...); void *memset(void *, int, __SIZE_TYPE__);",
  "__SIZE_TYPE__ strlen(const char *);",
  "static void p_unsigned(const char *n, unsigned long long x)",
  '{ printf("%s\\tinteger\\t%016llx\\n", n, x); }',
  "static void p_signed(const char *n, long long x)",
  '{ printf("%s\\tinteger\\t%s%016llx\\n", n, x < 0 ? "-" : "", x); }',
  'static void p_real(const char *n, double x) { printf("%s\\treal\\t%a\\n", n, x); }',
  "static void p_address(const char *n, const void *x)",
  '{ printf("%s\\taddress\\t%016lx\\n", n, (unsigned long)x); }',
  "static void p_bytes(const char *n, const char *kind, const void *x, unsigned long size)",
  '{ printf("%s\\t%s\\t", n, kind); for (unsigned long i = 0; i < size; i++)',
  '  printf("%02x", ((const unsigned char *)x)[i]); printf("\\n"); }',
  'static void p_text(const char *n, const char *x) { p_bytes(n, "text", x, strlen(x)); }',
  "#define P_CONST(n, m) _Generic((m), char *: p_text, const char *: p_text, float: p_real, \\",
  "  double: p_real, long double: p_real, _Bool: p_unsigned, char: p_signed, signed char: p_signed, \\",
  "  unsigned char: p_unsigned, short: p_signed, unsigned short: p_unsigned, int: p_signed, \\",
  "  unsigned: p_unsigned, long: p_signed, unsigned long: p_unsigned, long long: p_signed, \\",
  "  unsigned long long: p_unsigned, default: p_address)(n, m)",
  "#define P_IS_VALUE(m) _Generic((m), char *: 1, const char *: 1, float: 1, double: 1, \\",
  "  long double: 1, _Bool: 1, char: 1, signed char: 1, unsigned char: 1, short: 1, \\",
  "  unsigned short: 1, int: 1, unsigned: 1, long: 1, unsigned long: 1, long long: 1, \\",
  "  unsigned long long: 1, default: 0)")

# The program, its rows in functions of some hundred each.
gcc_program <- function(recipe, rows) {
  parts <- split(rows, (seq_along(rows) - 1L) %/% 400L)
  c(gcc_head(recipe),
    unlist(lapply(seq_along(parts), function(k) {
      c(paste0("static void part", k, "(void) {"), parts[[k]], "}")
    }), use.names = FALSE),
    "int main(void) {", paste0("part", seq_along(parts), "();", recycle0 = TRUE), "return 0; }")
}

# Compiles a program of rows; rows that gcc rejects are left out and compilation is tried again.
# Returns the rejected rows (numbers), and the output of the program if it is to run.
gcc_try <- function(recipe, rows, folder, name, execute = TRUE, target = check_targets$host) {
  source <- file.path(folder, paste0(name, ".c"))
  program <- file.path(folder, name)
  rejected <- integer()
  for (round in 1:12) {
    kept <- setdiff(seq_along(rows), rejected)
    lines <- gcc_program(recipe, rows[kept])
    writeLines(lines, source)
    flags <- c(target$compiler[-1L], "-std=gnu11", "-w", "-fmax-errors=0", "-O0",
               recipe_flags(recipe, target),
               if (execute) c("-o", shQuote(program)) else "-fsyntax-only", shQuote(source))
    said <- run(target$compiler[1L], flags, may_fail = TRUE)
    if (is.null(attr(said, "status"))) {
      return(list(rejected = rejected, said = if (execute) run(program, character())))
    }
    # an error inside of a macro of the headers names the row in a note
    at <- regmatches(said, regexpr(paste0("^.*", basename(source), ":[0-9]+:[0-9]+: (error|note)"), said))
    at <- unique(as.integer(sub("^.*:([0-9]+):[0-9]+: (error|note)$", "\\1", at)))
    wrong <- kept[match(lines[at], rows[kept])]
    wrong <- wrong[!is.na(wrong)]
    if (!length(wrong)) stop("gcc: ", paste(utils::head(said, 20L), collapse = "\n"))
    rejected <- c(rejected, wrong)
  }
  stop("gcc: still errors after 12 rounds: ", paste(utils::head(said, 20L), collapse = "\n"))
}

c_string <- function(text) paste0('"', text, '"')

# What gcc should print of a value, as kind<TAB>value.
value_line <- function(value, literal) {
  if (is.externalptr(value)) {
    digits <- sub("p$", "", trimws(literal))
    number <- suppressWarnings(as.numeric(digits))
    negative <- number < 0
    return(paste0("address\t", hex64(if (negative) number else number)))
  }
  if (is.character(value)) {
    return(paste0("text\t", paste(as.character(charToRaw(value)), collapse = "")))
  }
  if (inherits(value, c("integer64", "uint64"))) {
    bytes <- rev(writeBin(unclass(as.vector(value)), raw(), endian = "little"))
    negative <- inherits(value, "integer64") && bytes[1L] >= as.raw(0x80)
    return(paste0("integer\t", if (negative) "-", paste(as.character(bytes), collapse = "")))
  }
  if (grepl("^[-+]?(0[xX][0-9a-fA-F]+|[0-9]+)[A-Za-z]?$", trimws(literal)) ) {
    return(paste0("integer\t", if (value < 0) "-", hex64(value)))
  }
  paste0("real\t", c_hex_float(value))
}

# 16 hexadecimal digits of a whole number, as two's complement.
hex64 <- function(x) {
  low <- abs(x) %% 2^32
  high <- abs(x) %/% 2^32
  if (x < 0) {
    high <- if (low == 0) 2^32 - high else 2^32 - 1 - high
    low <- (2^32 - low) %% 2^32
  }
  quarters <- c(high %/% 65536, high %% 65536, low %/% 65536, low %% 65536)
  paste(sprintf("%04x", as.integer(quarters)), collapse = "")
}

c_hex_float <- function(x) if (is.finite(x)) sprintf("%a", x) else tolower(format(x))

# Every constant and label.
compare_constants <- function(port, recipe, folder) {
  rows <- which(port$kind %in% c("const", "label"))
  if (!length(rows)) return(no_mismatch)
  names <- port$name[rows]
  lines <- sprintf("P_CONST(%s, %s);", c_string(names), names)
  tried <- gcc_try(recipe, lines, folder, "constants")
  said <- strsplit(tried$said, "\t", fixed = TRUE)
  got <- stats::setNames(vapply(said, function(x) paste(c(x[-1L], "")[1:2], collapse = "\t"), ""),
                         vapply(said, `[`, "", 1L))
  found <- lapply(names[tried$rejected], function(name) {
    mismatch("const", name, "an expression that gcc accepts", "none")
  })
  for (k in setdiff(seq_along(rows), tried$rejected)) {
    i <- rows[k]
    label <- port$kind[i] == "label"
    in_port <- if (label) value_line(port$value[i], "0") else value_line(port$constants[[i]], port$body[i])
    in_c <- got[[names[k]]]
    if (!identical(in_port, in_c)) {
      found <- c(found, list(mismatch("const", names[k], in_c, in_port)))
    }
  }
  join(found)
}

# C expressions for the types of the port's records: a typedef, a tag, or a member of another record.
type_spellings <- function(port, env, c_side) {
  spelling <- character()
  records <- unique(port$name[port$kind == "struct"])
  about <- c_side$about
  for (name in records) {
    row <- c_side$typedefs[name]
    if (!is.na(row)) {
      spelling[name] <- name
    } else if (!is.na(row <- tag_row(c_side, name))) {
      spelling[name] <- paste(tolower(about$tag[row]), about$name[row])
    }
  }
  # members: only those that have a name in C can be spelt
  repeat {
    before <- length(spelling)
    for (name in intersect(records, names(spelling))) {
      info <- env[[name]]
      if (is.null(info$fields) || is.na(info$size)) next
      fields <- field_table(name, info, port)
      inner <- regmatches(fields$text, gregexpr("<[^<>]*>", fields$text))
      for (k in seq_along(inner)) {
        one <- gsub("[<>]", "", inner[[k]])
        if (length(one) != 1L || one %in% names(spelling) || !one %in% records) next
        if (fields$name[k] %in% c(".", "_")) next
        depth <- nchar(gsub("[^*[]", "", fields$text[k]))
        spelling[one] <- sprintf("__typeof__(%s((%s *)0)->%s)", strrep("*", depth), spelling[name],
                                 fields$name[k])
      }
    }
    if (length(spelling) == before) return(spelling)
  }
}

# Fields with those of anonymous members in their places.
flat_fields <- function(name, port, env) {
  info <- env[[name]]
  fields <- field_table(name, info, port)
  parts <- lapply(seq_len(nrow(fields)), function(k) {
    if (fields$name[k] != ".") return(fields[k, ])
    inner <- flat_fields(gsub("[k<>]", "", fields$text[k]), port, env)
    inner$offset <- inner$offset + fields$offset[k]
    inner
  })
  do.call(rbind, parts)
}

# Sizes, alignments, offsets and bit-fields of every record that C can name.
compare_layouts <- function(port, env, c_side, recipe, folder) {
  spelling <- type_spellings(port, env, c_side)
  rows <- character()
  expected <- character()
  for (name in names(spelling)) {
    info <- env[[name]]
    if (is.null(info) || is.na(info$size)) next
    c_name <- spelling[[name]]
    rows <- c(rows, sprintf('printf("%s\\t%%d %%d\\n", (int)sizeof(%s), (int)_Alignof(%s));', name,
                            c_name, c_name))
    expected <- c(expected, paste0(name, "\t", info$size, " ", info$align))
    if (is.null(info$fields) || !nrow(info$fields)) next
    fields <- flat_fields(name, port, env)
    fields <- fields[fields$name != "_", ]
    for (k in seq_len(nrow(fields))) {
      field <- fields$name[k]
      place <- paste0(name, "$", field)
      if (is.na(fields$bits[k])) {
        size <- text_size(fields$text[k], env)
        rows <- c(rows, sprintf(
          'printf("%s\\t%%d %%d\\n", (int)__builtin_offsetof(%s, %s), (int)sizeof(((%s *)0)->%s));',
          place, c_name, field, c_name, field))
        expected <- c(expected, paste0(place, "\t", fields$offset[k], " ", size))
      } else {
        rows <- c(rows, sprintf(
          '{ %s p_x; memset(&p_x, 0, sizeof p_x); p_x.%s = -1; p_bytes("%s", "bits", &p_x, sizeof p_x); }',
          c_name, field, place))
        expected <- c(expected, paste0(place, "\tbits\t", all_ones(info, field, fields$bits[k])))
      }
    }
  }
  if (!length(rows)) return(no_mismatch)
  tried <- gcc_try(recipe, rows, folder, "layouts")
  kept <- setdiff(seq_along(rows), tried$rejected)
  place <- sub("\t.*$", "", expected)
  odd <- kept[tried$said != expected[kept]]
  join(c(lapply(tried$rejected, function(k) mismatch("layout", place[k], "known to gcc", "not")),
         lapply(odd, function(k) {
           mismatch("layout", place[k], sub("^[^\t]*\t", "", tried$said[match(k, kept)]),
                    sub("^[^\t]*\t", "", expected[k]))
         })))
}

# The size of a type in the scope of a port; that of an open array is none, as in C.
text_size <- function(text, env) {
  if (grepl("[]", text, fixed = TRUE)) return("0")
  internal$new_typeinfo(internal$alias_handle("p_type", text, env))$size
}

# The bytes of a record after -1 has been stored in a bit-field, by this package.
all_ones <- function(info, field, bits) {
  object <- new.struct(info)
  letter <- info$fields$type[match(field, rownames(info$fields))]
  signed <- letter %in% c("c", "s", "i", "j", "l")
  object[[field]] <- if (signed) -1 else 2^bits - 1
  paste(as.character(as.raw(object)), collapse = "")
}

# Aliases: both names mean one function, variable, type or constant.
compare_aliases <- function(port, recipe, folder) {
  rows <- which(port$kind == "alias")
  if (!length(rows)) return(no_mismatch)
  values <- port$name[port$kind %in% c("const", "label")]
  types <- port$name[port$kind %in% c("type", "struct", "enum")]
  lines <- vapply(rows, function(i) {
    a <- port$name[i]
    b <- port$body[i]
    if (b %in% types) {
      sprintf("_Static_assert(__builtin_types_compatible_p(%s, %s), \"\");", a, b)
    } else {
      mark <- if (b %in% values) "" else "&"
      sprintf("_Static_assert(%s(%s) == %s(%s), \"\");", mark, a, mark, b)
    }
  }, "")
  tried <- gcc_try(recipe, lines, folder, "aliases", execute = FALSE)
  join(lapply(rows[tried$rejected], function(i) {
    if (!is_forwarder(port, i, recipe, folder)) {
      mismatch("alias", port$name[i], port$body[i], "something else")
    }
  }))
}

# Whether a macro with parameters hands all of them on to the function, in order.
is_forwarder <- function(port, i, recipe, folder) {
  target <- which(port$kind == "func" & port$name == port$body[i])
  if (length(target) != 1L || port$value[target] < 0) return(FALSE)
  arguments <- paste0("(", paste0("p", seq_len(port$value[target]), collapse = ","), ")")
  source <- file.path(folder, "forward.c")
  writeLines(c(include_lines(recipe), "P_BEGIN", paste0(port$name[i], arguments)), source)
  text <- run("gcc", c("-std=gnu11", "-E", "-P", recipe_flags(recipe), shQuote(source)))
  got <- gsub("[[:space:]]", "", paste(text[-seq_len(which(text == "P_BEGIN"))], collapse = ""))
  got %in% paste0(c("", "("), port$body[i], arguments, c("", ")"))
}

# Object-like macros of the recipe's files that the port does not have, though gcc accepts them as
# constants or they rename a function of the port.
omitted_macros <- function(port, recipe, folder) {
  macros <- read_macros(recipe, folder)
  macros <- macros[is_wanted(names(macros), recipe) & !names(macros) %in% port$name]
  if (!length(macros)) return(no_mismatch)
  names <- names(macros)
  renames <- sub("^[( ]*([A-Za-z_0-9]+)( *\\))*$", "\\1", macros) %in% port$name[port$kind == "func"]
  lines <- sprintf("{ static const __typeof__((%s) + 0) p_x = (%s); %s }", names, names,
                   sprintf("_Static_assert(P_IS_VALUE(%s) || __builtin_constant_p((long)(%s)), \"\");",
                           names, names))
  tried <- gcc_try(recipe, lines, folder, "omitted", execute = FALSE)
  values <- setdiff(seq_along(names), c(tried$rejected, which(renames)))
  join(lapply(c(values, which(renames)), function(k) {
    mismatch(if (renames[k]) "alias" else "const", names[k], "in the port", "only in the headers")
  }))
}

# Bodies of macros without parameters that stand in the recipe's files, by name.
read_macros <- function(recipe, folder, target = check_targets$host) {
  source <- file.path(folder, "macros.c")
  writeLines(include_lines(recipe), source)
  text <- run(target$compiler[1L], c(target$compiler[-1L], "-std=gnu11", "-E", "-dD",
                                     recipe_flags(recipe, target), shQuote(source)))
  marks <- grepl('^# [0-9]+ "', text)
  place <- c("", sub('^# [0-9]+ "([^"]*)".*$', "\\1", text[marks]))[cumsum(marks) + 1L]
  define <- grepl("^#define [A-Za-z_][A-Za-z0-9_]* +[^ ]", text) & grepl(recipe$files, place)
  names <- sub("^#define ([A-Za-z0-9_]+) .*$", "\\1", text[define])
  bodies <- sub("^#define [A-Za-z0-9_]+ +", "", text[define])
  undefined <- sub("^#undef ", "", text[grepl("^#undef ", text)])
  keep <- !names %in% undefined & !duplicated(names)
  stats::setNames(bodies[keep], names[keep])
}
