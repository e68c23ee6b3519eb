# Random signatures and records, and the C source that tests them: see fixtures/generated.h and dev/abi.

# What a scalar is: its text in signatures, C type, descriptor in generated.h, sort of value, bits, how often
# it is drawn, and whether values of it pass through R unchanged.
abi_scalar_table <- function() {
  long <- 8 * .Machine$sizeof.long
  word <- 8 * .Machine$sizeof.pointer
  rows <- c(
    "B|bool|B|bool|8|3|1", "c|signed char|c|signed|8|3|1", "C|unsigned char|C|unsigned|8|3|1",
    "s|short|s|signed|16|3|1", "S|unsigned short|S|unsigned|16|3|1", "i|int|i|signed|32|4|1",
    "I|unsigned|I|unsigned|32|3|1", paste0("j|long|j|signed|", long, "|3|1"),
    paste0("J|unsigned long|J|unsigned|", long, "|3|1"), "l|long long|l|signed|64|3|1",
    "L|unsigned long long|L|unsigned|64|3|1", "f|float|f|float|32|5|1", "d|double|d|double|64|5|1",
    "D|long double|D|double|0|3|1", "p|void *|p|address|0|2|1", "Z|const char *|Z|text|0|2|1",
    "x|void *|p|address|0|1|0", "*i|int *|pi|vector|32|1|1", "*d|double *|pd|vector|64|1|1",
    "*f|float *|pf|vector|0|1|1", "*C|unsigned char *|pC|vector|8|1|1",
    "*kd|const double *|pd|vector|64|1|1", "*(i)i|abi_of_int|code_i|code|0|1|1",
    "*(dd)d|abi_of_doubles|code_d|code|0|1|1", "<float complex>|float _Complex|fc|fcomplex|0|2|1",
    "<double complex>|double _Complex|dc|dcomplex|0|2|1", "<long double>|long double|D|double|0|1|0",
    "<long double complex>|long double _Complex|Dc|dcomplex|0|1|0",
    paste0("<size_t>|size_t|size|unsigned|", word, "|1|1"),
    paste0("<ptrdiff_t>|ptrdiff_t|diff|signed|", word, "|1|1"),
    "<time_t>|time_t|time|signed|0|1|0", "<off_t>|off_t|off|signed|0|1|0",
    "<wchar_t>|wchar_t|wchar|signed|0|1|0", "<char16_t>|uint16_t|S|unsigned|16|1|1",
    "kI|unsigned|I|unsigned|32|1|1")
  lapply(strsplit(rows, "|", fixed = TRUE), function(x) {
    list(kind = "scalar", text = x[1L], c = x[2L], ref = paste0("&abi_", x[3L]), value = x[4L],
         bits = as.numeric(x[5L]), weight = as.integer(x[6L]), r = x[7L] == "1", align = 1,
         depth = 0L, leaves = 1L)
  })
}

abi_void <- list(kind = "void", text = "v", c = "void", ref = "&abi_v", depth = 0L, leaves = 0L)

# A source of types: scalars with their weights, for values in R or in C alone. Unnamed bit-fields are
# left out where records are passed by value through any compiler: gcc and clang classify them differently.
abi_source <- function(r, unnamed = !r) {
  scalars <- abi_scalar_table()
  if (r) scalars <- scalars[vapply(scalars, `[[`, NA, "r")]
  text <- vapply(scalars, `[[`, "", "text")
  names(scalars) <- text
  promoted <- ifelse(text %in% c("B", "c", "C", "s", "S", "<char16_t>"), "i", ifelse(text == "f", "d", text))
  list(r = r, unnamed = unnamed, scalars = scalars,
       weights = rep(seq_along(scalars), vapply(scalars, `[[`, 1L, "weight")), promoted = scalars[promoted],
       bits = scalars[c("B", "c", "C", "s", "S", "i", "i", "I", "I", "j", "J", "l", "L")],
       elements = scalars[setdiff(text, if (r) "c")])
}

one_of <- function(x) x[[sample.int(length(x), 1L)]]

chance <- function(p) runif(1L) < p

# ---- records ----

# A field: a type, the dimensions of an array, the width of a bit-field (NA for none).
abi_field <- function(name, type, dims = integer(), bits = NA_integer_, anonymous = FALSE) {
  list(name = name, type = type, dims = dims, bits = bits, anonymous = anonymous)
}

abi_random_field <- function(source, name, records, bitty, packed) {
  u <- runif(1L)
  if (u < bitty) {
    type <- one_of(source$bits)
    most <- if (type$text == "B") 1 else type$bits
    v <- runif(1L)
    if (v < 0.08) return(abi_field("_", type, bits = 0L))
    bits <- if (chance(0.7)) sample.int(min(most, 12), 1L) else sample.int(most, 1L)
    return(abi_field(if (v < 0.16 && source$unnamed) "_" else name, type, bits = bits))
  }
  type <- source$scalars[[sample(source$weights, 1L)]]
  if (length(records) && chance(0.2)) {
    inner <- one_of(records)
    if (inner$depth < 4L && inner$leaves < 40L) {
      type <- if (chance(0.15)) abi_random_to(source, list(inner)) else inner
    }
  }
  dims <- integer()
  if (chance(0.15) && type$leaves < 12L && !(source$r && type$text == "c")) {
    dims <- sample.int(5L, 1L)
    # arrays of arrays of what has no bytes are left out in R
    if (chance(0.2) && (!source$r || type$leaves)) dims <- c(dims, sample.int(3L, 1L))
  }
  anonymous <- is_record(type) && !length(dims) && !type$nameless && chance(0.15)
  abi_field(name, type, dims, anonymous = anonymous)
}

is_record <- function(type) type$kind %in% c("struct", "union")

abi_to <- function(record) {
  list(kind = "to", text = paste0("*", record$text), c = paste(record$c, "*"),
       ref = paste0("&", record$name, "_p"), record = record, depth = record$depth,
       leaves = record$leaves, align = 1)
}

# A pointer to one of some records; R has no pointer to an object without bytes.
abi_random_to <- function(source, records) {
  record <- one_of(records)
  if (source$r && !record$leaves) source$scalars[["p"]] else abi_to(record)
}

# A record of fields; what it is in C follows from its name.
abi_record <- function(kind, name, fields, pack = 0L, align = 0L, ms = FALSE) {
  types <- lapply(fields, `[[`, "type")
  counts <- vapply(fields, function(f) as.integer(prod(f$dims)), 1L)
  # an upper bound of what layout gives
  wide <- max(1, align, vapply(types, function(t) if (is_record(t)) t$align else 1, 1))
  valued <- which(vapply(fields, `[[`, "", "name") != "_")
  list(kind = kind, name = name, text = paste0("<", name, ">"), c = paste(kind, name),
       ref = paste0("&", name, "_t"), fields = fields, pack = pack, align = wide, least = align, ms = ms,
       active = if (kind == "union" && length(valued)) sample.int(length(valued), 1L) else 0L,
       nameless = any(vapply(fields, `[[`, NA, "anonymous")),
       depth = 1L + max(0L, vapply(types, `[[`, 1L, "depth")),
       leaves = sum((counts * vapply(types, `[[`, 1L, "leaves"))[valued]))
}

abi_random_record <- function(source, name, records) {
  u <- runif(1L)
  n <- if (u < 0.03) 0L else if (u < 0.55) sample.int(4L, 1L) else sample.int(10L, 1L)
  bitty <- if (chance(0.3)) runif(1L) else 0
  fields <- list()
  for (k in seq_len(n)) {
    field <- abi_random_field(source, paste0("f", k), records, bitty)
    if (field$anonymous && any(vapply(fields, `[[`, NA, "anonymous"))) field$anonymous <- FALSE
    fields[[k]] <- field
  }
  fields <- lapply(fields, function(f) {
    if (f$name != "_") f$name <- paste0(tolower(name), f$name)
    f
  })
  v <- runif(2L)
  pack <- if (v[1L] < 0.15) one_of(c(1L, 2L, 4L, 8L)) else 0L
  align <- if (v[2L] < 0.1) one_of(c(1L, 2L, 4L, 8L, 16L)) else if (v[2L] < 0.11) one_of(c(32L, 64L)) else 0L
  kind <- if (chance(0.18)) "union" else "struct"
  # gcc and clang lay out unions of bit-fields differently then
  ms <- abi_has_ms() && bitty > 0 && chance(0.15) && kind == "struct"
  abi_record(kind, name, fields, pack, align, ms)
}

# Elsewhere there are no records with the layout of Microsoft compilers.
abi_is_x86 <- function() R.version$arch %in% c("x86_64", "i386", "i486", "i586", "i686")

# On 32-bit x86 gcc and clang disagree about such records.
abi_has_ms <- function() R.version$arch == "x86_64"

# Records whose fields may have the types of earlier ones.
abi_records <- function(source, n, prefix = "S") {
  records <- list()
  for (i in seq_len(n)) {
    records[[i]] <- abi_random_record(source, paste0(prefix, i), utils::tail(records, 25L))
  }
  records
}

# All records that types are made of, inner ones first.
abi_records_of <- function(types) {
  found <- list()
  visit <- function(type) {
    if (type$kind == "to") type <- type$record
    if (!is_record(type) || !is.null(found[[type$name]])) return()
    for (field in type$fields) visit(field$type)
    found[[type$name]] <<- type
  }
  for (type in types) visit(type)
  unname(found)
}

# The package's text of a record.
abi_record_text <- function(record) {
  text <- vapply(record$fields, function(f) {
    paste0(f$type$text, if (length(f$dims)) paste0("[", f$dims, "]", collapse = ""),
           if (!is.na(f$bits)) paste0(":", f$bits))
  }, "")
  names <- vapply(record$fields, function(f) if (f$anonymous) "." else f$name, "")
  attributes <- c(if (record$pack) paste0("@pack=", record$pack),
                  if (record$least) paste0("@align=", record$least), if (record$ms) "@ms")
  paste0(record$name, if (record$kind == "union") "|" else "{", paste(text, collapse = ""), "}",
         paste(c(names, attributes), collapse = " "), ";")
}

abi_record_c <- function(record) {
  name <- record$name
  field <- function(f, k) {
    if (f$name == "_" && is.na(f$bits)) f$name <- paste0("pad", k)
    paste0(f$type$c, " ", if (f$name != "_") f$name,
           if (length(f$dims)) paste0("[", f$dims, "]", collapse = ""),
           if (!is.na(f$bits)) paste(" :", f$bits), ";")
  }
  valued <- Filter(function(f) f$name != "_", record$fields)
  members <- vapply(valued, function(f) {
    bits <- !is.na(f$bits)
    paste0("{\"", f$name, "\", ", f$type$ref, ", ",
           if (bits) paste0("0, 1, ", f$bits, ", get_", name, "_", f$name, ", put_", name, "_", f$name)
           else paste0("offsetof(", record$c, ", ", f$name, "), ", prod(f$dims), ", 0, 0, 0"), "}")
  }, "")
  bits <- Filter(function(f) !is.na(f$bits), valued)
  fields <- unlist(Map(field, record$fields, seq_along(record$fields)))
  c(if (record$pack) paste0("#pragma pack(push, ", record$pack, ")"),
    paste0(record$c, " { ", paste(fields, collapse = " "), " }",
           if (record$least) paste0(" __attribute__((aligned(", record$least, ")))"),
           if (record$ms) " __attribute__((ms_struct))", ";"),
    if (record$pack) "#pragma pack(pop)",
    vapply(bits, function(f) paste0("ABI_BITS(", record$c, ", ", name, ", ", f$name, ")"), ""),
    paste0("static const abi_member ", name, "_m[] = {", paste(c(members, "{0}"), collapse = ", "), "};"),
    paste0("static const abi_type ", name, "_t = {ABI_RECORD, sizeof(", record$c, "), _Alignof(", record$c,
           "), 0, ", length(valued), ", ", name, "_m, ", record$active - 1L, "};"),
    paste0("static const abi_type ", name, "_p = {ABI_VECTOR, sizeof(void *), _Alignof(void *), &", name,
           "_t, 1, 0, -1};"))
}

# ---- signatures ----

abi_signature <- function(source, records) {
  u <- runif(4L)
  n <- if (u[1L] < 0.04) 0L else if (u[1L] < 0.7) sample.int(6L, 1L)
       else if (u[1L] < 0.94) 6L + sample.int(10L, 1L) else if (u[1L] < 0.9985) 16L + sample.int(24L, 1L) else 40L + sample.int(960L, 1L)
  by_record <- if (u[2L] < 0.5) runif(1L) else 0
  index <- sample(source$weights, n, replace = TRUE)
  types <- unname(source$scalars[index])
  for (i in which(runif(n) < by_record)) {
    if (length(records)) types[[i]] <- if (chance(0.12)) abi_random_to(source, records) else one_of(records)
  }
  ret <- if (u[3L] < 0.05) abi_void
         else if (u[3L] < 0.5 || !length(records)) source$scalars[[sample(source$weights, 1L)]]
         else if (u[3L] < 0.53) abi_random_to(source, records) else one_of(records)
  if (ret$kind == "scalar" && ret$value == "vector") ret <- source$scalars[["p"]]
  fixed <- if (n && u[4L] < 0.12) sample.int(n, 1L) else NA_integer_
  texts <- vapply(types, `[[`, "", "text")
  for (i in which(seq_len(n) > fixed)) {
    # clang aligns the arguments for one that has no bytes
    if (is_record(types[[i]]) && !types[[i]]$leaves && types[[i]]$align > 8) {
      types[[i]] <- source$scalars[["i"]]
      texts[i] <- "i"
    }
  }
  s <- list(texts = texts, types = types, ret = ret, fixed = fixed, seed = sample.int(2147483000L, 1L))
  if (!is.na(fixed)) s$types <- abi_promoted(s, source)
  s
}

# The types of arguments after C's default promotions of those behind the dot.
abi_promoted <- function(s, source) {
  Map(function(type, k) {
    if (k <= s$fixed || type$kind != "scalar") type
    else source$promoted[[match(type$text, names(source$scalars))]]
  }, s$types, seq_along(s$types))
}

abi_signature_text <- function(s) {
  texts <- s$texts
  if (!is.na(s$fixed)) texts <- append(texts, ".", s$fixed)
  paste0(paste(texts, collapse = ""), ")", s$ret$text)
}

# The callee f<id>, its direct caller d<id>, and the table entry c<id>.
abi_signature_c <- function(s, id) {
  types <- vapply(s$types, `[[`, "", "c")
  refs <- vapply(s$types, `[[`, "", "ref")
  n <- length(types)
  at <- seq_len(n)
  args <- if (n) paste0("a", at) else character()
  ret <- s$ret$c
  void <- ret == "void"
  named <- if (is.na(s$fixed)) at else seq_len(s$fixed)
  dots <- if (!is.na(s$fixed)) ", ..."
  rest <- setdiff(at, named)
  list_of <- function(x) if (length(x)) paste(x, collapse = ", ") else "void"
  addresses <- paste(c(paste0("&", args, recycle0 = TRUE), "0"), collapse = ", ")
  addresses <- paste0("  void *a[] = {", addresses, "};")
  result <- if (void) "  void *r = 0;" else paste0("  ", ret, " r;")
  to <- if (void) "r" else "&r"
  c(paste0("static const abi_type *const t", id, "[] = {", paste(c(refs, "0"), collapse = ", "), "};"),
    paste0("static const abi_case c", id, ";"),
    paste0(ret, " f", id, "(", list_of(paste(types[named], args[named], recycle0 = TRUE)), dots, ") {"),
    if (!is.null(dots)) paste0("  va_list v; va_start(v, a", s$fixed, ");"),
    paste0("  ", types[rest], " ", args[rest], " = va_arg(v, ", types[rest], ");", recycle0 = TRUE),
    if (!is.null(dots)) "  va_end(v);",
    addresses, result, paste0("  abi_answer(&c", id, ", a, ", to, ");"), if (!void) "  return r;", "}",
    paste0("static uint64_t d", id, "(abi_code code) {"),
    paste0("  ", types, " ", args, ";", recycle0 = TRUE),
    addresses, result, paste0("  abi_fill_args(&c", id, ", a);"),
    paste0("  ", if (!void) "r = ", "((", ret, " (*)(", list_of(types[named]), dots, "))code)(",
           paste(args, collapse = ", "), ");"),
    paste0("  return abi_fold(", s$ret$ref, ", ", to, ", 0);"), "}",
    paste0("static const abi_case c", id, " = {\"", abi_signature_text(s), "\", ", s$seed, "u, ", n, ", t", id,
           ", ", s$ret$ref, ", (abi_code)f", id, ", d", id, "};"))
}

# A translation unit of records and signatures.
abi_unit <- function(header, records, signatures, wide) {
  ids <- seq_along(signatures)
  c(paste("#define ABI_WIDE", as.integer(wide)), header,
    unlist(lapply(records, abi_record_c)),
    unlist(Map(abi_signature_c, signatures, ids)),
    "static const abi_record records[] = {",
    paste0("  {\"", vapply(records, abi_record_text, ""), "\", ", vapply(records, `[[`, "", "ref"), "},",
           recycle0 = TRUE), "  {0, 0}};",
    paste0("static const abi_case *const cases[] = {",
           paste(c(paste0("&c", ids, recycle0 = TRUE), "0"), collapse = ", "), "};"),
    paste0("ABI_BATCH(records, ", length(records), ", cases, ", length(signatures), ")"))
}
