library(testthat)
library(rdyncall)

test_check("rdyncall")
