# Runs the demos of two real libraries, a parser and a window: Rscript tools/run-demo.R [topic ...]

library(rdyncall)

topics <- commandArgs(trailingOnly = TRUE)
if (length(topics) == 0) topics <- c("expat", "SDL")

for (topic in topics) {
  if (!nzchar(system.file("demo", paste0(topic, ".R"), package = "rdyncall"))) {
    stop("there is no demo named '", topic, "'")
  }
  demo(topic, package = "rdyncall", character.only = TRUE, ask = FALSE)
}
