# Ports used for real: ode, opencl, cuda.

test_that("ode drops a body for a second", {
  need_library_or_skip(c("ode.so.8", "ode"))
  ode <- dynport(ode, attach = FALSE)
  expect_identical(ode$dInitODE2(0), 1L)
  world <- ode$dWorldCreate()
  ode$dWorldSetGravity(world, 0, 0, -9.81)
  body <- ode$dBodyCreate(world)
  ode$dBodySetPosition(body, 1, 2, 100)
  steps <- 1000
  for (i in seq_len(steps)) stopifnot(ode$dWorldQuickStep(world, 1 / steps) == 1L)
  real <- if (ode$dCheckConfiguration("ODE_double_precision")) "d" else "f"
  expect_equal(ode$dVector3$size, if (real == "d") 32 else 16)
  at <- as.carray(ode$dBodyGetPosition(body), real, 3)
  expect_identical(at[1:2], c(1, 2))
  # steps of the engine are of first order: g t^2 / 2, and g t / 2 for each step's length
  expect_equal(100 - at[3], 9.81 / 2 * (1 + 1 / steps), tolerance = 1e-6)
  speed <- as.carray(ode$dBodyGetLinearVel(body), real, 3)
  expect_equal(speed[3], -9.81, tolerance = 1e-6)
  mass <- new.struct(ode$dMass)
  ode$dMassSetSphere(mass, 2, 0.5)
  expect_equal(mass$mass, 2 * 4 / 3 * pi * 0.5^3, tolerance = 1e-6)
  expect_equal(mass$I[1], 0.4 * mass$mass * 0.25, tolerance = 1e-6)
  ode$dBodyDestroy(body)
  ode$dWorldDestroy(world)
  ode$dCloseODE()
})

test_that("opencl adds two vectors", {
  need_library_or_skip(c("OpenCL.so.1", "OpenCL"))
  code <- '
    cl <- dynport(opencl, attach = FALSE)
    check <- function(code) if (code != cl$CL_SUCCESS) stop("OpenCL error ", code)
    platforms <- new.array(cl$cl_platform_id, 1)
    count <- integer(1)
    check(cl$clGetPlatformIDs(1, platforms, count))
    devices <- new.array(cl$cl_device_id, 1)
    check(cl$clGetDeviceIDs(platforms[[1]], cl$CL_DEVICE_TYPE_ALL, 1, devices, count))
    code <- integer(1)
    context <- cl$clCreateContext(NULL, 1, devices, NULL, NULL, code)
    check(code)
    queue <- cl$clCreateCommandQueue(context, devices[[1]], 0, code)
    check(code)
    n <- 1000
    a <- as.numeric(1:n)
    b <- sqrt(a)
    source <- "kernel void add(global const float *a, global const float *b, global float *c)
               { size_t i = get_global_id(0); c[i] = a[i] + b[i]; }"
    text <- strarrayptr(source)
    program <- cl$clCreateProgramWithSource(context, 1, text, NULL, code)
    check(code)
    check(cl$clBuildProgram(program, 1, devices, "", NULL, NULL))
    kernel <- cl$clCreateKernel(program, "add", code)
    check(code)
    buffers <- lapply(list(a, b, numeric(n)), function(x) {
      made <- cl$clCreateBuffer(context, cl$CL_MEM_COPY_HOST_PTR, 4 * n, as.floatraw(x), code)
      check(code)
      made
    })
    for (i in 1:3) {
      slot <- as.carray(list(buffers[[i]]), "p")
      check(cl$clSetKernelArg(kernel, i - 1, .Machine$sizeof.pointer, slot))
    }
    check(cl$clEnqueueNDRangeKernel(queue, kernel, 1, NULL, as.carray(n, "<size_t>"), NULL, 0, NULL, NULL))
    out <- as.floatraw(numeric(n))
    check(cl$clEnqueueReadBuffer(queue, buffers[[3]], cl$CL_TRUE, 0, 4 * n, out, 0, NULL, NULL))
    check(cl$clFinish(queue))
    stopifnot(all.equal(floatraw2numeric(out), a + b, tolerance = 1e-6))
    cat("sum", sum(floatraw2numeric(out)))
  '
  cache <- tempfile("pocl")
  dir.create(cache)
  on.exit(unlink(cache, recursive = TRUE))
  child <- in_child(code, c(paste0("POCL_CACHE_DIR=", cache), "OCL_ICD_VENDORS=/etc/OpenCL/vendors"))
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, sprintf("sum %.0f", 500500 + sum(sqrt(1:1000))) |> sub(pattern = "\\..*", replacement = ""))
})

# NVIDIA's libraries are in no package of Debian's main section.
test_that("cuda tells its version, and an error code without a device", {
  runtime <- dynfind(c("cudart.so.13", "cudart.so.12", "cudart.so.11.0", "cudart"))
  if (is.null(runtime)) testthat::skip("no CUDA runtime library")
  cuda <- dynport(cuda, attach = FALSE)
  version <- integer(1)
  expect_identical(as.integer(cuda$cudaRuntimeGetVersion(version)), 0L)
  expect_gte(version, 11000L)
  count <- integer(1)
  code <- cuda$cudaGetDeviceCount(count)
  if (code != 0) {
    expect_match(names(code), "^cudaError")
    expect_match(cuda$cudaGetErrorString(code), "driver|device")
    expect_true(cuda$cudaSetDevice(0) != 0)
  } else {
    expect_gte(count, 0L)
  }
})
