list(
  title = "libclang: C and C++ as a parser sees it",
  headers = c("clang-c/Index.h"),
  include = "/usr/lib/llvm-14/include",
  source = "libclang-14-dev",
  licence = "Apache-2.0 WITH LLVM-exception",
  files = "/clang-c/",
  library = c(paste(c(sprintf("clang-%d.so.1", 21:14), "clang"), collapse = " "), windows = "libclang", darwin = "clang"),
  package = "deb:libclang1 rpm:clang-libs brew:llvm"
)
