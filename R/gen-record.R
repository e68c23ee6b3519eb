# Structs, unions and enums of C headers.

# The name of a struct, union or enum: that of its typedef if it has one, else its tag, "" if neither.
record_name <- function(g, decl) {
  key <- cursor_key(g$cl, decl)
  name <- g$names[[key]]
  if (!is.null(name)) return(name)
  tag <- record_tag(g, decl)
  name <- if (tag %in% g$values) paste0(record_word(g, decl), ".", tag) else tag
  assign(key, name, envir = g$names)
  name
}

record_tag <- function(g, decl) {
  tag <- cursor_name(g$cl, decl)
  # newer versions describe what has no tag
  if (grepl("[^A-Za-z0-9_$]", tag) || g$cl$clang_Cursor_isAnonymous(decl) != 0) "" else tag
}

record_word <- function(g, decl) {
  kind <- kind_of(decl)
  if (kind == g$cl$CXCursor_UnionDecl) "union"
  else if (kind == g$cl$CXCursor_EnumDecl) "enum"
  else "struct"
}

# Gives a name to a struct, union or enum without one that a field or variable is declared with.
name_nested <- function(g, type, name) {
  cl <- g$cl
  type <- cl$clang_getCanonicalType(type)
  repeat {
    kind <- kind_of(type)
    if (kind == cl$CXType_Pointer) type <- cl$clang_getPointeeType(type)
    else if (is_array_kind(g, kind)) type <- cl$clang_getArrayElementType(type)
    else break
  }
  if (kind != cl$CXType_Record && kind != cl$CXType_Enum) return()
  decl <- cl$clang_getTypeDeclaration(type)
  if (!nzchar(record_name(g, decl))) assign(cursor_key(cl, decl), name, envir = g$names)
}

# Whether a record has a layout; the first question writes it down.
need_record <- function(g, decl, name) {
  if (name %in% g$imported) return(TRUE)
  if (!nzchar(name)) cannot("a type without a name has no place outside of its declaration")
  state <- g$records[[name]]
  if (is.null(state)) {
    assign(name, "open", envir = g$records)
    state <- write_record(g, decl, name)
    assign(name, state, envir = g$records)
  }
  state == "complete"
}

# Records that are only pointed to are written when everything reachable was asked for.
want_record <- function(g, decl, name) {
  if (g$reach && nzchar(name) && is.null(g$records[[name]])) {
    g$wanted <- c(g$wanted, list(decl))
  }
}

write_record <- function(g, decl, name) {
  cl <- g$cl
  definition <- cl$clang_getCursorDefinition(decl)
  state <- "opaque"
  text <- NULL
  if (cl$clang_Cursor_isNull(definition) == 0) {
    text <- tryCatch(record_text(g, definition, name), gen_reason = function(e) {
      g$drop("struct", name, conditionMessage(e))
      NULL
    })
  }
  if (!is.null(text)) state <- "complete"
  g$put("struct", name, if (is.null(text)) name else text)
  tag <- record_tag(g, decl)
  if (nzchar(tag) && tag != name && !tag %in% g$values && !endsWith(name, paste0(".", tag))) {
    g$put("type", tag, paste0(tag, "=<", name, ">"))
  }
  state
}

# name{types}names or name|types}names, with what makes the layout that of the compiler.
record_text <- function(g, definition, name) {
  cl <- g$cl
  fields <- read_fields(g, definition, name)
  type <- cl$clang_getCursorType(definition)
  size <- cl$clang_Type_getSizeOf(type)
  align <- cl$clang_Type_getAlignOf(type)
  if (size < 0 || align < 1) cannot("it has no size")
  union <- kind_of(definition) == cl$CXCursor_UnionDecl
  open <- if (union) "|" else "{"
  natural <- max(1, fields$align)
  attributes <- if (align < natural) list(pack = align)
                else if (align > natural) list(align = align)
                else list()
  write <- function(fields, attributes) {
    values <- sprintf("@%s=%d", names(attributes), as.integer(unlist(attributes)))
    paste0(name, open, paste(fields$text, collapse = ""), "}",
           paste(c(fields$name, values), collapse = " "))
  }
  if (!g$host) return(write(fields, attributes))
  tries <- c(list(attributes), lapply(c(1, 2, 4, 8), function(n) {
    c(list(pack = n), if (align > n) list(align = align))
  }))
  for (padded in if (union) FALSE else c(FALSE, TRUE)) {
    all <- if (padded) pad_fields(fields) else fields
    for (attributes in tries) {
      text <- write(all, attributes)
      if (is_layout(g, text, all, size, align)) return(text)
    }
  }
  cannot("its layout, ", size, " bytes, is none that a signature gives")
}

# data frame: name, text, align and size in bytes, offset in bits (NA for unnamed bit-fields), bits (NA
# if none)
read_fields <- function(g, definition, name) {
  cl <- g$cl
  outer <- cl$clang_getCursorType(definition)
  rows <- list()
  anonymous <- 0L
  enums <- inner <- list()
  for (child in cl$.visit(definition)) {
    kind <- kind_of(child)
    if (kind == cl$CXCursor_FieldDecl) {
      rows[[length(rows) + 1L]] <- read_field(g, child, name)
    } else if (kind == cl$CXCursor_StructDecl || kind == cl$CXCursor_UnionDecl) {
      if (cl$clang_Cursor_isAnonymousRecordDecl(child) == 0) {
        inner <- c(inner, list(child))
        next
      }
      anonymous <- anonymous + 1L
      assign(cursor_key(cl, child), paste0(name, ".", anonymous), envir = g$names)
      type <- cl$clang_getCursorType(child)
      rows[[length(rows) + 1L]] <- list(name = ".", text = spell_value(g, type),
                                        align = cl$clang_Type_getAlignOf(type),
                                        size = cl$clang_Type_getSizeOf(type),
                                        offset = anonymous_offset(g, outer, child), bits = NA)
    } else if (kind == cl$CXCursor_EnumDecl) {
      enums <- c(enums, list(child))
    }
  }
  # now they have the names of fields that they are the types of; records that fields only point to are
  # written as well
  for (enum in enums) read_enum(g, enum)
  for (record in inner) {
    own <- record_name(g, record)
    if (nzchar(own) && cl$clang_isCursorDefinition(record) != 0) need_record(g, record, own)
  }
  column <- function(key, empty) vapply(rows, function(row) as.vector(row[[key]], typeof(empty)), empty)
  data.frame(name = column("name", ""), text = column("text", ""), align = column("align", 0),
             size = column("size", 0), offset = column("offset", 0), bits = column("bits", 0))
}

read_field <- function(g, field, outer) {
  cl <- g$cl
  name <- cursor_name(cl, field)
  type <- cl$clang_getCursorType(field)
  bits <- cl$clang_getFieldDeclBitWidth(field)
  if (nzchar(name)) name_nested(g, type, paste0(outer, ".", name))
  text <- tryCatch(spell_member(g, type), gen_reason = function(e) {
    cannot("field '", name, "': ", conditionMessage(e))
  })
  if (bits >= 0L) text <- paste0(text, ":", bits)
  if (!nzchar(name)) name <- "_"
  list(name = name, text = text, bits = if (bits >= 0L) bits else NA,
       align = if (name == "_") 1 else max(1, cl$clang_Type_getAlignOf(type)),
       size = max(0, cl$clang_Type_getSizeOf(type)),
       offset = if (name == "_") NA else cl$clang_Cursor_getOffsetOfField(field))
}

# The place of an anonymous member is that of its first field that has a name.
anonymous_offset <- function(g, outer, decl) {
  cl <- g$cl
  inner <- cl$clang_getCursorType(decl)
  for (child in cl$.visit(decl)) {
    if (kind_of(child) != cl$CXCursor_FieldDecl) next
    name <- cursor_name(cl, child)
    if (nzchar(name)) {
      return(cl$clang_Type_getOffsetOf(outer, name) - cl$clang_Type_getOffsetOf(inner, name))
    }
  }
  NA
}

# Writes the bytes between fields out as padding.
pad_fields <- function(fields) {
  rows <- list()
  end <- 0
  for (i in seq_len(nrow(fields))) {
    at <- fields$offset[i] / 8
    if (is.na(at) || !is.na(fields$bits[i])) cannot("its bit-fields are aligned by hand")
    if (at > end) {
      rows[[length(rows) + 1L]] <- data.frame(name = "_", text = paste0("C[", at - end, "]"), align = 1,
                                              size = at - end, offset = NA, bits = NA)
    }
    rows[[length(rows) + 1L]] <- fields[i, ]
    end <- at + fields$size[i]
  }
  do.call(rbind, rows)
}

# Whether the package lays a record out as the compiler does. The type is then known to later records.
is_layout <- function(g, text, fields, size, align) {
  text <- resolve_widths(text, g$widths)
  info <- tryCatch({
    handles <- resolve_types(.Call(C_typeinfo_names, text, "record"), g$types)
    handle <- .Call(C_typeinfo_record, text, 0L, handles, g$types)[[1L]]
    .Call(C_typeinfo_describe, handle)
  }, dyncall_error = function(e) cannot("its signature is not accepted: ", conditionMessage(e)))
  known <- !is.na(fields$offset)
  fits <- info$size == size && info$align == align &&
    all(info$offsets[known] == fields$offset[known] %/% 8)
  if (fits) assign(info$name, new_typeinfo(handle), envir = g$types)
  fits
}

# Whether an enum is among the types of the port; the first question writes it down.
need_enum <- function(g, decl, name) {
  if (name %in% g$imported) return(TRUE)
  if (!nzchar(name)) return(FALSE)
  known <- g$enums[[name]]
  if (is.null(known)) {
    definition <- g$cl$clang_getCursorDefinition(decl)
    known <- g$cl$clang_Cursor_isNull(definition) == 0 && (g$reach || is_kept(g, name, definition))
    assign(name, known, envir = g$enums)
    if (known) write_enum(g, definition, name)
  }
  known
}

write_enum <- function(g, definition, name) {
  cl <- g$cl
  labels <- character()
  values <- character()
  decl_value <- if (is_unsigned(enum_letter(g, definition))) cl$clang_getEnumConstantDeclUnsignedValue
                else cl$clang_getEnumConstantDeclValue
  flags <- FALSE
  for (child in cl$.visit(definition)) {
    kind <- kind_of(child)
    if (kind == cl$CXCursor_EnumConstantDecl) {
      labels <- c(labels, cursor_name(cl, child))
      values <- c(values, with_digits(integer_text(decl_value(child))))
    } else if (kind == cl$CXCursor_FlagEnum) {
      flags <- TRUE
    }
  }
  letter <- enum_letter(g, definition)
  text <- paste0(name, enum_type(letter, values), "{", enum_labels(labels, values), "}",
                 if (flags) " @flags")
  if (!nzchar(name) && !any(vapply(labels, is_kept, NA, g = g, cursor = definition))) return()
  g$put("enum", if (nzchar(name)) name else labels[1L], text)
  tag <- record_tag(g, definition)
  if (nzchar(name)) {
    assign(name, new_typeinfo(alias_handle(name, letter, g$types)), envir = g$types)
    if (nzchar(tag) && tag != name && !tag %in% g$values && !endsWith(name, paste0(".", tag))) {
      g$put("type", tag, paste0(tag, "=<", name, ">"))
    }
  }
}

is_unsigned <- function(letter) letter %in% c("C", "S", "I", "L", "B")

# The integer type of an enum by its width, which is the same on all platforms.
enum_letter <- function(g, decl) {
  letter <- resolve_widths(spell_value(g, g$cl$clang_getEnumDeclIntegerType(decl)), g$widths)
  if (letter == "j") if (g$long == 8) "l" else "i"
  else if (letter == "J") if (g$long == 8) "L" else "I"
  else letter
}

# The letter is left out where a reader of ports infers it.
enum_type <- function(letter, values) {
  numbers <- as.numeric(values)
  usual <- if (any(numbers > 2147483647)) "I" else c("i", "I")
  if (letter %in% usual && all(abs(numbers) < 2^32)) "" else paste0(":", letter)
}

# Values that count on from the one before are left out.
enum_labels <- function(labels, values) {
  numbers <- as.numeric(values)
  counted <- numbers == c(0, numbers[-length(numbers)] + 1) & abs(numbers) < 2^53
  paste(ifelse(counted, labels, paste0(labels, "=", values)), collapse = " ")
}
