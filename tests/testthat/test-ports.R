# What holds for every port that the package ships. None of it needs the libraries.

ports_folder <- function() system.file("dynports", package = "rdyncall")

shipped_ports <- function() {
  sort(sub("\\.dynport$", "", list.files(ports_folder(), "\\.dynport$")), method = "radix")
}

port_cache <- new.env()

# The records of a shipped port, on this platform.
records_of <- function(name) {
  if (is.null(port_cache[[name]])) {
    port_cache[[name]] <- rdyncall:::read_port(port_path(name))
  }
  port_cache[[name]]
}

imports_of <- function(name) rdyncall:::port_header_words(records_of(name), "Import")

port_path <- function(name) file.path(ports_folder(), paste0(name, ".dynport"))

# Where the types of a port and of those that it imports are. The library is not asked for.
types_of <- function(name, words = NULL) {
  rdyncall:::port_types(port_path(name), ports_folder(), words)
}

# What kinds of records can stand for what the former ports called a function, constant or struct.
legacy_kinds <- list(functions = c("func", "alias", "var"),
                     constants = c("const", "label", "alias", "var", "func", "type"),
                     structs = c("struct", "type", "enum"))

paper_ports <- c("GL", "GLU", "R", "SDL", "SDL_image", "SDL_mixer", "SDL_net", "SDL_ttf", "cuda",
                 "expat", "gl3", "glew", "ode", "opencl", "stdio")

test_that("the ports of the paper are there, and those asked for since", {
  expect_identical(setdiff(paper_ports, shipped_ports()), character())
  since <- c("SDL2", "curl", "libclang", "openssl", "sqlite3", "zlib")
  expect_identical(setdiff(since, shipped_ports()), character())
})

test_that("every port says what it is and where it comes from", {
  for (name in shipped_ports()) {
    port <- records_of(name)
    header <- function(key) rdyncall:::port_header(port, key)
    expect_identical(header("Port"), name)
    for (key in c("Title", "Version", "Library", "Package", "Header", "Generator")) {
      expect_true(is.character(header(key)) && nzchar(header(key)), info = paste(name, key))
    }
    expect_match(header("Header"), "sha256:[0-9a-f]{64}", info = name)
    expect_identical(setdiff(imports_of(name), shipped_ports()), character(), info = name)
  }
})

test_that("a port is ASCII text of lines without blanks at the end", {
  for (name in shipped_ports()) {
    lines <- readLines(port_path(name))
    expect_identical(grep("[^ -~]|[ \t]$", lines, value = TRUE, useBytes = TRUE), character(), info = name)
  }
})

test_that("a name means one thing in a port, and types are apart", {
  types <- c("type", "struct", "enum")
  for (name in shipped_ports()) {
    port <- records_of(name)
    for (among in list(types, setdiff(port$kind, c(types, "header")))) {
      names <- port$name[port$kind %in% among & nzchar(port$name)]
      expect_identical(unique(names[duplicated(names)]), character(), info = name)
    }
  }
})

test_that("all types of a port can be made, and have a size unless they are opaque", {
  for (name in shipped_ports()) {
    port <- records_of(name)
    env <- types_of(name)
    types <- which(port$kind %in% c("struct", "type") | (port$kind == "enum" & nzchar(port$name)))
    wrong <- character()
    for (i in types) {
      info <- tryCatch(get(port$name[i], envir = env, inherits = FALSE), error = conditionMessage)
      opaque <- port$kind[i] == "struct" && !grepl("[{|]", port$body[i])
      if (!is.typeinfo(info)) wrong <- c(wrong, paste0(port$name[i], ": ", info))
      else if (is.na(info$size) != opaque && port$kind[i] != "type") wrong <- c(wrong, port$name[i])
    }
    expect_identical(wrong, character(), info = name)
  }
})

# A call with a wrong number of arguments gets as far as the compiled signature, and no further.
compile_error <- function(signature, env) {
  about <- .Call(rdyncall:::C_call_entries, paste0("f(", signature, ";"))
  target <- .dynsym(port_cache$program, "abs")
  call <- as.call(c(list(.dyncall, target, signature), if (about$count == 0L) list(1L)))
  tryCatch({ eval(call, env); "was called" }, dyncall_error_arity = function(e) NULL,
           dyncall_error = conditionMessage)
}

test_that("all signatures of a port compile", {
  port_cache$program <- need_library_or_skip(c("msvcrt", "c", "c.so.6", "System.B"))
  for (name in shipped_ports()) {
    port <- records_of(name)
    env <- types_of(name)
    wrong <- character()
    for (i in which(port$kind == "func")) {
      error <- compile_error(port$body[i], env)
      if (!is.null(error)) wrong <- c(wrong, paste0(port$name[i], ": ", error))
    }
    expect_identical(wrong, character(), info = name)
  }
})

test_that("aliases and the names of imports mean something", {
  for (name in shipped_ports()) {
    port <- records_of(name)
    known <- c(port$name, unlist(lapply(imports_of(name), function(other) records_of(other)$name)))
    alias <- port$kind == "alias"
    expect_identical(setdiff(port$body[alias], known), character(), info = name)
  }
})

test_that("the names of the former ports are there, or listed as gone with the reason", {
  gone <- readLines(test_path("fixtures", "legacy", "gone.txt"))
  gone <- strsplit(gone[nzchar(gone) & !startsWith(gone, "#")], " +")
  expect_true(all(lengths(gone) > 3L))
  gone_keys <- vapply(gone, function(words) paste(words[1:3], collapse = " "), "")
  expect_identical(gone_keys[duplicated(gone_keys)], character())
  files <- list.files(test_path("fixtures", "legacy"), "\\.(functions|constants|structs)\\.txt$")
  expect_identical(sort(unique(sub("\\..*$", "", files)), method = "radix"),
                   sort(paper_ports, method = "radix"))
  missing <- there <- character()
  for (file in files) {
    name <- sub("\\..*$", "", file)
    kind <- sub("^[^.]*\\.([^.]*)\\.txt$", "\\1", file)
    port <- records_of(name)
    imported <- lapply(imports_of(name), records_of)
    have <- unlist(lapply(c(list(port), imported), function(p) p$name[p$kind %in% legacy_kinds[[kind]]]))
    have <- c(have, sub("^.*@ptr=([^ ]*).*$", "\\1", grep("@ptr=", port$attributes, value = TRUE)))
    legacy <- paste(name, sub("s$", "", kind), readLines(test_path("fixtures", "legacy", file)))
    in_port <- legacy %in% paste(name, sub("s$", "", kind), have)
    missing <- c(missing, legacy[!in_port])
    there <- c(there, legacy[in_port])
  }
  expect_identical(setdiff(missing, gone_keys), character())
  expect_identical(setdiff(gone_keys, missing), character())
  expect_gt(length(there), 9000L)
})
