# Random signatures, records and callbacks against the C compilers:
#   Rscript dev/abi/run.R --n 2000 --seed 1 --r-share 0.1 --cc gcc,clang --opt 0,2
# Further options: --cores 2, --shrink 3 (failures to shrink), --r-lib FOLDER (where rdyncall is installed).
# Ends with status 1 when something fails.

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L]))
root <- normalizePath(file.path(here, "..", ".."))
tests <- file.path(root, "tests", "testthat")
for (file in file.path(tests, c("helper-abi.R", "helper-abi-values.R", "helper-abi-run.R"))) source(file)
source(file.path(root, "dev", "abi", "generate.R"))

options_of <- function(args) {
  known <- list(n = 2000L, seed = NA, "r-share" = 0.1, cc = "gcc,clang", opt = "0,2", cores = 2L, shrink = 3L,
                "r-lib" = file.path(root, ".lib"))
  names <- sub("^--", "", args[c(TRUE, FALSE)])
  if (length(args) %% 2L || !all(names %in% names(known))) {
    stop("expected --", paste(names(known), collapse = " --"), " and a value for each, got ",
         paste(args, collapse = " "))
  }
  for (k in seq_along(names)) {
    value <- args[2L * k]
    known[[names[k]]] <- if (is.character(known[[names[k]]])) value else as.numeric(value)
  }
  if (is.na(known$seed)) known$seed <- sample.int(1e9L, 1L)
  known
}

set.seed(NULL)
opt <- options_of(commandArgs(TRUE))
work <- tempfile("rdyncall-abi", dirname(tempdir())) # R that crashes in a fork removes its own tempdir()
dir.create(work)
header <- readLines(file.path(tests, "fixtures", "generated.h"))
ccs <- Filter(function(cc) nzchar(Sys.which(cc)), strsplit(opt$cc, ",", fixed = TRUE)[[1L]])
if (!length(ccs)) stop("no compiler: ", opt$cc)
settings <- expand.grid(opt = strsplit(opt$opt, ",", fixed = TRUE)[[1L]], cc = ccs, stringsAsFactors = FALSE)
settings$setting <- paste0(settings$cc, " -O", settings$opt)

make_driver <- function() {
  core <- c("-s", "-C", shQuote(root), "core", paste0("BUILD=", shQuote(work)), paste0("CC=", ccs[1L]))
  if (system2("make", core, stdout = FALSE)) stop("make core fails")
  driver <- file.path(work, "driver")
  libs <- suppressWarnings(system2("pkg-config", c("--cflags", "--libs", "libffi"), stdout = TRUE, stderr = FALSE))
  if (!length(libs)) libs <- "-lffi"
  include <- file.path(root, c("src", "tests/testthat/fixtures"))
  flags <- c("-std=gnu11 -g -O2 -Wall -Wextra -Wno-unused", paste0("-I", shQuote(include)), "-o",
             shQuote(driver), shQuote(file.path(root, "dev", "abi", "driver.c")), shQuote(file.path(work, "core", "librdc.a")),
             libs, "-ldl -lpthread -lm")
  if (system2(ccs[1L], flags)) stop("the driver does not compile")
  driver
}

numbers_of <- function(lines) {
  sums <- grep("^SUM ", lines, value = TRUE)
  keys <- c("cases", "calls", "callbacks", "layout", "refused", "failed", "differ")
  if (!length(sums)) return(stats::setNames(numeric(length(keys)), keys))
  rowSums(vapply(sums, function(line) {
    stats::setNames(as.numeric(regmatches(line, gregexpr("[0-9]+", line))[[1L]]), keys)
  }, numeric(length(keys))))
}

# One batch through the core in every setting.
run_core <- function(b, n) {
  batch <- abi_batch(opt$seed, b, n, FALSE)
  folder <- file.path(work, paste0("core", b))
  on.exit(unlink(folder, recursive = TRUE))
  built <- abi_compile(header, batch$records, batch$signatures, TRUE, settings, folder)
  lapply(seq_len(nrow(built)), function(k) {
    reference <- built$reference[k]
    lines <- abi_drive(driver, built$file[k], if (reference %in% built$file) reference)
    refused <- sub("^REFUSE [0-9]+ ", "", grep("^REFUSE ", lines, value = TRUE))
    list(numbers = numbers_of(lines), refused = refused, failures = abi_failures(lines))
  })
}

# f of each element in a process of its own; NULL where that crashed. (mclapply() makes none for one.)
in_forks <- function(xs, f) {
  suppressWarnings(parallel::mclapply(c(list(NULL), as.list(xs)), function(x) if (!is.null(x)) f(x),
                                      mc.cores = max(2, opt$cores), mc.preschedule = FALSE))[-1L]
}

# One batch through R in every setting; after a crash, each signature in a fork of its own.
run_r <- function(b, n, apart = FALSE) {
  batch <- abi_batch(opt$seed, b, n, TRUE)
  folder <- file.path(work, paste0("r", b))
  on.exit(unlink(folder, recursive = TRUE))
  built <- abi_compile(header, batch$records, batch$signatures, FALSE, settings, folder)
  lapply(built$file, function(file) {
    unit <- abi_load(file, batch$records)
    failures <- data.frame(index = integer(), kind = character(), detail = character(), differ = logical())
    add <- function(i, kind, wrong, differ = FALSE) {
      if (!length(wrong)) return()
      failures <<- rbind(failures, data.frame(index = i, kind = kind, detail = wrong, differ = differ))
    }
    for (i in seq_along(batch$records)) add(i, "layout", abi_run_layout(unit, batch$records[[i]], i))
    refused <- 0
    one <- function(i) abi_run(unit, batch$signatures[[i]], i)
    wrong <- if (apart) in_forks(seq_len(n), one) else lapply(seq_len(n), one)
    for (i in seq_len(n)) {
      refused <- refused + isTRUE(attr(wrong[[i]], "refused"))
      if (!is.null(wrong[[i]])) {
        add(i, "R", as.character(wrong[[i]]))
      } else {
        compiled <- function(i) .dyncall(unit$direct, "ip)Z", i - 1L, NULL) # which the compiler made alone
        add(i, "R", "crash", is.null(in_forks(i, compiled)[[1L]]))
      }
    }
    words <- vapply(batch$records, function(r) 2 + sum(vapply(r$fields, `[[`, "", "name") != "_"), 1)
    list(numbers = c(cases = n, calls = n - refused, callbacks = n - refused, layout = sum(words),
                     refused = refused, failed = sum(!failures$differ), differ = sum(failures$differ)),
         refused = rep("TYPE_PLATFORM: an argument by value that is aligned above 16 bytes", refused),
         failures = failures)
  })
}

# ---- report ----

# Which of some signatures fail like this in a setting; with layouts of records, the record is an argument.
failing <- function(versions, setting, failure) {
  folder <- tempfile("shrink", work)
  on.exit(unlink(folder, recursive = TRUE))
  rename <- function(s, k) abi_map_types(s, function(t) abi_rename(t, paste0("V", k, "_")))
  versions <- Map(rename, versions, seq_along(versions))
  records <- abi_records_of(unlist(lapply(versions, function(s) c(s$types, list(s$ret))), recursive = FALSE))
  same <- settings[settings$opt == setting$opt & settings$cc %in% c(setting$cc, "gcc"), ]
  built <- abi_compile(header, records, versions, TRUE, same, folder)
  mine <- built[built$cc == setting$cc, ]
  found <- abi_failures(abi_drive(driver, mine$file, if (mine$reference %in% built$file) mine$reference))
  found <- found[found$differ == failure$differ, ]
  layout <- found$kind %in% c("layout", "bits")
  if (!failure$kind %in% c("layout", "bits")) return(seq_along(versions) %in% found$index[!layout])
  names <- vapply(records, `[[`, "", "name")[found$index[layout]]
  seq_along(versions) %in% as.integer(sub("^V([0-9]+)_.*$", "\\1", names))
}

# The same through R; each version in a process of its own, which may crash.
failing_r <- function(versions, setting) {
  folder <- tempfile("shrink", work)
  on.exit(unlink(folder, recursive = TRUE))
  found <- in_forks(versions, function(s) {
    records <- abi_records_of(c(s$types, list(s$ret)))
    built <- abi_compile(header, records, list(s), FALSE, setting, tempfile("version", folder))
    length(abi_run(abi_load(built$file, records), s, 1L)) > 0
  })
  !vapply(found, identical, NA, FALSE)
}

shown <- character()

shrink_one <- function(job, failure, setting) {
  key <- paste(job$b, failure$index, failure$kind)
  if (key %in% shown) return()
  shown <<- c(shown, key)
  batch <- abi_batch(opt$seed, job$b, job$n, job$r)
  s <- if (failure$kind %in% c("layout", "bits")) {
    record <- batch$records[[failure$index]]
    list(texts = record$text, types = list(record), ret = abi_void, fixed = NA_integer_, seed = 1L)
  } else {
    batch$signatures[[failure$index]]
  }
  fails <- if (failure$kind == "R") function(versions) failing_r(versions, setting)
           else function(versions) failing(versions, setting, failure)
  if (any(fails(list(s)))) s <- abi_shrink(s, fails)
  cat("  ", setting$setting, ", ", if (failure$differ) "gcc disagrees, ", failure$kind, ": ",
      failure$detail, "\n    ", abi_line_of(s), "\n", sep = "")
}

# One setting: its counts, and its first failures in short. Returns the number of failures.
report_setting <- function(setting, r, jobs, results) {
  total <- Reduce(`+`, lapply(results, `[[`, "numbers"))
  keys <- c("signatures", "calls", "callbacks", "layout checks", "refused", "failures", "differ")
  cat(format(paste(setting$setting, if (r) "through R" else "core"), width = 20L),
      paste(format(total, width = 7L), keys), "\n")
  reasons <- table(unlist(lapply(results, `[[`, "refused")))
  for (name in names(reasons)) cat(sprintf("  refused %d, %s\n", reasons[[name]], name))
  failed <- 0
  left <- c(opt$shrink, opt$shrink)
  for (j in seq_along(jobs)) for (f in seq_len(nrow(results[[j]]$failures))) {
    failure <- results[[j]]$failures[f, ]
    failed <- failed + !failure$differ
    which <- failure$differ + 1L
    if (left[which] > 0) {
      left[which] <- left[which] - 1
      shrink_one(jobs[[j]], failure, setting)
    }
  }
  failed
}

report <- function(jobs, results) {
  lost <- !vapply(results, is.list, NA)
  for (k in which(lost)) {
    cat("batch", jobs[[k]]$b, if (jobs[[k]]$r) "(R)", "did not end:", paste(results[[k]], collapse = " "), "\n")
  }
  failed <- sum(lost)
  for (r in c(FALSE, TRUE)) for (k in seq_len(nrow(settings))) {
    mine <- which(!lost & vapply(jobs, `[[`, NA, "r") == r)
    if (length(mine)) {
      failed <- failed + report_setting(settings[k, ], r, jobs[mine], lapply(results[mine], `[[`, k))
    }
  }
  failed
}

started <- proc.time()[["elapsed"]]
cat("seed ", opt$seed, ", ", opt$n, " signatures, a share of ", opt$`r-share`, " through R\n", sep = "")
driver <- make_driver()
n_r <- round(opt$n * opt$`r-share`)
pieces <- function(n, r) {
  sizes <- c(rep(abi_batch_size, n %/% abi_batch_size), if (n %% abi_batch_size) n %% abi_batch_size)
  lapply(seq_along(sizes), function(b) list(b = b + if (r) 1e6 else 0, n = sizes[b], r = r))
}
jobs <- c(pieces(opt$n - n_r, FALSE), pieces(n_r, TRUE))
if (n_r) {
  .libPaths(c(opt$`r-lib`, .libPaths()))
  suppressPackageStartupMessages(library(rdyncall))
}
results <- parallel::mclapply(jobs, function(job) if (job$r) run_r(job$b, job$n) else run_core(job$b, job$n),
                              mc.cores = opt$cores, mc.preschedule = FALSE)
for (k in which(!vapply(results, is.list, NA) & vapply(jobs, `[[`, NA, "r"))) {
  results[[k]] <- run_r(jobs[[k]]$b, jobs[[k]]$n, apart = TRUE)
}
failed <- report(jobs, results)
cat(if (failed) paste(failed, "failures") else "no failures", "in", round(proc.time()[["elapsed"]] - started),
    "seconds\n")
unlink(work, recursive = TRUE)
quit(status = if (failed) 1L else 0L)
