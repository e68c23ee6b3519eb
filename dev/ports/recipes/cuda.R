# The runtime is the first library, as it is there without a driver. A machine that has only the driver can
# use that.
toolkit <- dirname(dirname(Sys.which("nvcc")))
list(
  title = "CUDA: the runtime and the driver API",
  version = "13.0",
  targets = c("x86_64-linux", "aarch64-linux", "x86_64-windows"),
  needs = "nvcc",
  headers = c("cuda.h", "cuda_runtime_api.h"),
  licence = "NVIDIA CUDA EULA",
  include = file.path(toolkit, "include"),
  # the toolkit's stand-in for the driver has its symbols
  libpath = file.path(toolkit, "lib64", "stubs"),
  files = "/(cuda|cuda_runtime_api|driver_types|surface_types|texture_types|vector_types|library_types)\\.h$",
  library = c("cudart.so.13 cudart.so.12 cudart.so.11.0 cudart cuda.so.1",
              windows = "cudart64_13 cudart64_12 cudart64_110 nvcuda"),
  library2 = c("cuda.so.1 cuda", windows = "nvcuda"),
  attributes = c("lib=2" = "^cu(?!da)"),
  package = "deb:nvidia-cuda-toolkit",
  extra = "Package2: deb:libcuda1"
)
