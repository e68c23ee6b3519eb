# Callbacks by name, and callbacks that live as long as an owner.

registered <- function(...) .dyncall(sym("call_kept"), "i)i", ...)
register <- function(f) .dyncall(sym("keep"), "p)v", f)

test_that("a callback is looked up by its name and gets another function", {
  before <- dynleaks()$address
  first <- dyncallback("twice", "i)i", function(x) 2L * x)
  expect_s3_class(first, "callback")
  expect_identical(dyncallback("twice"), first)
  register(first)
  expect_identical(registered(4L), 8L)
  # C keeps its pointer
  again <- dyncallback("twice", "i)i", function(x) 3L * x)
  expect_identical(format(again), format(first))
  expect_identical(registered(4L), 12L)
  dyncallback("twice", fun = function(x) x)
  expect_identical(registered(4L), 4L)
  expect_output(print(first), "<callback 'twice': int (*)(int) at 0x", fixed = TRUE)
  expect_output(print(first), "function(x) x", fixed = TRUE)
  expect_true("twice i)i" %in% dynleaks()$type)
  # the registry holds it
  rm(first, again)
  gc()
  expect_identical(registered(5L), 5L)
  dynfree(dyncallback("twice"))
  expect_error(dyncallback("twice"), "got 'twice'", class = "dyncall_error_callback")
  expect_error(registered(5L), "gone: 'twice' \"i)i\"", fixed = TRUE, class = "dyncall_error_callback")
  expect_identical(setdiff(dynleaks()$address, before), character())
  other <- dyncallback("twice", "d)d", function(x) x / 2)
  expect_identical(.dyncall(other, "d)d", 3), 1.5)
  dynfree(other)
})

test_that("a callback that ends while it is replaced is gone", {
  first <- dyncallback("short", "i)i", function(x) x)
  expect_error(dyncallback("short", fun = {
    dynfree(first)
    function(x) 2L * x
  }), "gone: 'short' \"i)i\"", fixed = TRUE, class = "dyncall_error_callback")
  expect_error(dyncallback("short"), "got 'short'", class = "dyncall_error_callback")
})

test_that("a callback may replace its own function while it runs", {
  on.exit(dynfree(dyncallback("self")))
  f <- dyncallback("self", "i)i", function(x) {
    dyncallback("self", fun = function(x) -x)
    gc()
    x + 1L
  })
  expect_identical(.dyncall(f, "i)i", 1L), 2L)
  expect_identical(.dyncall(f, "i)i", 1L), -1L)
})

test_that("a name can end with a scope", {
  kept <- dynscope({
    register(dyncallback("scoped", "i)i", function(x) x + 1L))
    registered(1L)
  })
  expect_identical(kept, 2L)
  expect_error(registered(1L), "'scoped'", class = "dyncall_error_callback")
  expect_error(dyncallback("scoped"), class = "dyncall_error_callback")
  moved <- dynscope(dynkeep(dyncallback("scoped", "i)i", function(x) x + 2L)))
  expect_identical(dyncallback("scoped"), moved)
  expect_identical(.dyncall(dyncallback("scoped"), "i)i", 1L), 3L)
  dynfree(moved)
})

test_that("errors of a callback say its name", {
  wrong <- new.callback("i)i", function(x) "text", name = "answer")
  expect_error(.dyncall(wrong, "i)i", 1L), "result of callback 'answer' \"i)i\": expected int", fixed = TRUE,
               class = "dyncall_error_argument")
  register(wrong)
  dynfree(wrong)
  expect_error(registered(1L), "expected a live callback, got one that is gone: 'answer' \"i)i\"", fixed = TRUE,
               class = "dyncall_error_callback")
  expect_output(print(wrong), "<callback 'answer': int (*)(int), gone>", fixed = TRUE)
  expect_error(dynfree(wrong), "second free", class = "dyncall_error_pointer")
  unnamed <- new.callback("i)i", function(x) "text")
  expect_error(.dyncall(unnamed, "i)i", 1L), "result of callback \"i)i\": ", fixed = TRUE)
  long <- new.callback("i)i", function(x) "text", name = strrep("n", 500))
  expect_error(.dyncall(long, "i)i", 1L), "result of callback 'nnnnnn", fixed = TRUE)
})

test_that("what names cannot be is refused", {
  for (name in list(1, NA_character_, c("a", "b"), NULL)) {
    expect_error(dyncallback(name), "'name'", class = "dyncall_error_argument")
  }
  expect_error(new.callback("i)i", identity, name = 1), "'name'", class = "dyncall_error_argument")
  expect_error(dyncallback("none"), class = "dyncall_error_callback")
  expect_error(dyncallback("none", fun = identity), "'signature'", class = "dyncall_error_argument")
  expect_error(dyncallback("none", "i", identity), class = "dyncall_error_signature")
  expect_error(dyncallback("none", "i)i", 5), class = "dyncall_error_argument")
  expect_error(dyncallback("none"), class = "dyncall_error_callback")
  f <- dyncallback("some", "i)i", identity)
  on.exit(dynfree(f))
  expect_error(dyncallback("some", "d)d", identity), "\"i)i\"", class = "dyncall_error_argument")
  expect_error(dyncallback("some", fun = 5), class = "dyncall_error_argument")
  expect_error(dyncallback("some", fun = identity, envir = 5), class = "dyncall_error_argument")
  expect_identical(.dyncall(f, "i)i", 7L), 7L)
})

test_that("a callback lives as long as its owner, also without an R object", {
  before <- dynleaks()$address
  memory <- dynalloc("i", 4)
  register(new.callback("i)i", function(x) x + 1L, name = "owned", owner = memory))
  gc()
  expect_identical(registered(1L), 2L)
  dynfree(memory)
  expect_error(registered(1L), "'owned'", class = "dyncall_error_callback")
  # a part, a pin, an arena
  arena <- new.arena()
  register(new.callback("i)i", function(x) x + 2L, owner = dynalloc("i", 1, arena = arena)))
  gc()
  expect_identical(registered(1L), 3L)
  dynfree(arena)
  expect_error(registered(1L), class = "dyncall_error_callback")
  x <- c(1, 2)
  pin <- dynpin(x)
  f <- new.callback("i)i", function(x) x + 3L, owner = pin)
  dynfree(f)
  expect_error(.dyncall(f, "i)i", 1L), class = "dyncall_error_callback")
  register(new.callback("i)i", function(x) x + 4L, owner = pin))
  dynfree(pin)
  expect_error(registered(1L), class = "dyncall_error_callback")
  expect_identical(setdiff(dynleaks()$address, before), character())
})

test_that("an owner's destructor can still be called back, and its scope releases both", {
  order <- character()
  foreign <- .dyncall(.dynsym(fixture("owner"), "const_numbers"), ")p")
  made <- function() {
    object <- dynown(foreign, function(p) order <<- c(order, "destructor", .dyncall(close, ")Z")))
    close <- new.callback(")Z", function() "callback", owner = object)
    object
  }
  dynscope(made())
  expect_identical(order, c("destructor", "callback"))
  dynfree(made())
  expect_identical(order, rep(c("destructor", "callback"), 2))
  # by the collector, which finds both at once
  made()
  gc()
  gc()
  expect_identical(order, rep(c("destructor", "callback"), 3))
  # moved out of a scope, the callback goes along
  object <- dynscope(dynkeep(made()))
  expect_length(order, 6L)
  dynfree(object)
  expect_identical(order, rep(c("destructor", "callback"), 4))
})

test_that("a cycle of an owner and its callback is collected", {
  before <- dynleaks()$address
  local({
    memory <- dynalloc("i", 1)
    new.callback("i)i", function(x) memory[1], owner = memory)
  })
  gc()
  gc()
  expect_identical(setdiff(dynleaks()$address, before), character())
})

test_that("only what is owned and live is an owner", {
  freed <- dynalloc("i", 1)
  dynfree(freed)
  f <- new.callback("i)i", identity)
  for (owner in list(1, "x", freed, f, as.extptr(c(1, 2)), .dynsym(local_fixture(), "keep"),
                     local_fixture())) {
    expect_error(new.callback("i)i", identity, owner = owner), class = "dyncall_error_pointer",
                 info = typeof(owner))
  }
})
