list(
  title = "libclang, the C interface of the Clang compiler",
  version = "14",
  headers = c("clang-c/Index.h"),
  include = "/usr/lib/llvm-14/include",
  source = "libclang-14-dev",
  licence = "Apache-2.0 WITH LLVM-exception",
  files = "/clang-c/",
  library = c(paste(c(paste0("clang-", 21:14, ".so.1"), "clang"), collapse = " "),
              windows = "libclang", darwin = "clang"),
  package = "deb:libclang1 rpm:clang-libs brew:llvm"
)
