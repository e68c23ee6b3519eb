# Where headers of other platforms are: cross compilers' folders of the system, or the package's own
# outlines of the C library.

# Short names of platforms, and what clang calls them.
known_targets <- c(`x86_64-linux` = "x86_64-linux-gnu", `aarch64-linux` = "aarch64-linux-gnu",
                   `i386-linux` = "i686-linux-gnu", `arm-linux` = "arm-linux-gnueabihf",
                   `x86_64-windows` = "x86_64-w64-windows-gnu",
                   `i386-windows` = "i686-w64-windows-gnu",
                   `aarch64-darwin` = "arm64-apple-macosx11.0",
                   `x86_64-darwin` = "x86_64-apple-macosx11.0",
                   `x86_64-bsd` = "x86_64-unknown-freebsd13.0")

target_triples <- function(targets) {
  known <- known_targets[targets]
  unname(ifelse(is.na(known), targets, known))
}

# Debian's folders and packages with the C library of a target.
cross_folders <- function(triple) {
  words <- target_words(triple)
  arch <- if ("i386" %in% words) "i686" else sub("-.*", "", triple)
  if ("windows" %in% words) {
    c(paste0("/usr/", arch, "-w64-mingw32/include"), "/usr/share/mingw-w64/include")
  } else if ("linux" %in% words) {
    paste0("/usr/", arch, if ("arm" %in% words) "-linux-gnueabihf" else "-linux-gnu", "/include")
  }
}

# Arguments that make clang read headers for a target; NULL stands for the machine itself. `pinned` are
# the headers that were asked for, in front of those of the same name elsewhere.
target_args <- function(cl, triple, pinned) {
  builtin <- if (!is.null(cl$.resources)) c("-resource-dir", cl$.resources)
             else c("-nobuiltininc", "-isystem", stub_folder("compiler"))
  if (is.null(triple) || is_host(triple)) return(c(if (!is.null(triple)) c("-target", triple), builtin))
  folders <- cross_folders(triple)
  folders <- folders[file.exists(file.path(folders, "stdio.h"))]
  # an outline of the C library goes with the compiler's headers that fit it
  if (!length(folders)) folders <- c(stub_folder("compiler"), stub_folder("libc"))
  machine <- sub("^i[4-6]86$", "i386", sub("-.*", "", R.version$platform))
  after <- c("/usr/local/include", "/usr/include",
             Sys.glob(file.path("/usr/include", paste0(machine, "-*-gnu"))))
  c("-target", triple, builtin, "-nostdlibinc", if (!is.null(pinned)) paste0("-I", pinned$folder),
    rbind("-isystem", folders), rbind("-idirafter", after[dir.exists(after)]))
}

# How to get the headers of a target.
target_hint <- function(triple) {
  words <- target_words(triple)
  machine <- intersect(condition_words$machine, words)
  debian <- c(x86_64 = "amd64", aarch64 = "arm64", i386 = "i386", arm = "armhf")[machine]
  package <- if ("windows" %in% words) "mingw-w64-common"
             else if ("linux" %in% words) paste0("libc6-dev-", debian, "-cross", recycle0 = TRUE)
  paste0("; the C library of this target is ",
         if (length(package)) paste0("in the Debian package ", package, ", else "),
         "a short outline that rdyncall has")
}

stub_folder <- function(name) system.file("stubs", name, package = "rdyncall")

# A folder of links to the headers that the first target took, under the names by which they are
# included: list(folder, roots), the latter where they are.
pin_headers <- function(files, headers) {
  files <- files[files != main_file]
  roots <- unique(unlist(lapply(headers, function(header) {
    at <- files[endsWith(files, paste0("/", header))]
    substr(at, 1L, nchar(at) - nchar(header) - 1L)
  })))
  folder <- tempfile("headers")
  dir.create(folder)
  for (root in roots) {
    for (file in files[startsWith(files, paste0(root, "/"))]) {
      link <- file.path(folder, substr(file, nchar(root) + 2L, nchar(file)))
      dir.create(dirname(link), FALSE, TRUE)
      if (!file.exists(link) && !suppressWarnings(file.symlink(file, link))) file.copy(file, link)
    }
  }
  list(folder = folder, roots = roots)
}

# The places of pinned headers.
unpinned <- function(paths, pinned) {
  at <- which(startsWith(paths, paste0(pinned$folder, "/")))
  own <- substring(paths[at], nchar(pinned$folder) + 2L)
  paths[at] <- vapply(own, function(path) {
    all <- file.path(pinned$roots, path)
    c(all[file.exists(all)], path)[1L]
  }, "")
  paths
}
