# Recipes: what a port is made from, one file of data in recipes/ for each port.
#
#   title, version     of the port; version is that of the header's package where it is not given
#   headers            names as in #include <...>, in order
#   source             Debian package that has them (provenance); NULL if they come from elsewhere
#   licence            of the headers
#   defines            NAME or NAME=value, before the headers
#   pkg_config         names whose compiler flags are asked of pkg-config
#   include            further folders of headers
#   args               further arguments of compilers
#   targets            platforms, where it is not for all that headers are here
#   checked            further platforms on which the port is checked
#   files              regex of the paths of headers whose declarations are taken
#   keep, drop         regex of names that are taken, and that are left out; drop wins
#   library            names for dynfind, in order; c(windows = , darwin = ) for other systems
#   library2           the same for a second library
#   attributes         names (a regex) of functions, by the attribute that they get: lib=2
#   libpath            further folders in which the check looks for the libraries
#   needs              a program without which there are no headers; the port is then left as it is
#   package            packages of systems: deb, rpm, brew
#   import             ports whose types are used
#   extra              further header lines, e.g. Probe or Resolver
#   conditions         names (a regex) that only platforms have for which a condition holds
#   variants           two ways to build the library: defines, by the condition that holds for them
#   text               declarations whose unsigned characters are text, see as_bytes()
#   words              words of conditions that hold here besides the platform's, see Probe
#   replace            lines that stand in the port instead of what the header says, with the reason
#   more               lines of further sections, written by hand

recipe_fields <- c("title", "version", "headers", "source", "licence", "defines", "pkg_config",
                   "include", "args", "targets", "checked", "files", "keep", "drop", "library", "library2",
                   "attributes", "libpath", "needs", "package", "import", "extra", "types", "conditions",
                   "variants", "text", "words", "replace", "more")

recipe_names <- function(here) {
  sort(sub("\\.R$", "", list.files(file.path(here, "recipes"), "\\.R$")), method = "radix")
}

read_recipe <- function(here, name) {
  file <- file.path(here, "recipes", paste0(name, ".R"))
  recipe <- source(file, local = new.env(parent = baseenv()), keep.source = FALSE)$value
  odd <- setdiff(names(recipe), recipe_fields)
  if (length(odd)) stop(file, ": expected fields of a recipe, got ", paste(odd, collapse = ", "))
  recipe$name <- name
  recipe
}

# Compiler flags of a recipe, for a platform. Folders of the system are searched anyway.
recipe_flags <- function(recipe, target = NULL) {
  asked <- if (length(recipe$pkg_config)) {
    out <- system2("pkg-config", c("--cflags", recipe$pkg_config), stdout = TRUE)
    if (!is.null(attr(out, "status"))) stop("pkg-config does not know ", recipe$pkg_config)
    strsplit(trimws(out), "[[:space:]]+")[[1L]]
  }
  flags <- c(if (length(recipe$defines)) paste0("-D", recipe$defines), asked,
             if (length(recipe$include)) paste0("-I", recipe$include), recipe$args)
  flags <- unique(flags[nzchar(flags)])
  if (is.null(target$words)) return(flags)
  c(setdiff(flags, paste0("-I", machine_folder)), paste0("-I", own_headers(recipe)), target$flags)
}

# Headers that belong to this machine, as the system's compiler sees them.
machine_folder <- paste0("/usr/include/", sub("-.*$", "", R.version$platform), "-linux-gnu")

# A folder with the headers of a library alone. Debian spreads them over folders of which some hold the C
# library, too, which is not that of other platforms.
own_headers <- function(recipe) {
  folder <- file.path(root, ".build", "ports", recipe$name, "include")
  for (part in unique(dirname(recipe$headers))) {
    to <- file.path(folder, part)
    if (part == "." || dir.exists(to)) next
    dir.create(to, recursive = TRUE)
    for (from in file.path(c("/usr/include", machine_folder), part)) {
      file.copy(list.files(from, "\\.h$", full.names = TRUE), to)
    }
  }
  folder
}

include_lines <- function(recipe) paste0("#include <", recipe$headers, ">")

# Runs a command and returns what it says on both streams; stops when it fails unless that is asked for.
run <- function(command, args, may_fail = FALSE) {
  out <- suppressWarnings(system2(command, args, stdout = TRUE, stderr = TRUE))
  status <- attr(out, "status")
  if (!may_fail && !is.null(status)) {
    stop(command, " ", paste(args, collapse = " "), ": ", paste(utils::tail(out, 20L), collapse = "\n"))
  }
  out
}
