# What holds for every port that the package ships. None of it needs the libraries.

ports_folder <- function() system.file("dynports", package = "rdyncall")

shipped_ports <- function() {
  sort(sub("\\.dynport$", "", list.files(ports_folder(), "\\.dynport$")), method = "radix")
}

port_path <- function(name) file.path(ports_folder(), paste0(name, ".dynport"))

port_cache <- new.env()

# Platforms by their words in conditions, and what probes may find there.
platforms <- list(
  linux = c("linux", "unix", "x86_64", "lp64", "64", "ODE_double_precision"),
  `linux on ARM` = c("linux", "unix", "aarch64", "lp64", "64"),
  `linux, 32 bits` = c("linux", "unix", "i386", "ilp32", "32"),
  windows = c("windows", "x86_64", "llp64", "64", "ODE_double_precision"),
  darwin = c("darwin", "unix", "aarch64", "lp64", "64", "ODE_double_precision"))

here <- function() c(rdyncall:::platform_words(), "ODE_double_precision")

# The records of a shipped port as a platform reads them: of several of one name the last is meant.
records_of <- function(name, words = platforms$linux) {
  key <- paste(c(name, words), collapse = " ")
  if (is.null(port_cache[[key]])) {
    port <- rdyncall:::read_port(port_path(name), words)
    among <- ifelse(port$kind %in% c("type", "struct", "enum"), "type", "value")
    late <- !duplicated(paste(among, port$name), fromLast = TRUE)
    port_cache[[key]] <- lapply(port[names(port) != "file"], `[`,
                                late | port$kind == "header" | !nzchar(port$name))
  }
  port_cache[[key]]
}

imports_of <- function(name) rdyncall:::port_header_words(records_of(name), "Import")

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

reserved_names <- c("size_t", "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t", "wchar_t", "char16_t",
                    "char32_t", "time_t", "off_t", "va_list", "long double")

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

test_that("a name means one thing in a port but for what platforms have instead", {
  for (name in shipped_ports()) {
    lines <- readLines(port_path(name))
    heads <- startsWith(lines, "[")
    plain <- c(TRUE, !grepl(" ", lines[heads], fixed = TRUE))[cumsum(heads) + 1L]
    port <- rdyncall:::read_port(port_path(name), platforms$linux)
    among <- ifelse(port$kind %in% c("type", "struct", "enum"), "type", port$kind)
    among[among %in% c("const", "label", "var", "alias", "func")] <- "value"
    named <- nzchar(port$name) & among != "header" & plain[port$line]
    key <- paste(among, port$name)[named]
    expect_identical(unique(key[duplicated(key)]), character(), info = name)
  }
})

reserved_names <- c("size_t", "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t", "wchar_t", "char16_t",
                    "char32_t", "time_t", "off_t", "va_list", "long double")

test_that("every platform can read every port, and has what its types and aliases are made of", {
  for (name in shipped_ports()) for (platform in names(platforms)) {
    words <- platforms[[platform]]
    port <- records_of(name, words)
    imports <- lapply(imports_of(name), records_of, words)
    known <- c(port$name, unlist(lapply(imports, `[[`, "name")))
    expect_true(all(c("header", "func") %in% port$kind), info = paste(name, platform))
    expect_identical(setdiff(port$body[port$kind == "alias"], known), character(),
                     info = paste(name, platform))
    # by value names must be known; what is only pointed to may stay a name
    bodies <- port$body[port$kind %in% c("type", "struct", "func", "var")]
    used <- unlist(regmatches(bodies, gregexpr("(?<![*k])<[^<>]*>", bodies, perl = TRUE)))
    used <- setdiff(gsub("[<>]", "", used), reserved_names)
    expect_identical(setdiff(used, known), character(), info = paste(name, platform))
  }
})

test_that("all types of a port can be made, and have a size unless they are opaque", {
  for (name in shipped_ports()) {
    port <- records_of(name, here())
    env <- types_of(name, here())
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
    port <- records_of(name, here())
    env <- types_of(name, here())
    wrong <- character()
    for (i in which(port$kind == "func")) {
      error <- compile_error(port$body[i], env)
      if (!is.null(error)) wrong <- c(wrong, paste0(port$name[i], ": ", error))
    }
    expect_identical(wrong, character(), info = name)
  }
})

test_that("attributes for parameters name parameters, and functions of the port", {
  n <- 0L
  for (name in shipped_ports()) {
    port <- records_of(name)
    find <- function(f, mode) if (f %in% port$name[port$kind == "func"]) identity
    texts <- trimws(gsub("@(lib|ptr|get|sym|since)=[^ ]*", "", port$attributes))
    for (i in which(port$kind == "func" & nzchar(texts))) {
      attributes <- rdyncall:::read_attributes(texts[i], port$name[i])
      params <- strsplit(port$params[i], " ", fixed = TRUE)[[1L]]
      handle <- rdyncall:::new_call(NULL, port$name[i], port$body[i], "default", baseenv(), params)
      expect_error(rdyncall:::apply_attributes(handle, attributes, port$name[i], params, NULL, find), NA)
      n <- n + any(names(attributes) %in% c("out", "inout", "buffer", "length"))
      expect_false("fail" %in% names(attributes), info = port$name[i]) # C's results stay what they are
    }
  }
  expect_gt(n, 50L)
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
