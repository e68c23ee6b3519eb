# The article on the format, in the source tree or as it is installed.
vignette_file <- function() {
  files <- c(test_path("..", "..", "vignettes", "dynport-format.Rmd"),
             system.file("doc", "dynport-format.Rmd", package = "rdyncall"))
  c(files[file.exists(files)], NA_character_)[1L]
}

# The code of the chunks, with their options.
vignette_chunks <- function(lines) {
  begin <- grep("^```\\{r", lines)
  end <- grep("^```$", lines)
  lapply(begin, function(at) {
    last <- end[end > at][1L]
    list(options = lines[at], line = at, code = lines[seq_len(last - at - 1L) + at])
  })
}

test_that("all examples of the article on the format run, and those that show errors fail", {
  file <- vignette_file()
  # a package that was built without vignettes has none
  if (is.na(file)) skip("the article is not installed")
  env <- new.env(parent = globalenv())
  chunks <- vignette_chunks(readLines(file))
  expect_gt(length(chunks), 12L)
  for (chunk in chunks) {
    if (grepl("include = FALSE", chunk$options, fixed = TRUE)) next
    if (grepl("eval = ", chunk$options, fixed = TRUE) && .Platform$OS.type != "unix") next
    run <- function() capture.output(eval(parse(text = chunk$code), env))
    if (grepl("error = TRUE", chunk$options, fixed = TRUE)) {
      expect_error(run(), class = "dyncall_error", info = paste("line", chunk$line))
    } else {
      expect_error(run(), NA, info = paste("line", chunk$line))
    }
  }
})
