# Worked programs: the demos, whose functions the tests use.

# The functions and values of a demo, which runs to its end.
program <- function(topic) {
  file <- system.file("demo", paste0(topic, ".R"), package = "rdyncall")
  if (!nzchar(file)) skip_or_fail("installed without demos")
  env <- new.env(parent = globalenv())
  env$output <- utils::capture.output(source(file, env, echo = FALSE, print.eval = TRUE))
  env
}

# Detaches a port that the test attaches, if nobody had it before.
local_port <- function(name, frame = parent.frame()) {
  place <- paste0("dynport:", name)
  if (place %in% search()) return(invisible())
  leave <- substitute(if (place %in% search()) detach(place, character.only = TRUE), list(place = place))
  do.call(on.exit, list(leave, add = TRUE), envir = frame)
}
