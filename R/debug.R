# What is live, and debug mode.

dynleaks <- function() {
  gc()
  as.data.frame(.Call(C_debug_list), stringsAsFactors = FALSE)
}

dyndebug <- function(on = TRUE) {
  invisible(.Call(C_debug_set, check_flag(on, "on")))
}

dyntrace <- function(on = TRUE) {
  invisible(.Call(C_debug_trace, check_flag(on, "on")))
}

dyncheck <- function() invisible(.Call(C_debug_check))

# Called by C: the user's call that allocates or frees, with its place in a file where that is known.
origin <- function() {
  call <- written_call()
  if (is.null(call)) return("an unknown call")
  text <- deparse(call, nlines = 1L, width.cutoff = 120L)[1L]
  where <- utils::getSrcref(call)
  if (is.null(where)) return(text)
  paste0(text, " at ", utils::getSrcFilename(call), ":", utils::getSrcLocation(call, "line"))
}

# Called by C: a message of a call that has returned, or was left by a jump.
trace_call <- function(name, types, values, left) {
  shown <- vapply(values, trace_value, "")
  n <- length(types)
  result <- if (left) "left by a jump"
            else if (types[n] == "void") "void" else paste(types[n], shown[n])
  text <- paste0(name, "(", paste(types[-n], "=", shown[-n], collapse = ", ", recycle0 = TRUE), ") = ",
                 result, "\n")
  message(structure(class = c("dyncall_trace", "message", "condition"),
                    list(message = text, call = NULL, name = name)))
}

trace_value <- function(value) {
  if (is.function(value) && !inherits(value, "dynbound")) return("<R function>")
  if (is.carray(value)) return(paste0(attr(value, "pointee"), "[...]"))
  if (is.struct(value) && is.raw(value)) return(paste0(attr(value, "struct"), "{...}"))
  text <- tryCatch(format_value(value), error = function(e) paste0("<", typeof(value), ">"))
  if (is.externalptr(value)) sub("pointer: ", "", text) else text
}
