list(
  title = "Open Dynamics Engine: rigid bodies, joints and collisions",
  headers = "ode/ode.h",
  source = "libode-dev",
  licence = "LGPL-2.1+ or BSD-3-Clause",
  files = "/ode/",
  library = c("ode.so.8 ode", windows = "ode_double ode", darwin = "ode.8.dylib ode"),
  package = "deb:libode8 rpm:ode brew:ode"
)
