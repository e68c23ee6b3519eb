# A port as other platforms read it, against their compilers. Programs cannot run there, so constants are
# asserted in the source; layouts are left to the host.

compare_target <- function(name, target, recipe, folder) {
  words <- c(target$words, recipe$words)
  port <- read_words(port_file(name), words)
  env <- port_types(port_file(name), words)
  c_side <- read_castxml(port, recipe, folder, target)
  list(castxml = compare_castxml(port, env, c_side, recipe),
       gcc = assert_constants(port, recipe, folder, target))
}

assert_constants <- function(port, recipe, folder, target) {
  rows <- which(port$kind %in% c("const", "label"))
  if (!length(rows)) return(no_mismatch)
  lines <- vapply(rows, function(i) {
    value <- if (port$kind[i] == "label") port$value[i] else port$constants[[i]]
    literal <- if (port$kind[i] == "label") "0" else port$body[i]
    assertion(port$name[i], value, literal)
  }, "")
  tried <- gcc_try(recipe, lines, folder, "asserts", execute = FALSE, target = target)
  join(lapply(rows[tried$rejected], function(i) {
    mismatch("const", port$name[i], "another value or none", c(port$body[i], port$value[i])[
      if (port$kind[i] == "const") 1L else 2L])
  }))
}

# The value and its sign, or the text, as a line of C.
assertion <- function(name, value, literal) {
  line <- c(strsplit(value_line(value, literal), "\t", fixed = TRUE)[[1L]], "")
  digits <- sub("^-", "", line[2L])
  negative <- as.integer(startsWith(line[2L], "-"))
  is_equal <- switch(line[1L],
    integer = sprintf("(unsigned long long)(%s) == 0x%sULL && ((%s) < 0) == %d", name, digits, name,
                      negative),
    address = sprintf("(__UINTPTR_TYPE__)(%s) == (__UINTPTR_TYPE__)0x%sULL", name, digits),
    real = if (line[2L] == "nan") sprintf("(%s) != (%s)", name, name)
           else sprintf("(double)(%s) == %s", name, sub("inf", "__builtin_inf()", line[2L])),
    text = sprintf("!__builtin_strcmp((%s), \"%s\")", name, gsub("(..)", "\\\\x\\1\"\"", digits)))
  sprintf("_Static_assert(%s, \"\");", is_equal)
}
