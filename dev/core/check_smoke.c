/* The harness itself. */
#include "check.h"

void check_smoke(void)
{
  CHECK(1);
  CHECK_STR("sig", "sig");
  CHECK_INT(sizeof(char), 1);
}
