list(
  title = "SQLite, an SQL database in a file or in memory",
  headers = "sqlite3.h",
  source = "libsqlite3-dev",
  licence = "blessing",
  files = "/sqlite3\\.h$",
  library = c("sqlite3.so.0 sqlite3", windows = "sqlite3", darwin = "sqlite3.dylib sqlite3"),
  text = c("sqlite3_column_text", "sqlite3_value_text"),
  package = "deb:libsqlite3-0 rpm:sqlite-libs brew:sqlite"
)
