# What the tables of conversions are made of.

# 64-bit integers by their digits; NULL without bit64.
int64 <- function(digits) {
  if (requireNamespace("bit64", quietly = TRUE)) bit64::as.integer64(digits)
}

# The condition that an expression raises, or the value.
outcome_of <- function(expr) tryCatch(expr, error = identity)

# What a put of a value did: the value, or the class and kind of the error.
outcome_label <- function(outcome) {
  if (!inherits(outcome, "error")) return(outcome)
  if (!inherits(outcome, "dyncall_error")) return(paste("R error:", conditionMessage(outcome)))
  paste(sub("dyncall_error_", "", class(outcome)[1L]), outcome$code)
}

# Frees what nothing holds and writes over it, as far as R can be made to.
overwrite_garbage <- function() {
  for (i in 1:3) gc()
  for (i in 1:20) {
    strings <- paste0(strrep("#", i), seq_len(500))
    vectors <- lapply(1:500, function(k) rep(-1, i))
  }
  invisible(list(strings, vectors))
}

# A pointer to two doubles, and a count of how many such pointers are gone.
watched <- new.env()
watched$gone <- 0L
watched_pointer <- function() {
  memory <- new.env()
  reg.finalizer(memory, function(e) watched$gone <- watched$gone + 1L)
  pointer <- as.extptr(c(1, 2) + 0)
  attr(pointer, "memory") <- memory
  pointer
}

# How many more are gone since a count.
gone_since <- function(before) {
  gc()
  gc()
  watched$gone - before
}
