# One pass over the declarations of a parsed text, for one target.

# What the pass collects, and what it knows. `want` are the choices of the caller: is_file and is_name
# decide what is taken, reach whether types are taken that are only pointed to.
new_walk <- function(unit, want) {
  g <- new.env()
  g$cl <- unit$cl
  g$want <- want
  g$reach <- want$reach
  g$imported <- want$imported
  for (map in c("names", "typedefs", "widths", "records", "enums", "spelled")) {
    assign(map, new.env(), envir = g)
  }
  g$types <- new.env(parent = want$types)
  g$values <- character()
  g$wanted <- list()
  sink <- new_sink()
  g$put <- sink$put
  g$rows <- sink$rows
  dropped <- new_sink()
  g$drop <- dropped$put
  g$dropped <- dropped$rows
  g
}

# Rows of three strings in the order in which they come.
new_sink <- function() {
  kinds <- names <- texts <- character(64L)
  count <- 0L
  put <- function(kind, name, text) {
    count <<- count + 1L
    kinds[count] <<- kind
    names[count] <<- name
    texts[count] <<- text
    invisible()
  }
  rows <- function() {
    at <- seq_len(count)
    data.frame(kind = kinds[at], name = names[at], text = texts[at])
  }
  list(put = put, rows = rows)
}

# Whether a declaration is taken: by its file, then by its name.
is_kept <- function(g, name, cursor) {
  g$want$is_name(name) && g$want$is_file(cursor_files(g$cl, list(cursor)))
}

walk_unit <- function(unit, want) {
  g <- new_walk(unit, want)
  cl <- g$cl
  target <- cl$clang_getTranslationUnitTargetInfo(unit$tu)
  g$triple <- clang_string(cl, cl$clang_TargetInfo_getTriple(target))
  g$pointer <- cl$clang_TargetInfo_getPointerWidth(target) / 8
  cl$clang_TargetInfo_dispose(target)
  words <- target_words(g$triple)
  g$long <- if ("lp64" %in% words) 8 else 4
  g$windows <- "windows" %in% words
  g$host <- is_host(g$triple)
  top <- cl$.visit(unit$root)
  kinds <- vapply(top, kind_of, 0L)
  files <- cursor_files(cl, top)
  distinct <- unique(files)
  taken <- want$is_file(distinct)[match(files, distinct)]
  g$files <- distinct[want$is_file(distinct)]
  for (i in which(kinds == cl$CXCursor_TypedefDecl)) note_typedef(g, top[[i]])
  readers <- declaration_readers(cl)
  is_macro <- kinds == cl$CXCursor_MacroDefinition
  at <- which(taken & (is_macro | kinds %in% which(lengths(readers) > 0L)))
  names <- character(length(top))
  names[at] <- vapply(top[at], cursor_name, "", cl = cl)
  own <- want$is_name(names) & taken
  g$values <- names[own & (kinds == cl$CXCursor_FunctionDecl | kinds == cl$CXCursor_VarDecl)]
  g$macro_cursors <- top[taken & is_macro]
  g$macro_names <- names[taken & is_macro]
  for (i in at[!is_macro[at]]) readers[[kinds[i]]](g, top[[i]], names[i], own[i])
  while (length(g$wanted)) {
    decl <- g$wanted[[1L]]
    g$wanted <- g$wanted[-1L]
    need_record(g, decl, record_name(g, decl))
  }
  g
}

# What reads a declaration, by the kind of its cursor: functions of the cursor, its name, and whether
# the name is wanted.
declaration_readers <- function(cl) {
  readers <- list()
  readers[[cl$CXCursor_StructDecl]] <- read_record
  readers[[cl$CXCursor_UnionDecl]] <- read_record
  readers[[cl$CXCursor_EnumDecl]] <- read_enum
  readers[[cl$CXCursor_TypedefDecl]] <- read_typedef
  readers[[cl$CXCursor_FunctionDecl]] <- read_function
  readers[[cl$CXCursor_VarDecl]] <- read_variable
  readers
}

is_host <- function(triple) {
  words <- target_words(triple)
  here <- target_words(R.version$platform)
  setequal(words, here)
}

# Typedefs name what has no tag, and are the names that users know.
note_typedef <- function(g, decl) {
  cl <- g$cl
  under <- cl$clang_getTypedefDeclUnderlyingType(decl)
  if (kind_of(under) == cl$CXType_Elaborated) under <- cl$clang_Type_getNamedType(under)
  kind <- kind_of(under)
  if (kind == cl$CXType_Pointer) {
    if (!is_function_pointer(g, under)) name_nested(g, under, paste0(cursor_name(cl, decl), ".type"))
    return()
  }
  if (kind != cl$CXType_Record && kind != cl$CXType_Enum) return()
  target <- cl$clang_getTypeDeclaration(under)
  key <- cursor_key(cl, target)
  name <- cursor_name(cl, decl)
  known <- g$names[[key]]
  tag <- record_tag(g, target)
  better <- is.null(known) || name == tag ||
    (known != tag && startsWith(known, "_") && !startsWith(name, "_"))
  if (better) assign(key, name, envir = g$names)
}

# A record has the name of its typedef, where it has one.
read_record <- function(g, decl, name, is_wanted) {
  cl <- g$cl
  name <- record_name(g, decl)
  if (!nzchar(name) || !g$want$is_name(name) || !is.null(g$records[[name]])) return()
  definition <- cl$clang_getCursorDefinition(decl)
  if (cl$clang_Cursor_isNull(definition) == 0 && !is_kept(g, name, definition)) return()
  need_record(g, decl, name)
}

read_enum <- function(g, decl, name, is_wanted) {
  name <- record_name(g, decl)
  if (nzchar(name)) need_enum(g, decl, name)
  else if (g$cl$clang_isCursorDefinition(decl) != 0) write_enum(g, decl, "")
}

read_typedef <- function(g, decl, name, is_wanted) {
  cl <- g$cl
  settled <- c(reserved_types, va_lists, names(fixed_types), names(g$want$spellings))
  if (!is_wanted || name %in% settled) return()
  under <- cl$clang_getTypedefDeclUnderlyingType(decl)
  canonical <- cl$clang_getCanonicalType(under)
  kind <- kind_of(canonical)
  if (kind == cl$CXType_Record || kind == cl$CXType_Enum) {
    target <- cl$clang_getTypeDeclaration(canonical)
    own <- record_name(g, target)
    if (kind != cl$CXType_Record) need_enum(g, target, own)
    else if (g$reach && nzchar(own)) need_record(g, target, own) # whichever header has it
    else read_record(g, target)
    known <- if (kind == cl$CXType_Record) !is.null(g$records[[own]]) else isTRUE(g$enums[[own]])
    if (own != name && (known || own %in% g$imported)) g$put("type", name, paste0(name, "=<", own, ">"))
    return()
  }
  if (is_function(g, canonical)) return()
  scalar <- nzchar(plain_letter(cl, kind))
  if (scalar && !g$want$scalars) return()
  text <- tryCatch({
    if (is_function_pointer(g, canonical)) under <- pointer_sugar(g, under)
    spell_member(g, under)
  },
    gen_reason = function(e) g$drop("type", name, conditionMessage(e)))
  if (!is.null(text) && text != "v") g$put("type", name, paste0(name, "=", text))
}

read_function <- function(g, decl, name, is_wanted) {
  cl <- g$cl
  if (!is_wanted) return()
  if (cl$clang_getCursorLinkage(decl) != cl$CXLinkage_External) {
    inline <- cl$clang_Cursor_isFunctionInlined(decl) != 0 || cl$clang_isCursorDefinition(decl) != 0
    return(g$drop(if (inline) "inline" else "func", name, "a static function has no symbol"))
  }
  availability <- cl$clang_getCursorAvailability(decl)
  if (availability == cl$CXAvailability_NotAvailable) {
    return(g$drop("func", name, "it is not available"))
  }
  type <- cl$clang_getCursorType(decl)
  text <- tryCatch(spell_call(g, type), gen_reason = function(e) {
    g$drop("func", name, conditionMessage(e))
    NULL
  })
  if (is.null(text)) return()
  n <- cl$clang_Cursor_getNumArguments(decl)
  params <- vapply(seq_len(max(n, 0L)), function(i) {
    cursor_name(cl, cl$clang_Cursor_getArgument(decl, i - 1L))
  }, "")
  write_function(g, name, text, params,
                 c(symbol_attribute(g, decl),
                   if (availability == cl$CXAvailability_Deprecated) "@deprecated"))
}

# name(signature names attributes
write_function <- function(g, name, text, params, attributes = character()) {
  mode <- ""
  if (startsWith(text, "_")) {
    letter <- substr(text, 2L, 2L)
    text <- substr(text, 3L, nchar(text))
    mode <- c(s = "stdcall", f = "fastcall.gcc", F = "fastcall.msvc", `#` = "thiscall.gcc",
              `+` = "thiscall.msvc")[[letter]]
  }
  words <- c(if (any(nzchar(params))) ifelse(nzchar(params), params, paste0("arg", seq_along(params))),
             if (nzchar(mode)) paste0("@cc=", mode), attributes)
  g$put("func", name, paste(c(paste0(name, "(", text), words), collapse = " "))
}

# The symbol, where the header gives the function or variable another one.
symbol_attribute <- function(g, decl) {
  cl <- g$cl
  if (cl$clang_Cursor_hasAttrs(decl) == 0) return(character())
  for (child in cl$.visit(decl)) {
    if (kind_of(child) == cl$CXCursor_AsmLabelAttr) {
      label <- sub("^\001", "", cursor_name(cl, child))
      if (grepl("darwin|macos", g$triple)) label <- sub("^_", "", label)
      return(paste0("@sym=", label))
    }
  }
  character()
}

read_variable <- function(g, decl, name, is_wanted) {
  cl <- g$cl
  if (!is_wanted) return()
  type <- cl$clang_getCursorType(decl)
  if (cl$clang_getCursorLinkage(decl) != cl$CXLinkage_External) {
    value <- constant_text(g, decl)
    if (is.null(value)) g$drop("var", name, "a static variable has no symbol")
    else g$put("const", name, paste0(name, "=", value))
    return()
  }
  if (cl$clang_getCursorTLSKind(decl) != cl$CXTLS_None) {
    g$drop("var", name, "each thread has its own")
    return()
  }
  name_nested(g, type, paste0(name, ".type"))
  text <- tryCatch(spell_variable(g, type), gen_reason = function(e) {
    g$drop("var", name, conditionMessage(e))
    NULL
  })
  if (is.null(text)) return()
  g$put("var", name, paste(c(paste0(name, ":", text), symbol_attribute(g, decl)), collapse = " "))
}

spell_variable <- function(g, type) {
  text <- spell_member(g, type)
  if (is_const(g, type)) paste0("k", text) else text
}
