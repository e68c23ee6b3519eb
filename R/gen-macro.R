# Macros: each object-like one is compiled as an expression and as a type, and the compiler says what it
# is.

# Values of any 64 bits come back exactly.
with_digits <- function(value) {
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  force(value)
}

# Digits of an integer of any face: decimal while a double is exact, else hexadecimal.
integer_text <- function(x, hex = FALSE) {
  is_exact <- inherits(x, c("integer64", "uint64"))
  bytes <- if (is_exact) writeBin(as.vector(unclass(x)), raw(), endian = "big")
  negative <- if (is.null(bytes)) x < 0 else inherits(x, "integer64") && bytes[1L] >= as.raw(128L)
  if (negative && !is.null(bytes)) {
    bytes <- xor(bytes, as.raw(255L))
    for (i in 8:1) { # plus one
      bytes[i] <- as.raw((as.integer(bytes[i]) + 1L) %% 256L)
      if (bytes[i] != as.raw(0L)) break
    }
  }
  magnitude <- if (is.null(bytes)) abs(as.numeric(x)) else sum(as.integer(bytes) * 256^(7:0))
  text <- if (magnitude < 2^53 && !hex) sprintf("%.0f", magnitude)
          else paste0("0x", hex_digits(magnitude, bytes))
  paste0(if (negative) "-", text)
}

hex_digits <- function(magnitude, bytes) {
  if (magnitude < 2^53 || is.null(bytes)) {
    high <- magnitude %/% 2^24
    text <- if (high > 0) sprintf("%s%06x", hex_digits(high, NULL), as.integer(magnitude %% 2^24))
            else sprintf("%x", as.integer(magnitude))
    return(text)
  }
  sub("^0+", "", paste(format(bytes), collapse = ""))
}

# Shortest digits that read back as the same number.
real_text <- function(x, float) {
  if (is.nan(x)) return("nan")
  if (is.infinite(x)) return(if (x > 0) "inf" else "-inf")
  for (digits in if (float) 6:9 else 15:17) {
    text <- sprintf("%.*g", digits, x)
    back <- as.numeric(text)
    if (float) back <- floatraw2numeric(as.floatraw(back))
    if (back == x) break
  }
  if (!grepl("[.en]", text)) text <- paste0(text, ".0")
  if (float) paste0(text, "f") else text
}

string_text <- function(x) {
  bytes <- as.integer(charToRaw(x))
  shown <- vapply(bytes, function(b) {
    if (b == 10L) "\\n" else if (b == 9L) "\\t" else if (b == 13L) "\\r"
    else if (b == 34L) "\\\"" else if (b == 92L) "\\\\"
    else if (b < 32L || b > 126L) sprintf("\\x%02x", b)
    else rawToChar(as.raw(b))
  }, "")
  paste0("\"", paste(shown, collapse = ""), "\"")
}

# The literal of a variable's value, NULL if the compiler has none.
constant_text <- function(g, variable, hex = FALSE) {
  cl <- g$cl
  result <- cl$clang_Cursor_Evaluate(variable)
  if (is.nullptr(result)) return(NULL)
  on.exit(cl$clang_EvalResult_dispose(result))
  kind <- as.vector(cl$clang_EvalResult_getKind(result))
  type <- cl$clang_getCanonicalType(cl$clang_getCursorType(variable))
  if (kind == cl$CXEval_Int) {
    if (kind_of(type) == cl$CXType_Pointer) return(NULL)
    is_unsigned <- cl$clang_EvalResult_isUnsignedInt(result) != 0
    value <- if (is_unsigned) cl$clang_EvalResult_getAsUnsigned(result)
             else cl$clang_EvalResult_getAsLongLong(result)
    letter <- resolve_widths(spell_value(g, type), g$widths)
    if (letter == "B") letter <- "i"
    hex <- hex && !letter %in% c("c", "C") # these are digits, too
    return(paste0(integer_text(value, hex), if (letter != "i" && nchar(letter) == 1L) letter))
  }
  if (kind == cl$CXEval_Float) {
    return(real_text(cl$clang_EvalResult_getAsDouble(result), kind_of(type) == cl$CXType_Float))
  }
  if (kind == cl$CXEval_StrLiteral && spell_value(g, type) %in% c("Z", "*c")) {
    return(string_text(cl$clang_EvalResult_getAsStr(result)))
  }
  NULL
}

# The texts behind the names of macros, without comments and broken lines.
macro_bodies <- function(g, tu, cursors, names) {
  cl <- g$cl
  width <- .Machine$sizeof.pointer
  file <- raw(width)
  offset <- as.extptr(raw(4L))
  contents <- list()
  place <- function(location) {
    cl$clang_getExpansionLocation(location, file, NULL, NULL, offset)
    .unpack(offset, 0L, "I")
  }
  bodies <- vapply(seq_along(cursors), function(i) {
    range <- cl$clang_getCursorExtent(cursors[[i]])
    from <- place(cl$clang_getRangeStart(range)) + nchar(names[i], "bytes") + 1
    to <- place(cl$clang_getRangeEnd(range))
    if (to < from) return("")
    key <- paste(file, collapse = "")
    if (is.null(contents[[key]])) {
      contents[[key]] <<- charToRaw(cl$clang_getFileContents(tu, .unpack(file, 0L, "p"), NULL))
    }
    bytes <- contents[[key]][from:to]
    bytes[bytes > as.raw(127L)] <- as.raw(63L)
    rawToChar(bytes)
  }, "")
  trimws(without_comments(gsub("\\\\\r?\n", " ", bodies)))
}

literal_pattern <- "\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'"

without_comments <- function(bodies) {
  gsub(paste0("(", literal_pattern, ")|/\\*.*?\\*/|//.*$"), "\\1 ", bodies, perl = TRUE)
}

# Strings and characters are of no interest to what follows.
without_literals <- function(bodies) gsub(literal_pattern, "0", bodies, perl = TRUE)

# Bodies that cannot stand in a line of their own: unbalanced, or with several statements.
is_unsafe <- function(bodies) !is_balanced(bodies) | grepl("[;\"']", bodies)

# What holds for a macro holds for those that use it.
spread <- function(holds, names, bodies) {
  words <- regmatches(bodies, gregexpr("(?<![A-Za-z0-9_.])[A-Za-z_][A-Za-z0-9_]*", bodies, perl = TRUE))
  of <- rep(seq_along(words), lengths(words))
  used <- match(unlist(words), names)
  of <- of[!is.na(used)]
  used <- used[!is.na(used)]
  repeat {
    more <- unique(of[holds[used] & !holds[of]])
    if (!length(more)) return(holds)
    holds[more] <- TRUE
  }
}

is_balanced <- function(bodies) {
  for (k in 1:64) {
    shorter <- gsub("\\([^][(){}]*\\)|\\[[^][(){}]*\\]|\\{[^][(){}]*\\}", "", bodies)
    if (identical(shorter, bodies)) break
    bodies <- shorter
  }
  !grepl("[][(){}]", bodies)
}

local_words <- paste0("\\b__(LINE|FILE|FILE_NAME|FUNCTION|PRETTY_FUNCTION|COUNTER|DATE|TIME|TIMESTAMP|",
                      "INCLUDE_LEVEL|BASE_FILE)__\\b|\\b__func__\\b")

# Compiles the macros of a pass behind its text and adds what they are to it.
walk_macros <- function(g, unit, text, args) {
  cl <- g$cl
  if (!length(g$macro_names)) return()
  last <- !duplicated(g$macro_names, fromLast = TRUE)
  cursors <- g$macro_cursors[last]
  names <- g$macro_names[last]
  calls <- vapply(cursors, cl$clang_Cursor_isMacroFunctionLike, 0) != 0
  bodies <- macro_bodies(g, unit$tu, cursors, names)
  bare <- without_literals(bodies)
  unsafe <- spread(is_unsafe(bare), names, bare)
  hex <- spread(grepl("\\b0[xX]", bare), names, bare)
  keep <- nzchar(bodies) & g$want$is_name(names) & bodies != names
  for (name in names[keep & calls]) g$drop("macro", name, "it takes arguments")
  for (name in names[keep & !calls & unsafe]) g$drop("const", name, "it is no expression")
  keep <- keep & !calls & !unsafe
  local <- spread(grepl(local_words, bare), names, bare)
  for (name in names[keep & local]) g$drop("const", name, "it differs from place to place")
  at <- which(keep & !local)
  hex <- hex[at]
  names <- names[at]
  if (!length(names)) return()
  probes <- probe_macros(g, text, names, args)
  on.exit(close_unit(probes$unit))
  functions <- new.env()
  rows <- g$rows()
  for (name in rows$name[rows$kind == "func"]) assign(name, TRUE, envir = functions)
  with_digits(for (i in seq_along(names)) {
    tryCatch(write_macro(g, names[i], hex[i], probes$value[[i]], probes$number[[i]], probes$type[[i]],
                         functions),
             gen_reason = function(e) g$drop("const", names[i], conditionMessage(e)))
  })
}

# For each macro the variable that has its value, the one that has it as an address, and the type
# declared with it; NULL where the compiler complains.
probe_macros <- function(g, text, names, args) {
  cl <- g$cl
  i <- seq_along(names)
  inside <- function(letter, declaration) {
    paste0("static void rdyncall_", letter, i, "(void) { ", sprintf(declaration, i, names), "; }")
  }
  lines <- rbind(inside("a", "__auto_type rdyncall_v%d = %s"),
                 inside("b", "__UINTPTR_TYPE__ rdyncall_n%d = (__UINTPTR_TYPE__)(%s)"),
                 sprintf("typedef %s rdyncall_t%d;", names, i))
  before <- length(strsplit(paste0(text, "."), "\n", fixed = TRUE)[[1L]]) - 1L
  args <- c(args, "-Wno-everything", "-Werror=implicit-int", "-Werror=missing-declarations")
  unit <- open_unit(cl, paste0(text, paste0(lines, "\n", collapse = "")), args, 0L)
  bad <- unit_errors(unit, texts = FALSE)$line - before
  found <- cl$.variables(unit$root)
  own <- vapply(found, cursor_name, "", cl = cl)
  # the types of this text are others than those of the first, under the same names
  is_typedef <- vapply(found, kind_of, 0L) == cl$CXCursor_TypedefDecl & !startsWith(own, "rdyncall_")
  for (decl in found[is_typedef]) note_typedef(g, decl)
  pick <- function(letter, row) {
    cursors <- found[match(paste0("rdyncall_", letter, i), own)]
    cursors[(3L * (i - 1L) + row) %in% bad] <- list(NULL)
    cursors
  }
  list(unit = unit, value = pick("v", 1L), number = pick("n", 2L), type = pick("t", 3L))
}

write_macro <- function(g, name, hex, value, number, type, functions) {
  cl <- g$cl
  if (is.null(value)) {
    if (is.null(type)) cannot("it is no expression")
    return(write_type_macro(g, name, cl$clang_getTypedefDeclUnderlyingType(type)))
  }
  literal <- constant_text(g, value, hex)
  if (!is.null(literal)) return(g$put("const", name, paste0(name, "=", literal)))
  canonical <- cl$clang_getCanonicalType(cl$clang_getCursorType(value))
  meant <- meaning(g, cl$clang_Cursor_getVarDeclInitializer(value))
  if (is.character(meant)) return(g$put("const", name, paste0(name, "=", meant)))
  if (!is.null(meant)) return(write_meaning(g, name, meant, canonical, functions))
  if (kind_of(canonical) == cl$CXType_Pointer && !is.null(number)) {
    literal <- constant_text(g, number)
    if (!is.null(literal)) return(g$put("const", name, paste0(name, "=", address_text(g, literal))))
  }
  cannot("it is no constant")
}

# Addresses near the end of memory are written as small negative numbers, on targets of any width.
address_text <- function(g, literal) {
  literal <- sub("[A-Za-z]$", "", literal)
  if (g$pointer == 8 && grepl("^0xf{14}", literal)) {
    return(paste0(strtoi(substr(literal, 17L, 18L), 16L) - 256L, "p"))
  }
  value <- as.numeric(literal)
  if (g$pointer == 4 && value >= 2^32 - 256) return(paste0(value - 2^32, "p"))
  paste0(literal, "p")
}

write_type_macro <- function(g, name, type) {
  canonical <- g$cl$clang_getCanonicalType(type)
  if (nzchar(plain_letter(g$cl, kind_of(canonical))) && !g$want$scalars) {
    return(g$drop("type", name, "it is a number"))
  }
  if (is_function(g, canonical)) cannot("it is the type of a function")
  text <- spell_member(g, type)
  if (text != paste0("<", name, ">")) g$put("type", name, paste0(name, "=", text))
}

# Another name for a function or a variable.
write_meaning <- function(g, name, meant, type, functions) {
  cl <- g$cl
  target <- cursor_name(cl, meant$decl)
  if (target == name) return()
  if (meant$kind == cl$CXCursor_FunctionDecl) {
    if (!is.null(functions[[target]])) return(g$put("alias", name, paste0(name, "=", target)))
    n <- cl$clang_Cursor_getNumArguments(meant$decl)
    params <- vapply(seq_len(max(n, 0L)), function(i) {
      cursor_name(cl, cl$clang_Cursor_getArgument(meant$decl, i - 1L))
    }, "")
    text <- spell_call(g, cl$clang_getCursorType(meant$decl))
    return(write_function(g, name, text, params, paste0("@sym=", target)))
  }
  if (meant$kind != cl$CXCursor_VarDecl) cannot("it is no constant")
  if (cl$clang_getCursorLinkage(meant$decl) != cl$CXLinkage_External) cannot("it has no symbol")
  if (is_function_pointer(g, type)) {
    own <- pointer_sugar(g, cl$clang_getCursorType(meant$decl))
    text <- spell_call(g, cl$clang_getPointeeType(own))
    return(write_function(g, name, text, pointer_params(g, meant$decl), paste0("@ptr=", target)))
  }
  if (meant$is_plain) type <- cl$clang_getCursorType(meant$decl)
  g$put("var", name, paste0(name, ":", spell_variable(g, type), " @sym=", target))
}

# Names of the parameters of a function pointer, from its variable or from the typedef of that.
pointer_params <- function(g, decl) {
  cl <- g$cl
  repeat {
    children <- cl$.visit(decl)
    kinds <- vapply(children, kind_of, 0L)
    params <- children[kinds == cl$CXCursor_ParmDecl]
    if (length(params)) return(vapply(params, cursor_name, "", cl = cl))
    type <- if (kind_of(decl) == cl$CXCursor_TypedefDecl) cl$clang_getTypedefDeclUnderlyingType(decl)
            else cl$clang_getCursorType(decl)
    if (kind_of(type) == cl$CXType_Elaborated) type <- cl$clang_Type_getNamedType(type)
    if (kind_of(type) != cl$CXType_Typedef) return(character())
    decl <- cl$clang_getTypeDeclaration(type)
  }
}

# A string as C writes it, as ports do; NULL for wide characters.
quoted_text <- function(literal) {
  if (!grepl("^(u8)?\"", literal)) return(NULL)
  inner <- sub("\"$", "", sub("^(u8)?\"", "", literal))
  parts <- regmatches(inner, gregexpr("\\\\([0-7]{1,3}|.)|[^\\\\]+", inner))[[1L]]
  escapes <- c(n = "\n", t = "\t", r = "\r", a = "\a", b = "\b", f = "\f", v = "\v", e = "\033")
  plain <- vapply(parts, function(part) {
    code <- substring(part, 2L)
    if (!startsWith(part, "\\")) part
    else if (grepl("^[0-7]", code)) rawToChar(as.raw(strtoi(code, 8L)))
    else if (code %in% names(escapes)) escapes[[code]]
    else code
  }, "")
  string_text(paste(plain, collapse = ""))
}

# What an expression names: a function, or a variable, the latter perhaps as a value that is only read.
meaning <- function(g, expression) {
  cl <- g$cl
  flags <- character()
  for (depth in 1:32) {
    if (cl$clang_Cursor_isNull(expression) != 0) return(NULL)
    kind <- kind_of(expression)
    if (kind == cl$CXCursor_DeclRefExpr) {
      decl <- cl$clang_getCursorReferenced(expression)
      is_plain <- !length(flags) || (identical(flags, "&") && kind_of(decl) == cl$CXCursor_FunctionDecl)
      if (!is_plain && !identical(flags, c("*", "&"))) return(NULL)
      return(list(decl = decl, kind = kind_of(decl), is_plain = is_plain))
    }
    if (kind == cl$CXCursor_StringLiteral) return(quoted_text(cursor_name(cl, expression)))
    if (!kind %in% c(cl$CXCursor_UnexposedExpr, cl$CXCursor_ParenExpr, cl$CXCursor_CStyleCastExpr,
                     cl$CXCursor_UnaryOperator)) {
      return(NULL)
    }
    inner <- Filter(function(child) cl$clang_isExpression(kind_of(child)) != 0, cl$.visit(expression))
    if (length(inner) != 1L) return(NULL)
    if (kind == cl$CXCursor_UnaryOperator) { # "*" undoes "&" behind it
      flags <- c(flags, unary(g, expression, inner[[1L]]))
      if (is.na(flags[length(flags)])) return(NULL)
    }
    expression <- inner[[1L]]
  }
  NULL
}

# "*" or "&", by the types on both sides; NA for another operator.
unary <- function(g, outer, inner) {
  type <- function(cursor) g$cl$clang_getCanonicalType(g$cl$clang_getCursorType(cursor))
  points_to <- function(pointer, to) {
    kind_of(pointer) == g$cl$CXType_Pointer &&
      g$cl$clang_equalTypes(g$cl$clang_getCanonicalType(g$cl$clang_getPointeeType(pointer)), to) != 0
  }
  if (points_to(type(inner), type(outer))) "*"
  else if (points_to(type(outer), type(inner))) "&"
  else NA_character_
}
