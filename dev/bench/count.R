# How many instructions calls take: of the processor in all, and of them in this package's own code, which no
# version of R and no other load changes. Counted by callgrind between two points in one R process, for a loop of
# calls less an empty one.
#
#   count.R            prints the table
#   count.R --check    fails when our own code takes over a tenth more than limits.txt says
#   count.R --write    writes limits.txt
#
# The process counts itself when it runs under valgrind; this file starts that.

options <- commandArgs(trailingOnly = TRUE)
file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L])
here <- dirname(file)
calls <- 1000L

# What is counted: expressions over the functions that make_functions() makes.
counted <- list(")v" = list(NS = quote(ns_v()), bound = quote(b_v()), .dyncall = quote(.dyncall(a_v, ")v"))),
                "d)d" = list(NS = quote(ns_d(x)), bound = quote(b_d(x)), .dyncall = quote(.dyncall(a_d, "d)d", x))),
                "Z)L" = list(NS = quote(ns_Z(s)), bound = quote(b_Z(s)), .dyncall = quote(.dyncall(a_Z, "Z)L", s))),
                "iiiiii)i" = list(NS = quote(ns_i6(1L, 2L, 3L, 4L, 5L, 6L)),
                                  bound = quote(b_i6(1L, 2L, 3L, 4L, 5L, 6L)),
                                  .dyncall = quote(.dyncall(a_i6, "iiiiii)i", 1L, 2L, 3L, 4L, 5L, 6L))),
                "pp)v" = list(NS = quote(ns_pp(first, second)), bound = quote(b_pp(first, second)),
                              .dyncall = quote(.dyncall(a_pp, "pp)v", first, second))),
                "10 doubles" = list(NS = quote(ns_d10(1, 2, 3, 4, 5, 6, 7, 8, 9, x)),
                                    bound = quote(b_d10(1, 2, 3, 4, 5, 6, 7, 8, 9, x)),
                                    .dyncall = quote(.dyncall(a_d10, "dddddddddd)d", 1, 2, 3, 4, 5, 6, 7, 8, 9, x))),
                "callback dd)d" = list(bound = quote(b_drive(callback, 1L))),
                "struct get" = list(bound = quote(point$x), getter = quote(get_x(point))))

# The cases whose own code is guarded, in the column `bound`.
guarded <- c(")v", "d)d", "Z)L", "iiiiii)i", "pp)v")

# ---- the process that is counted ----

count_here <- function() {
  source(file.path(here, "common.R"), local = TRUE)
  e <- make_functions()
  count <- getNativeSymbolInfo("count_start", e$dll)
  dump <- getNativeSymbolInfo("count_dump", e$dll)
  slice <- function(expression) {
    f <- eval(call("function", as.pairlist(alist(n = )), call("for", quote(i), quote(seq_len(n)), expression)), e)
    compiler::cmpfun(f)
  }
  cases <- c(list(empty = list(empty = NULL)), counted)
  for (case in names(cases)) {
    for (column in names(cases[[case]])) {
      f <- slice(cases[[case]][[column]])
      for (i in 1:3) f(10L)
      gc()
      gc()
      .Call(count)
      f(calls)
      .Call(dump, paste0(case, "|", column))
    }
  }
}

# ---- the process that counts ----

# The instructions of a dump of callgrind, as c(all, own): lines of cost belong to the object that an ob= line
# names last; what follows a calls= line is the cost of what was called.
read_dump <- function(lines) {
  label <- sub("^desc: Trigger: Client Request: ", "", grep("^desc: Trigger: Client Request", lines, value = TRUE)[1L])
  objects <- character()
  own <- all <- 0
  is_own <- was_call <- FALSE
  for (line in lines) {
    if (startsWith(line, "ob=")) {
      id <- sub("^ob=\\(([0-9]+)\\).*$", "\\1", line)
      if (grepl(") ", line, fixed = TRUE)) objects[id] <- sub("^[^ ]* ", "", line)
      is_own <- grepl("/rdyncall[.](so|dll)$", objects[[id]])
    } else if (startsWith(line, "cob=")) {
      id <- sub("^cob=\\(([0-9]+)\\).*$", "\\1", line)
      if (grepl(") ", line, fixed = TRUE)) objects[id] <- sub("^[^ ]* ", "", line)
    } else if (startsWith(line, "calls=")) {
      was_call <- TRUE
    } else if (grepl("^[+*0-9-]", line)) {
      cost <- if (was_call) 0 else as.numeric(sub("^[^ ]+ ", "", line))
      was_call <- FALSE
      all <- all + cost
      own <- own + is_own * cost
    }
  }
  list(label = label, count = c(all = all, own = own))
}

count_all <- function() {
  out <- file.path(tempdir(), "callgrind.out")
  rscript <- file.path(R.home("bin"), "R")
  log <- suppressWarnings(system2(rscript, c("-d", shQuote(paste0("valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file=", out)),
                                             "--vanilla", "--no-echo", paste0("--file=", file), "--args", "--count"),
                                  stdout = TRUE, stderr = TRUE))
  files <- list.files(tempdir(), "^callgrind[.]out[.]", full.names = TRUE)
  dumps <- lapply(files, function(one) read_dump(readLines(one)))
  if (!length(dumps)) stop("valgrind counted nothing:\n", paste(utils::tail(log, 20L), collapse = "\n"))
  counts <- do.call(rbind, lapply(dumps, `[[`, "count"))
  rownames(counts) <- vapply(dumps, `[[`, "", "label")
  sweep(counts, 2L, counts["empty|empty", ]) / calls
}

show_counts <- function(counts) {
  cat("instructions per call, and those of the package's own code\n")
  cat(sprintf("%-14s %8s %16s %16s %16s\n", "", "NS", "bound", ".dyncall", "getter"))
  for (case in names(counted)) {
    one <- function(column) {
      at <- match(paste0(case, "|", column), rownames(counts))
      if (is.na(at)) return("")
      if (column == "NS") sprintf("%.0f", counts[at, 1L]) else sprintf("%.0f (%.0f)", counts[at, 1L], counts[at, 2L])
    }
    cat(sprintf("%-14s %8s %16s %16s %16s\n", case, one("NS"), one("bound"), one(".dyncall"), one("getter")))
  }
}

own_counts <- function(counts) stats::setNames(round(counts[paste0(guarded, "|bound"), "own"]), guarded)

main <- function() {
  limits <- file.path(here, "limits.txt")
  counts <- count_all()
  show_counts(counts)
  own <- own_counts(counts)
  if ("--write" %in% options) {
    writeLines(c("# Instructions of our own code per call of a bound function; see count.R.",
                 paste(names(own), own, sep = "\t")), limits)
  }
  if ("--check" %in% options) {
    most <- utils::read.delim(limits, header = FALSE, comment.char = "#", quote = "")
    most <- stats::setNames(most[[2L]], most[[1L]])[names(own)]
    heavy <- is.na(most) | own > 1.1 * most
    for (case in names(own)[heavy]) {
      cat(case, ": ", own[[case]], " instructions of our own, the limit is 1.1 times ", most[[case]], "\n", sep = "")
    }
    if (any(heavy)) quit(status = 1L)
    cat("count: the calls of ", length(own), " bound functions keep to their limits\n", sep = "")
  }
}

if ("--count" %in% options) count_here() else main()
