list(
  title = "SQLite, an SQL database in a file or in memory",
  headers = "sqlite3.h",
  source = "libsqlite3-dev",
  licence = "blessing",
  files = "/sqlite3\\.h$",
  library = c("sqlite3.so.0 sqlite3", windows = "sqlite3", darwin = "sqlite3.dylib sqlite3"),
  attributes = c("free=sqlite3_free" = "^sqlite3_(v?mprintf|expanded_sql)$",
                 "out=ppDb" = "^sqlite3_open(16|_v2)?$", "optional=zVfs" = "^sqlite3_open_v2$",
                 "length=nByte:zSql" = "^sqlite3_prepare(_v[23])?$",
                 "out=ppStmt,pzTail" = "^sqlite3_prepare(16)?(_v[23])?$",
                 "out=ppBlob" = "^sqlite3_blob_open$",
                 "optional=callback,arg4" = "^sqlite3_exec$", "out=errmsg" = "^sqlite3_exec$",
                 "free=errmsg:sqlite3_free" = "^sqlite3_exec$",
                 "out=pCurrent,pHighwater" = "^sqlite3_status(64)?$", "out=pCur,pHiwtr" = "^sqlite3_db_status$",
                 "out=pzDataType,pzCollSeq,pNotNull,pPrimaryKey,pAutoinc" = "^sqlite3_table_column_metadata$"),
  text = c("sqlite3_column_text", "sqlite3_value_text"),
  package = "deb:libsqlite3-0 rpm:sqlite-libs brew:sqlite"
)
