# Port files with faults, made of all shipped ports, through the reader and the loader in R:
#   R_LIBS=.lib Rscript dev/fuzz/mutate_ports.R [number of files] [seed]
# Each must be loaded, with all that it declares, or refused with the number of a line.

library(rdyncall)
args <- commandArgs(trailingOnly = TRUE)
n <- if (length(args)) as.integer(args[1L]) else 100000L
seed <- if (length(args) > 1L) as.integer(args[2L]) else as.integer(Sys.time())
file <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
source(file.path(dirname(file), "..", "..", "tests", "testthat", "helper-mutate.R"))

set.seed(seed)
library <- dynfind(c("msvcrt", "c", "c.so.6", "System.B"))
outcomes <- mutate_ports(n, system.file("dynports", package = "rdyncall"), library)
cat("seed", seed, "\n")
cat(sprintf("%7d %s\n", as.integer(outcomes), names(outcomes)), sep = "")
if (length(setdiff(names(outcomes), c("loaded", "refused")))) quit(status = 1)
