# C types, as libclang sees them, in signatures. What has no spelling raises cannot().

# The declaration that is being read has no place in a port.
cannot <- function(...) {
  stop(structure(class = c("gen_reason", "error", "condition"),
                 list(message = paste0(...), call = NULL)))
}

reserved_types <- c("size_t", "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t", "wchar_t", "char16_t",
                    "char32_t", "time_t", "off_t", "va_list")

va_lists <- c("va_list", "__builtin_va_list", "__gnuc_va_list", "__va_list_tag", "__darwin_va_list")

fixed_types <- c(int8_t = "c", uint8_t = "C", int16_t = "s", uint16_t = "S", int32_t = "i",
                 uint32_t = "I", int64_t = "l", uint64_t = "L", intmax_t = "l", uintmax_t = "L")

# A type with its dimensions, as a field or variable has it.
spell_member <- function(g, type) {
  dims <- ""
  while (is_array(g, type)) {
    type <- array_sugar(g, type)
    size <- g$cl$clang_getArraySize(type)
    dims <- paste0(dims, "[", if (size >= 0) format(size, scientific = FALSE), "]")
    type <- g$cl$clang_getArrayElementType(type)
  }
  paste0(spell_value(g, type), dims)
}

# A type whose kind is the one that is looked for, under the names that lead to it.
under_names <- function(g, type, is_kind) {
  repeat {
    kind <- kind_of(type)
    if (kind == g$cl$CXType_Typedef) {
      type <- g$cl$clang_getTypedefDeclUnderlyingType(g$cl$clang_getTypeDeclaration(type))
    } else if (kind == g$cl$CXType_Elaborated) {
      type <- g$cl$clang_Type_getNamedType(type)
    } else if (is_kind(kind)) {
      return(type)
    } else {
      return(g$cl$clang_getCanonicalType(type))
    }
  }
}

array_sugar <- function(g, type) under_names(g, type, function(kind) is_array_kind(g, kind))
pointer_sugar <- function(g, type) under_names(g, type, function(kind) kind == g$cl$CXType_Pointer)

is_array_kind <- function(g, kind) {
  kind == g$cl$CXType_ConstantArray || kind == g$cl$CXType_IncompleteArray ||
    kind == g$cl$CXType_VariableArray
}

is_array <- function(g, type) is_array_kind(g, kind_of(g$cl$clang_getCanonicalType(type)))

# The letter of a kind, "" if it has none.
plain_letter <- function(cl, kind) {
  if (kind > 0L && kind <= length(cl$.letters)) cl$.letters[kind] else ""
}

# A type of values that are no arrays.
spell_value <- function(g, type) {
  cl <- g$cl
  kind <- kind_of(type)
  letter <- plain_letter(cl, kind)
  if (nzchar(letter)) return(letter)
  if (kind == cl$CXType_Elaborated) return(spell_value(g, cl$clang_Type_getNamedType(type)))
  if (kind == cl$CXType_Typedef) return(spell_typedef(g, type))
  if (kind == cl$CXType_Pointer) return(spell_pointer(g, cl$clang_getPointeeType(type)))
  if (kind == cl$CXType_Record) return(spell_record(g, cl$clang_getTypeDeclaration(type)))
  if (kind == cl$CXType_Enum) return(spell_enum(g, cl$clang_getTypeDeclaration(type)))
  if (kind == cl$CXType_Complex) return(spell_complex(g, type))
  canonical <- cl$clang_getCanonicalType(type)
  if (kind_of(canonical) == kind) cannot("the type ", type_name(g, type), " has no signature")
  spell_value(g, canonical)
}

type_name <- function(g, type) clang_string(g$cl, g$cl$clang_getTypeSpelling(type))

spell_complex <- function(g, type) {
  letter <- spell_value(g, g$cl$clang_getElementType(type))
  name <- c(f = "<float complex>", d = "<double complex>", D = "<long double complex>")[letter]
  if (is.na(name)) cannot("the type ", type_name(g, type), " has no signature")
  unname(name)
}

# Structs and unions by value need a layout.
spell_record <- function(g, decl) {
  name <- record_name(g, decl)
  if (name %in% va_lists) return("<va_list>")
  if (!need_record(g, decl, name)) cannot("the type '", name, "' by value has no layout")
  paste0("<", name, ">")
}

spell_enum <- function(g, decl) {
  name <- record_name(g, decl)
  if (need_enum(g, decl, name)) paste0("<", name, ">") else enum_letter(g, decl)
}

# A name stays where it says more than what it stands for: sizes of the platform, functions, records.
spell_typedef <- function(g, type) {
  cl <- g$cl
  name <- clang_string(cl, cl$clang_getTypedefName(type))
  if (name %in% names(g$want$spellings)) return(g$want$spellings[[name]])
  if (name %in% reserved_types) return(paste0("<", name, ">"))
  if (name %in% va_lists) return("<va_list>")
  if (name %in% names(fixed_types)) return(fixed_types[[name]])
  known <- g$typedefs[[name]]
  if (is.null(known)) {
    known <- describe_typedef(g, cl$clang_getTypeDeclaration(type), name)
    assign(name, known, envir = g$typedefs)
  }
  if (known$use == "name") {
    paste0("<", name, ">")
  } else if (known$use == "width") {
    if (!g$want$several) return(known$text)
    g$widths[[name]] <- known$text
    paste0("<=", name, ">")
  } else {
    spell_value(g, known$type)
  }
}

# How a typedef is spelled: by its name, by its letter of this target, or as what it stands for.
describe_typedef <- function(g, decl, name) {
  under <- g$cl$clang_getTypedefDeclUnderlyingType(decl)
  canonical <- g$cl$clang_getCanonicalType(under)
  if (is_function_pointer(g, canonical) && (name %in% g$imported || is_kept(g, name, decl))) {
    assign(name, new_typeinfo(alias_handle(name, "p", g$types)), envir = g$types)
    return(list(use = "name"))
  }
  letter <- plain_letter(g$cl, kind_of(canonical))
  if (letter %in% c("", "v")) return(list(use = "type", type = under))
  text <- spell_value(g, under)
  if (text != letter) return(list(use = "type", type = under)) # a reserved name or another width
  list(use = "width", text = letter)
}

is_function_pointer <- function(g, type) {
  kind_of(type) == g$cl$CXType_Pointer && is_function(g, g$cl$clang_getPointeeType(type))
}

is_function <- function(g, type) {
  kind <- kind_of(g$cl$clang_getCanonicalType(type))
  kind == g$cl$CXType_FunctionProto || kind == g$cl$CXType_FunctionNoProto
}

# Of an array the type itself or its elements may be const.
is_const <- function(g, type) {
  g$cl$clang_isConstQualifiedType(type) != 0 ||
    g$cl$clang_isConstQualifiedType(g$cl$clang_getCanonicalType(type)) != 0
}

spell_pointer <- function(g, to, const = is_const(g, to)) {
  cl <- g$cl
  if (is_function(g, to)) return(paste0("*(", spell_call(g, to)))
  k <- if (const) "k" else ""
  canonical <- cl$clang_getCanonicalType(to)
  kind <- kind_of(canonical)
  if (kind == cl$CXType_Char_S || kind == cl$CXType_Char_U) return(if (k == "k") "Z" else "*c")
  if (is_array_kind(g, kind)) {
    if (is_va_list(g, to)) return("*<va_list>")
    # there is no pointer to an array: the address is that of the first element
    return(spell_pointer(g, cl$clang_getArrayElementType(array_sugar(g, to)), const))
  }
  if (kind == cl$CXType_Record) {
    name <- record_name(g, cl$clang_getTypeDeclaration(canonical))
    if (name == "__va_list") return("*<va_list>") # on ARM; an array's element elsewhere
    if (name %in% va_lists) return("<va_list>")
    if (!nzchar(name)) return(paste0("*", k, "v"))
    want_record(g, cl$clang_getTypeDeclaration(canonical), name)
    return(paste0("*", k, "<", name, ">"))
  }
  if (kind == cl$CXType_Enum) {
    return(paste0("*", k, enum_letter(g, cl$clang_getTypeDeclaration(canonical))))
  }
  # behind a star the name of a function's type would be a mere tag
  if (is_function_pointer(g, canonical)) to <- canonical
  paste0("*", k, tryCatch(spell_value(g, to), gen_reason = function(e) "v"))
}

# The arguments and the result of a function type, behind the opening parenthesis.
spell_call <- function(g, type) {
  cl <- g$cl
  n <- cl$clang_getNumArgTypes(type)
  args <- vapply(seq_len(max(n, 0L)), function(i) spell_argument(g, cl$clang_getArgType(type, i - 1L)),
                 "")
  dot <- if (cl$clang_isFunctionTypeVariadic(type) != 0 &&
             kind_of(cl$clang_getCanonicalType(type)) == cl$CXType_FunctionProto) "."
  paste0(call_mode(g, type), paste(args, collapse = ""), dot, ")",
         spell_value(g, cl$clang_getResultType(type)))
}

# The address in a CXType, as a number.
address_at <- .Machine$sizeof.pointer
address_number <- if (address_at == 8L) "L" else "I"

# An array or function as an argument is a pointer. Arguments are of few types, whose spellings are kept
# by what tells types apart: the address behind one.
spell_argument <- function(g, type) {
  key <- as.character(.Call(C_memory_unpack, type, address_at, address_number, NULL))
  known <- g$spelled[[key]]
  if (is.null(known)) {
    known <- new_argument(g, type)
    assign(key, known, envir = g$spelled)
  }
  known
}

new_argument <- function(g, type) {
  if (is_array(g, type)) {
    if (is_va_list(g, type)) return("<va_list>")
    element <- g$cl$clang_getArrayElementType(array_sugar(g, type))
    return(spell_pointer(g, element, is_const(g, element) || is_const(g, type)))
  }
  if (is_function(g, type)) return(spell_pointer(g, type))
  spell_value(g, type)
}

# va_list is an array on some platforms, a struct on others.
is_va_list <- function(g, type) {
  if (kind_of(type) == g$cl$CXType_Elaborated) type <- g$cl$clang_Type_getNamedType(type)
  kind_of(type) == g$cl$CXType_Typedef &&
    clang_string(g$cl, g$cl$clang_getTypedefName(type)) %in% va_lists
}

# The prefix of a calling convention that differs from C's own.
call_mode <- function(g, type) {
  mode <- as.vector(g$cl$clang_getFunctionTypeCallingConv(type))
  if (mode %in% c(g$cl$CXCallingConv_Default, g$cl$CXCallingConv_C)) return("")
  if (mode == g$cl$CXCallingConv_X86StdCall) return("_s")
  if (mode == g$cl$CXCallingConv_X86FastCall) return(if (g$windows) "_F" else "_f")
  if (mode == g$cl$CXCallingConv_X86ThisCall) return(if (g$windows) "_+" else "_#")
  cannot("its calling convention is none of the platform's own")
}
