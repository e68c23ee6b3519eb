list(
  title = "OpenCL: computation on graphics processors and others",
  headers = "CL/opencl.h",
  defines = c("CL_TARGET_OPENCL_VERSION=300", "CL_USE_DEPRECATED_OPENCL_1_0_APIS"),
  # vector members of the cl_int4 kind are left out of the unions: no signature has them
  args = c("-U__SSE__", "-U__SSE2__", "-U__MMX__", "-U__AVX__"),
  source = "opencl-c-headers",
  licence = "Apache-2.0",
  files = "/CL/",
  keep = "^_?(cl|CL)",
  drop = "^CL_(PROGRAM_STRING_DEBUG_INFO|API_CALL|CALLBACK)$",
  library = c("OpenCL.so.1 OpenCL", windows = "OpenCL", darwin = "OpenCL.framework OpenCL"),
  extra = "Resolver: clGetExtensionFunctionAddress",
  package = "deb:ocl-icd-libopencl1 rpm:ocl-icd brew:opencl-icd-loader"
)
