# Runs the demos of real libraries, a parser, a database, digests, a mapped file, a window: Rscript tools/run-demo.R [topic ...]

library(rdyncall)

topics <- commandArgs(trailingOnly = TRUE)
if (length(topics) == 0) topics <- c("expat", "sqlite", "openssl", "mmap", "SDL")

for (topic in topics) {
  if (!nzchar(system.file("demo", paste0(topic, ".R"), package = "rdyncall"))) {
    stop("there is no demo named '", topic, "'")
  }
  demo(topic, package = "rdyncall", character.only = TRUE, ask = FALSE)
}
