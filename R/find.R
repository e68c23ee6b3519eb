# Libraries by short names.

dynfind <- function(libnames, auto.unload = TRUE) {
  search_library(check_strings(libnames, "libnames"), check_flag(auto.unload, "auto.unload"))$library
}

dynexplain <- function(libnames) {
  tried_frame(search_library(check_strings(libnames, "libnames"), TRUE)$tried)
}

# The first library that loads, with what was tried on the way: list(name, candidate, outcome) each.
search_library <- function(libnames, auto.unload) {
  tried <- list()
  for (name in libnames) {
    for (candidates in list(plain_candidates, versioned_candidates)) {
      for (candidate in candidates(name)) {
        opened <- .Call(C_library_open, candidate, auto.unload)
        failed <- is.character(opened)
        tried[[length(tried) + 1L]] <- c(name, candidate, if (failed) opened else "loaded")
        if (!failed) return(list(library = opened, tried = tried))
      }
    }
  }
  list(library = NULL, tried = tried)
}

tried_frame <- function(tried) {
  tried <- matrix(as.character(unlist(tried)), ncol = 3L, byrow = TRUE)
  data.frame(name = tried[, 1L], candidate = tried[, 2L], outcome = tried[, 3L])
}

platform <- function() {
  if (.Platform$OS.type == "windows") "windows"
  else if (Sys.info()[["sysname"]] == "Darwin") "darwin"
  else "unix"
}

# Directories that the user adds: the option, then the environment variable of the system's loader.
extra_paths <- function() {
  paths <- getOption("rdyncall.libpath")
  if (is.null(paths)) character() else path.expand(check_strings(paths, "rdyncall.libpath"))
}

is_path <- function(name) grepl("/", name, fixed = TRUE) ||
  (.Platform$OS.type == "windows" && grepl("\\", name, fixed = TRUE))

# File names that the system's loader is asked for, in order.
plain_candidates <- function(name) {
  if (!nzchar(name)) return("")
  if (is_path(name)) return(path.expand(name))
  files <- switch(platform(),
    windows = c(paste0("lib", name), name, paste0("lib", name, ".dll"), paste0(name, ".dll")),
    darwin = {
      base <- sub("\\.framework$", "", name)
      framework <- paste0(base, ".framework/", base)
      c(framework, file.path("/System/Library/Frameworks", framework),
        file.path("/Library/Frameworks", framework), paste0("lib", name, ".dylib"),
        paste0("lib", name), name)
    },
    c(paste0("lib", name, ".so"), paste0("lib", name), name))
  extra <- extra_paths()
  here <- if (length(extra)) {
    unlist(lapply(extra, function(dir) {
      all <- file.path(dir, files)
      c(all[file.exists(all)], versioned_in(dir, name))
    }))
  }
  brew <- if (platform() == "darwin") {
    all <- file.path(rep(c("/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib"), each = length(files)), files)
    all[file.exists(all)]
  }
  unique(c(here, files, brew))
}

# Where the system's loader looks, as far as it can be read off files.
library_directories <- function() {
  env <- strsplit(Sys.getenv("LD_LIBRARY_PATH"), ":", fixed = TRUE)[[1L]]
  read_conf <- function(file, depth = 0L) {
    lines <- tryCatch(readLines(file, warn = FALSE), error = function(e) character(),
                      warning = function(w) character())
    lines <- trimws(sub("#.*", "", lines))
    include <- sub("^include[[:space:]]+", "", lines[grepl("^include[[:space:]]", lines)])
    c(lines[grepl("^/", lines)],
      if (depth < 4L) unlist(lapply(Sys.glob(include), read_conf, depth + 1L)))
  }
  dirs <- c(env, read_conf("/etc/ld.so.conf"), "/lib64", "/usr/lib64", "/lib", "/usr/lib",
            "/usr/local/lib", R.home("lib"))
  unique(dirs[nzchar(dirs) & dir.exists(dirs)])
}

# lib<name>.so.<version> in a directory, the highest version first.
versioned_in <- function(dir, name) {
  quoted <- gsub("([][{}()+*^$|\\\\?.])", "\\\\\\1", name)
  files <- list.files(dir, paste0("^(lib)?", quoted, "\\.so(\\.[0-9]+)+$"))
  if (!length(files)) return(character())
  versions <- numeric_version(sub("^.*\\.so\\.", "", files))
  file.path(dir, files[order(versions, decreasing = TRUE)])
}

# Libraries that only exist under a versioned name, as on machines without development packages.
versioned_candidates <- function(name) {
  if (platform() != "unix" || is_path(name) || !nzchar(name)) return(character())
  base <- sub("^lib", "", sub("\\.so$", "", name))
  files <- unlist(lapply(library_directories(), versioned_in, base))
  # the soname is what the loader knows; the directory is only where it was seen
  unique(c(basename(as.character(files)), as.character(files)))
}

# Whether a file of one of these names lies where the system's loader looks. That it loads is another
# question; where nothing is seen the loader may still know better.
library_seen <- function(libnames) {
  if (platform() != "unix") return(FALSE)
  files <- unlist(lapply(libnames, plain_candidates))
  with_path <- grepl("/", files, fixed = TRUE)
  if (!all(nzchar(files)) || any(file.exists(files[with_path]))) return(TRUE)
  plain <- files[!with_path]
  in_one <- function(dirs) any(file.exists(file.path(rep(dirs, each = length(plain)), plain)))
  # nearly all libraries of a system lie in one folder
  triplet <- sub("-[^-]*-linux", "-linux", R.version$platform)
  in_one(c(file.path("/usr/lib", triplet), "/usr/lib64", "/usr/lib")) || in_one(library_directories())
}

# The library, or an error that says what was tried and what to install.
need_library <- function(libnames, packages = NULL) {
  found <- search_library(libnames, TRUE)
  if (!is.null(found$library)) return(found$library)
  tried_all <- tried_frame(found$tried)
  tried <- unique(tried_all$candidate)
  hint <- install_hint(libnames, packages)
  abort("library",
        paste0("unable to find shared library ", paste0("'", libnames, "'", collapse = ", "),
               ": expected one of ", paste0("'", tried, "'", collapse = ", "),
               ", got none that loads", if (nzchar(hint)) paste0("; ", hint)),
        libnames = libnames, tried = tried_all)
}

# System packages of libraries that users ask for often: short name, Debian, Fedora, Homebrew.
known_packages <- list(
  SDL = "deb:libsdl1.2debian rpm:SDL brew:sdl12-compat",
  expat = "deb:libexpat1 rpm:expat brew:expat",
  GL = "deb:libgl1 rpm:libglvnd-glx",
  GLU = "deb:libglu1-mesa rpm:mesa-libGLU",
  glew = "deb:libglew2.2 rpm:libGLEW brew:glew",
  ode = "deb:libode8 rpm:ode brew:ode",
  OpenCL = "deb:ocl-icd-libopencl1 rpm:ocl-icd",
  sqlite3 = "deb:libsqlite3-0 rpm:sqlite-libs brew:sqlite",
  z = "deb:zlib1g rpm:zlib brew:zlib",
  curl = "deb:libcurl4 rpm:libcurl brew:curl",
  ssl = "deb:libssl3 rpm:openssl-libs brew:openssl",
  crypto = "deb:libssl3 rpm:openssl-libs brew:openssl",
  xml2 = "deb:libxml2 rpm:libxml2 brew:libxml2",
  png = "deb:libpng16-16 rpm:libpng brew:libpng",
  jpeg = "deb:libjpeg62-turbo rpm:libjpeg-turbo brew:jpeg-turbo",
  gsl = "deb:libgsl27 rpm:gsl brew:gsl",
  fftw3 = "deb:libfftw3-double3 rpm:fftw-libs-double brew:fftw")

# Of a port's list of packages the one for this system; all where the system is none of these.
system_package <- function(packages) {
  if (is.null(packages)) return(NA_character_)
  words <- strsplit(packages, "[[:space:]]+")[[1L]]
  key <- if (platform() == "darwin") "brew"
         else if (file.exists("/etc/debian_version")) "deb"
         else if (file.exists("/etc/redhat-release") || file.exists("/etc/fedora-release")) "rpm"
  mine <- words[startsWith(words, paste0(key, ":"))]
  if (length(key) && length(mine)) sub("^[^:]*:", "", mine[1L]) else paste(words, collapse = " ")
}

install_hint <- function(libnames, packages = NULL) {
  short <- tolower(sub("[.-].*$", "", sub("^lib", "", libnames)))
  if (is.null(packages)) {
    packages <- known_packages[match(short, tolower(names(known_packages)), nomatch = 0L)]
    packages <- if (length(packages)) packages[[1L]]
  }
  if (is.null(packages) || !nzchar(packages)) return("")
  words <- strsplit(packages, "[[:space:]]+")[[1L]]
  system <- c(deb = "Debian", rpm = "Fedora", brew = "Homebrew")
  key <- sub(":.*", "", words)
  key <- ifelse(key %in% names(system), system[key], key)
  paste0("the system package is ", paste0(sub("^[^:]*:", "", words), " (", key, ")", collapse = ", "))
}
