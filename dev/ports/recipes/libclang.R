list(
  title = "libclang: C and C++ as a parser sees it",
  headers = c("clang-c/Index.h"),
  include = "/usr/lib/llvm-14/include",
  source = "libclang-14-dev",
  licence = "Apache-2.0 WITH LLVM-exception",
  files = "/clang-c/",
  library = c("clang-14.so.1 clang.so.1 clang", windows = "libclang", darwin = "clang"),
  package = "deb:libclang1 rpm:clang-libs brew:llvm"
)
