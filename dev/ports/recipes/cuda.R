list(
  title = "CUDA: the driver and the runtime API",
  version = "13.0",
  targets = c("x86_64-linux", "aarch64-linux", "x86_64-windows"),
  headers = c("cuda.h", "cuda_runtime_api.h"),
  licence = "NVIDIA CUDA EULA",
  include = file.path(dirname(dirname(Sys.which("nvcc"))), "include"),
  files = "/(cuda|cuda_runtime_api|driver_types|surface_types|texture_types|vector_types|library_types)\\.h$",
  library = c("cuda.so.1 cuda", windows = "nvcuda", darwin = "cuda"),
  package = "deb:libcuda1"
)
