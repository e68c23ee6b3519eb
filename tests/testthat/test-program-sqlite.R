# SQLite: a database in R, after demo/sqlite.R.

sqlite <- function() {
  need_library_or_skip(c("sqlite3.so.0", "sqlite3"))
  program("sqlite")
}

test_that("the demo prints what it should", {
  local_port("sqlite3")
  p <- sqlite()
  expect_match(p$output, "virginica +6\\.0 65, ff", all = FALSE)
  expect_match(p$output, "Versicolor 50 +4\\.35", all = FALSE)
  expect_match(p$output, "no such table: nowhere", all = FALSE)
  expect_match(p$output, "no value for 7", all = FALSE)
  expect_match(p$output, "use after free of sqlite3, freed with its scope", all = FALSE)
})

test_that("values of all kinds pass through a database", {
  local_port("sqlite3")
  p <- sqlite()
  before <- dynleaks()$address
  dynscope({
    db <- p$db_open(":memory:")
    p$db_query(db, "create table t (i integer, x real, s text, b blob)")
    long <- strrep("w\u00f6rt ", 20000)
    rows <- list(list(1L, 2.5, "text", as.raw(0:255)), list(-2147483647L, -1e300, long, as.raw(0)),
                 list(NA, NA, NA, NULL), list(TRUE, 1 / 3, "", raw(1e6)))
    for (row in rows) do.call(p$db_query, c(list(db, "insert into t values (?, ?, ?, ?)"), row))
    got <- p$db_query(db, "select * from t")
    expect_identical(names(got), c("i", "x", "s", "b"))
    expect_identical(got$i, c(1, -2147483647, NA, 1))
    expect_identical(got$x, c(2.5, -1e300, NA, 1 / 3))
    expect_identical(got$s, c("text", long, NA, ""))
    expect_identical(unclass(got$b), list(as.raw(0:255), as.raw(0), NA, raw(1e6)))
    expect_identical(p$db_query(db, "select 9007199254740992 as big")$big, 2^53)
    expect_warning(p$db_query(db, "select 9007199254740993 as big"), class = "dyncall_warning_lossy")
    expect_identical(nrow(p$db_query(db, "select * from t where i > ?", 5)), 0L)
    # a parameter that is a vector of its own in R is not changed by C
    values <- c(9, 8)
    p$db_query(db, "select ?", values)
    expect_identical(values, c(9, 8))
  })
  expect_identical(setdiff(dynleaks()$address, before), character())
})

test_that("functions and aggregates in R answer SQL, also with errors", {
  local_port("sqlite3")
  p <- sqlite()
  before <- dynleaks()$address
  dynscope({
    db <- p$db_open(":memory:")
    p$db_query(db, "create table t (g text, x real)")
    for (i in 1:30) p$db_query(db, "insert into t values (?, ?)", letters[i %% 3 + 1], i^2)
    p$db_function(db, "paste2", function(a, b) paste(a, b))
    p$db_function(db, "constant", function() 42)
    expect_identical(p$db_query(db, "select paste2('a', 'b') as s, constant() as c"),
                     data.frame(s = "a b", c = 42))
    gc() # nothing in R holds the callbacks
    p$db_aggregate(db, "iqr", stats::IQR)
    p$db_aggregate(db, "longest", function(x) if (length(x)) x[which.max(nchar(x))] else NA)
    gc()
    got <- p$db_query(db, "select g, iqr(x) as iqr, longest(g || x) as l from t group by g order by g")
    x <- (1:30)^2
    g <- letters[1:30 %% 3 + 1]
    expect_equal(got$iqr, as.vector(tapply(x, g, stats::IQR)))
    expect_identical(p$db_query(db, "select longest(g) as l from t where x < 0")$l, NA)
    # used in the middle of other aggregates and twice in one query
    expect_identical(unlist(p$db_query(db, "select iqr(x) = iqr(x) as same, count(*) as n from t")),
                     c(same = 1, n = 30))
    # an error in R is one of SQL, and the statement can be tried again
    p$db_function(db, "limited", function(x) if (x > 500) stop("too large: ", x) else x)
    error <- expect_error(p$db_query(db, "select limited(x) from t"), "too large: 529", class = "sqlite_error")
    expect_identical(unname(error$code), 1L)
    expect_identical(nrow(p$db_query(db, "select limited(x) from t where x < 500")), 22L)
    p$db_aggregate(db, "fails", function(x) stop("no ", length(x)))
    expect_error(p$db_query(db, "select fails(x) from t"), "no 30", class = "sqlite_error")
    # a function of the same name takes the place
    p$db_function(db, "constant", function() 43)
    expect_identical(p$db_query(db, "select constant() as c")$c, 43)
  })
  expect_identical(setdiff(dynleaks()$address, before), character())
})

test_that("an error that leaves a callback arrives when SQLite has returned", {
  local_port("sqlite3")
  p <- sqlite()
  dynscope({
    db <- p$db_open(":memory:")
    callback <- new.callback("*<sqlite3_context>i**<sqlite3_value>)v", function(...) stop("left"), owner = db)
    p$check(get("sqlite3_create_function")(db, "leave", 0, get("SQLITE_UTF8"), NULL, callback, NULL, NULL), db)
    expect_error(p$db_query(db, "select leave()"), "^left$")
    expect_identical(p$db_query(db, "select 1 as one")$one, 1)
  })
})

test_that("what fails names its reason, and everything is closed", {
  local_port("sqlite3")
  p <- sqlite()
  before <- dynleaks()$address
  expect_error(dynscope(p$db_open(file.path(tempdir(), "no", "such", "folder"))), "unable to open",
               class = "sqlite_error")
  expect_identical(setdiff(dynleaks()$address, before), character())
  file <- tempfile()
  on.exit(unlink(file))
  dynscope({
    db <- p$db_open(file)
    p$db_query(db, "create table t (x integer unique)")
    p$db_query(db, "insert into t values (?)", 1L)
    expect_error(p$db_query(db, "insert into t values (?)", 1L), "UNIQUE constraint", class = "sqlite_error")
    expect_error(p$db_query(db, "select ?", 1, 2), "range", class = "sqlite_error")
    expect_error(p$db_query(db, "select 'open"), "unrecognized token", class = "sqlite_error")
  })
  expect_error(p$db_query(db, "select 1"), class = "dyncall_error_pointer")
  # what was written is there for others; a database can be closed by hand
  again <- p$db_open(file)
  expect_identical(p$db_query(again, "select x from t")$x, 1)
  expect_identical(unname(dynfree(again)), 0L)
  expect_error(dynfree(again), class = "dyncall_error_pointer")
  rm(again, db)
  expect_identical(setdiff(dynleaks()$address, before), character())
})
