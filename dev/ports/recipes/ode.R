# Real numbers are float or double as the library was built: it is asked at load.
list(
  title = "Open Dynamics Engine: rigid bodies, joints and collisions",
  headers = "ode/ode.h",
  source = "libode-dev",
  licence = "LGPL-2.1+ or BSD-3-Clause",
  files = "/ode/",
  drop = "^(_|dNODEBUG$|dUSE_|ODE_API|dNaN$)",
  library = c("ode.so.8 ode", windows = "ode_double ode", darwin = "ode.8.dylib ode"),
  package = "deb:libode8 rpm:ode brew:ode",
  extra = 'Probe: ODE_double_precision=dCheckConfiguration(Z)i "ODE_double_precision"',
  variants = list(ODE_double_precision = character(), "!ODE_double_precision" = "dIDESINGLE"),
  words = "ODE_double_precision"
)
