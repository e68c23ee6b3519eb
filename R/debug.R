# What is live, and debug mode.

dynleaks <- function() {
  gc()
  as.data.frame(.Call(C_debug_list), stringsAsFactors = FALSE)
}

dyndebug <- function(on = TRUE) {
  invisible(.Call(C_debug_set, check_flag(on, "on")))
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
