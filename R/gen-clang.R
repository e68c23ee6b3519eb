# The one file that knows libclang: finding it, parsing C, and what cursors and types say.

clang_state <- new.env()

# The port of libclang, bound once in a session, with tables by kind.
clang <- function() {
  if (!is.null(clang_state$port)) return(clang_state$port)
  library <- find_libclang()
  source <- open_port(system.file("dynports", "libclang.dynport", package = "rdyncall"))
  source$libraries <- list(Library = library)
  cl <- load_source(source, parent.env(environment()))
  class(cl) <- NULL # hundreds of thousands of `$` that need no method
  version <- clang_string(cl, cl$clang_getClangVersion())
  cl$.version <- sub("^.*version ([0-9]+(\\.[0-9]+)*).*$", "\\1", version)
  cl$.resources <- clang_resources(dynpath(library), cl$.version)
  cl$.letters <- by_kind(cl, clang_letters)
  cl$.index <- cl$clang_createIndex(0L, 0L)
  cl$.visit <- new_visitor(cl)
  cl$.variables <- variable_visitor(cl)
  clang_state$port <- cl
}

# Letters of the types that are spelled by one.
clang_letters <- c(CXType_Void = "v", CXType_Bool = "B", CXType_Char_U = "c", CXType_Char_S = "c",
                   CXType_UChar = "C", CXType_SChar = "c", CXType_Short = "s", CXType_UShort = "S",
                   CXType_Int = "i", CXType_UInt = "I", CXType_Long = "j", CXType_ULong = "J",
                   CXType_LongLong = "l", CXType_ULongLong = "L", CXType_Float = "f",
                   CXType_Double = "d", CXType_LongDouble = "D")

by_kind <- function(cl, values) {
  kinds <- vapply(names(values), function(name) cl[[name]], 0L)
  table <- character(max(kinds))
  table[kinds] <- values
  table
}

clang_versions <- 40:14

# Names that distributions and installers give to the library, newest first.
libclang_names <- function() {
  own <- getOption("rdyncall.libclang")
  if (!is.null(own)) return(check_strings(own, "rdyncall.libclang"))
  folders <- switch(platform(),
    windows = file.path(c(Sys.getenv("LLVM_HOME"), Sys.getenv("ProgramFiles", "C:/Program Files")),
                        c("bin", "LLVM/bin"), "libclang.dll"),
    darwin = c("/opt/homebrew/opt/llvm/lib/libclang.dylib", "/usr/local/opt/llvm/lib/libclang.dylib",
               "/Library/Developer/CommandLineTools/usr/lib/libclang.dylib",
               paste0("/Applications/Xcode.app/Contents/Developer/Toolchains/",
                      "XcodeDefault.xctoolchain/usr/lib/libclang.dylib")),
    c(paste0("/usr/lib/llvm-", clang_versions, "/lib/libclang.so.1"),
      paste0("/usr/lib/llvm", clang_versions, "/lib/libclang.so")))
  c(folders[file.exists(folders)], paste0("clang-", clang_versions, ".so.1"), "clang")
}

find_libclang <- function() {
  names <- libclang_names()
  library <- search_library(names, TRUE)$library
  if (is.null(library)) {
    abort("library", paste0("expected libclang, version 14 or newer, got none; the system package is ",
                            "libclang1-14 or newer (Debian), clang-libs (Fedora), llvm (Homebrew); ",
                            "on Windows the LLVM installer has it; the option 'rdyncall.libclang' ",
                            "may name the file"),
          libnames = names)
  }
  if (is.null(.dynsym(library, "clang_Cursor_getVarDeclInitializer"))) {
    abort("library", paste0("expected libclang, version 14 or newer, got an older one: ",
                            library_label(library)), libnames = names)
  }
  library
}

# The folder with the compiler's own headers (stddef.h ...), NULL if the system does not have it.
clang_resources <- function(path, version) {
  major <- sub("\\..*", "", version)
  lib <- c(dirname(normalizePath(path, mustWork = FALSE)), "/usr/lib")
  folders <- c(file.path(rep(lib, each = 2L), "clang", c(version, major)),
               file.path(paste0("/usr/lib/llvm-", major), "lib/clang", c(version, major)),
               file.path(dirname(lib[1L]), "lib/clang", c(version, major)),
               file.path("/usr/lib64/clang", c(version, major)))
  found <- folders[file.exists(file.path(folders, "include", "stddef.h"))]
  if (length(found)) found[1L]
}

# The text of a CXString, which is released.
clang_string <- function(cl, string) {
  text <- cl$clang_getCString(string)
  cl$clang_disposeString(string)
  if (is.null(text)) "" else text
}

# Functions that collect the children of a cursor: all of them, or those that `choose` names by kind:
# TRUE to take it, NA to look into it.
new_visitor <- function(cl, choose = NULL) {
  found <- list()
  count <- 0L
  collect <- function(cursor, parent, data) {
    if (!is.null(choose)) {
      taken <- choose[kind_of(cursor)]
      if (is.na(taken)) return(2L) # CXChildVisit_Recurse
      if (!taken) return(1L)
    }
    count <<- count + 1L
    found[[count]] <<- cursor
    1L # CXChildVisit_Continue
  }
  CXCursor <- cl$CXCursor # named in the signature
  visitor <- new.callback("<CXCursor><CXCursor>p)i", collect)
  visit <- cl$clang_visitChildren
  function(cursor) {
    found <<- vector("list", 8L)
    count <<- 0L
    visit(cursor, visitor, NULL)
    all <- found[seq_len(count)]
    found <<- list()
    all
  }
}

# Variables in functions, and typedefs.
variable_visitor <- function(cl) {
  choose <- logical(1024L)
  choose[c(cl$CXCursor_VarDecl, cl$CXCursor_TypedefDecl)] <- TRUE
  choose[c(cl$CXCursor_FunctionDecl, cl$CXCursor_CompoundStmt, cl$CXCursor_DeclStmt)] <- NA
  new_visitor(cl, choose)
}

# The first member of CXCursor and of CXType.
kind_of <- function(x) .Call(C_memory_unpack, x, 0L, "i", NULL)

cursor_name <- function(cl, cursor) clang_string(cl, cl$clang_getCursorSpelling(cursor))

# What tells declarations apart: the address behind the first declaration of a thing.
cursor_key <- function(cl, cursor) pointer_text(.unpack(cl$clang_getCanonicalCursor(cursor), 8L, "p"))

# The paths of the files in which cursors stand, "" where there is none.
cursor_files <- function(cl, cursors) {
  file <- raw(.Machine$sizeof.pointer)
  locate <- cl$clang_getCursorLocation
  expand <- cl$clang_getExpansionLocation
  at <- function(cursor) expand(locate(cursor), file, NULL, NULL, NULL)
  handles <- vapply(cursors, function(cursor) {
    at(cursor)
    .unpack(file, 0L, address_number)
  }, 0)
  distinct <- unique(handles)
  paths <- vapply(match(distinct, handles), function(i) {
    at(cursors[[i]])
    if (handles[i] == 0) "" else clang_string(cl, cl$clang_getFileName(.unpack(file, 0L, "p")))
  }, "")
  gsub("\\", "/", paths, fixed = TRUE)[match(handles, distinct)]
}

# A parsed text: list(cl, tu). The caller hands it to close_unit().
open_unit <- function(cl, text, args, options) {
  name <- "rdyncall.c"
  file <- new.struct(cl$CXUnsavedFile)
  file$Filename <- name
  file$Contents <- text
  file$Length <- nchar(text, "bytes")
  out <- raw(.Machine$sizeof.pointer)
  code <- cl$clang_parseTranslationUnit2(cl$.index, name, strarrayptr(args), length(args), file, 1L,
                                         options, out)
  tu <- .unpack(out, 0L, "*<CXTranslationUnitImpl>")
  if (is.nullptr(tu)) {
    abort("generate", paste0("expected C that libclang can parse, got its error ", names(code),
                             " for the arguments ", paste(args, collapse = " ")))
  }
  list(cl = cl, tu = tu, root = cl$clang_getTranslationUnitCursor(tu))
}

close_unit <- function(unit) unit$cl$clang_disposeTranslationUnit(unit$tu)

# The errors of a parse: data frame with file and line and, on request, message.
unit_errors <- function(unit, texts = TRUE) {
  cl <- unit$cl
  n <- cl$clang_getNumDiagnostics(unit$tu)
  line <- numeric(n)
  severity <- integer(n)
  path <- text <- character(n)
  file <- raw(.Machine$sizeof.pointer)
  at <- as.extptr(raw(4L))
  for (i in seq_len(n)) {
    one <- cl$clang_getDiagnostic(unit$tu, i - 1L)
    severity[i] <- cl$clang_getDiagnosticSeverity(one)
    if (severity[i] >= 3L) { # CXDiagnostic_Error
      cl$clang_getExpansionLocation(cl$clang_getDiagnosticLocation(one), file, at, NULL, NULL)
      line[i] <- .unpack(at, 0L, "I")
      if (texts) {
        text[i] <- clang_string(cl, cl$clang_getDiagnosticSpelling(one))
        path[i] <- clang_string(cl, cl$clang_getFileName(.unpack(file, 0L, "p")))
      }
    }
    cl$clang_disposeDiagnostic(one)
  }
  bad <- severity >= 3L
  data.frame(file = path[bad], line = line[bad], text = text[bad])
}
