# A database with SQLite: https://sqlite.org

library(rdyncall)

# All of <sqlite3.h>: functions, constants and types.
dynport(sqlite3)

# Codes of failure become R errors.
check <- function(code, db) {
  if (code == SQLITE_OK) return(invisible(db))
  stop(structure(class = c("sqlite_error", "error", "condition"),
                 list(message = sqlite3_errmsg(db), call = sys.call(-1L), code = code)))
}

# A database that is closed at the end of its scope, by dynfree(), or by the garbage collector.
db_open <- function(file) {
  slot <- dynalloc("*<sqlite3>")
  code <- sqlite3_open(file, slot)
  check(code, dynown(slot[[1]], sqlite3_close_v2))
}

# A statement that the scope ends.
prepare <- function(db, sql) {
  slot <- dynalloc("*<sqlite3_stmt>")
  check(sqlite3_prepare_v2(db, sql, -1, slot, NULL), db)
  dynown(slot[[1]], sqlite3_finalize)
}

bind <- function(statement, i, value) {
  if (is.null(value) || (is.atomic(value) && anyNA(value))) sqlite3_bind_null(statement, i)
  else if (is.raw(value)) sqlite3_bind_blob(statement, i, value, length(value), SQLITE_TRANSIENT)
  else if (is.character(value)) sqlite3_bind_text(statement, i, value, -1, SQLITE_TRANSIENT)
  else if (is.integer(value) || is.logical(value)) sqlite3_bind_int(statement, i, value)
  else sqlite3_bind_double(statement, i, value)
}

bytes <- function(address, n) if (n) as.raw(dyncast(address, "C", n)[]) else raw()

# The value of column i of a row, counted from 0.
cell <- function(statement, i) {
  type <- sqlite3_column_type(statement, i)
  if (type == SQLITE_INTEGER) sqlite3_column_int64(statement, i)
  else if (type == SQLITE_FLOAT) sqlite3_column_double(statement, i)
  else if (type == SQLITE_TEXT) sqlite3_column_text(statement, i)
  else if (type == SQLITE_BLOB) bytes(sqlite3_column_blob(statement, i), sqlite3_column_bytes(statement, i))
  else NA
}

column <- function(cells) if (any(vapply(cells, is.raw, NA))) I(cells) else unlist(cells)

# Runs one statement with values for its parameters: a data frame of its rows.
db_query <- function(db, sql, ...) dynscope({
  statement <- prepare(db, sql)
  values <- list(...)
  for (i in seq_along(values)) check(bind(statement, i, values[[i]]), db)
  at <- seq_len(sqlite3_column_count(statement)) - 1L
  rows <- list()
  while ((code <- sqlite3_step(statement)) == SQLITE_ROW) {
    rows[[length(rows) + 1L]] <- lapply(at, cell, statement = statement)
  }
  if (code != SQLITE_DONE) check(code, db)
  columns <- lapply(at + 1L, function(i) column(lapply(rows, `[[`, i)))
  names(columns) <- vapply(at, function(i) sqlite3_column_name(statement, i), "")
  structure(columns, class = "data.frame", row.names = .set_row_names(length(rows)))
})

# ---- functions in R ----

# The arguments that SQLite gives to a function.
arguments <- function(n, values) {
  lapply(seq_len(n), function(i) {
    value <- dyncast(values, "*<sqlite3_value>", n)[[i]]
    type <- sqlite3_value_type(value)
    if (type == SQLITE_NULL) NA
    else if (type == SQLITE_TEXT) sqlite3_value_text(value)
    else if (type == SQLITE_BLOB) bytes(sqlite3_value_blob(value), sqlite3_value_bytes(value))
    else sqlite3_value_double(value)
  })
}

# Answers with the value of an expression. An R error becomes one of SQL.
answer <- function(context, expr) {
  value <- tryCatch(expr, error = identity)
  if (inherits(value, "error")) sqlite3_result_error(context, conditionMessage(value), -1)
  else if (is.null(value) || is.na(value)) sqlite3_result_null(context)
  else if (is.character(value)) sqlite3_result_text(context, value, -1, SQLITE_TRANSIENT)
  else sqlite3_result_double(context, value)
}

# Makes an R function one of SQL. The callback lives as long as the database.
db_function <- function(db, name, f) {
  callback <- new.callback("*<sqlite3_context>i**<sqlite3_value>)v", function(context, n, values) {
    answer(context, do.call(f, arguments(n, values)))
  }, name = name, owner = db)
  check(sqlite3_create_function(db, name, length(formals(f)), SQLITE_UTF8, NULL, callback, NULL, NULL), db)
}

# Makes an R function of a vector an aggregate. SQLite keeps a few bytes for each group, which start as
# zeros: the number of the group, whose values are gathered in R.
db_aggregate <- function(db, name, f) {
  groups <- list()
  group <- function(context) {
    number <- dyncast(sqlite3_aggregate_context(context, 4), "i", 1)
    if (number[1] == 0L) {
      groups[[length(groups) + 1L]] <<- list()
      number[1] <- length(groups)
    }
    number[1]
  }
  step <- new.callback("*<sqlite3_context>i**<sqlite3_value>)v", function(context, n, values) {
    i <- group(context)
    groups[[i]] <<- c(groups[[i]], arguments(n, values))
  }, name = paste(name, "step"), owner = db)
  final <- new.callback("*<sqlite3_context>)v", function(context) {
    i <- group(context)
    values <- unlist(groups[[i]])
    groups[[i]] <<- list()
    answer(context, f(values))
  }, name = paste(name, "final"), owner = db)
  check(sqlite3_create_function(db, name, 1, SQLITE_UTF8, NULL, NULL, step, final), db)
}

# ---- a session ----

dynscope({
  db <- db_open(":memory:")
  db_query(db, "create table flowers (id integer primary key, species text, petal real, note blob)")
  insert <- "insert into flowers (species, petal, note) values (?, ?, ?)"
  for (i in seq_len(nrow(iris))) {
    db_query(db, insert, as.character(iris$Species[i]), iris$Petal.Length[i],
             if (i %% 50L == 1L) as.raw(c(i, 255L)))
  }
  print(db_query(db, "select species, petal, note from flowers where note is not null"))

  db_function(db, "title", function(text) paste0(toupper(substr(text, 1, 1)), substring(text, 2)))
  db_aggregate(db, "median", median)
  print(db_query(db, "select title(species) as name, count(*) as n, median(petal) as median
                      from flowers group by species having count(*) > ?", 10))

  # what goes wrong is a condition
  print(tryCatch(db_query(db, "select * from nowhere"), sqlite_error = conditionMessage))
  db_function(db, "fails", function(x) stop("no value for ", x))
  print(tryCatch(db_query(db, "select fails(7)"), sqlite_error = conditionMessage))
})

# the scope has closed the database
print(tryCatch(db_query(db, "select 1"), dyncall_error_pointer = conditionMessage))
