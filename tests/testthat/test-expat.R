# Documents parsed by Expat through the DynPort, in chunks of a raw buffer.

expat <- function() {
  need_library_or_skip(c("expat.so.1", "expat", "libexpat-1"))
  dynport(expat, attach = FALSE)
}

# A document of n records, with what a parser must find in it.
make_document <- function(n) {
  id <- seq_len(n)
  word <- c("alpha", "b\u00e9ta", "gamma &amp; &lt;delta&gt;", "\u4e16\u754c")[id %% 4L + 1L]
  value <- c("alpha", "b\u00e9ta", "gamma & <delta>", "\u4e16\u754c")[id %% 4L + 1L]
  padding <- strrep("x", id %% 50L)
  lines <- sprintf("<record id=\"%d\" odd='%s'><name>%s</name><value>%s</value><empty/></record>",
                   id, ifelse(id %% 2L, "yes", "no"), word, padding)
  text <- c("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<records>", lines, "</records>")
  list(bytes = charToRaw(enc2utf8(paste(text, collapse = "\n"))),
       elements = 1L + 4L * n, tags = c(empty = n, name = n, record = n, records = 1L, value = n),
       ids = sum(as.numeric(id)), odd = sum(id %% 2L),
       # a line feed after the root's start tag and after each record
       text_bytes = sum(nchar(enc2utf8(value), "bytes")) + sum(nchar(padding)) + n + 1L)
}

# Feeds a document in chunks; list(status, offset) of the last chunk.
feed <- function(port, parser, bytes, chunk) {
  at <- 0L
  repeat {
    n <- min(chunk, length(bytes) - at)
    final <- at + n == length(bytes)
    status <- port$XML_Parse(parser, bytes[at + seq_len(n)], n, final)
    at <- at + n
    if (status != port$XML_STATUS_OK || final) break
  }
  list(status = as.vector(status), offset = at)
}

test_that("a document of some megabytes is parsed in chunks, and every event counted", {
  port <- expat()
  document <- make_document(25000L)
  expect_gt(length(document$bytes), 2e6)
  started <- new.env()
  depth <- deepest <- ended <- 0L
  ids <- odd <- text_bytes <- 0
  start <- function(data, name, attributes) {
    started[[name]] <- c(started[[name]], 0L)[1L] + 1L
    depth <<- depth + 1L
    deepest <<- max(depth, deepest)
    if (name == "record") {
      size <- .Machine$sizeof.pointer
      ids <<- ids + as.numeric(.unpack(attributes, size, "Z"))
      if (.unpack(attributes, 3L * size, "Z") == "yes") odd <<- odd + 1
    }
  }
  end <- function(data, name) {
    depth <<- depth - 1L
    ended <<- ended + 1L
  }
  characters <- function(data, text, n) text_bytes <<- text_bytes + n
  callbacks <- list(new.callback("pZ*Z)v", start), new.callback("pZ)v", end), new.callback("ppi)v", characters))
  parser <- port$XML_ParserCreate(NULL)
  port$XML_SetElementHandler(parser, callbacks[[1L]], callbacks[[2L]])
  port$XML_SetCharacterDataHandler(parser, callbacks[[3L]])
  got <- feed(port, parser, document$bytes, 65536L)
  expect_identical(got, list(status = port$XML_STATUS_OK, offset = length(document$bytes)))
  expect_identical(port$XML_GetCurrentByteIndex(parser), as.numeric(length(document$bytes)))
  port$XML_ParserFree(parser)
  tags <- unlist(as.list(started))
  expect_identical(tags[order(names(tags))], document$tags)
  expect_identical(c(ended, depth, deepest), c(document$elements, 0L, 3L))
  expect_identical(c(ids, odd), c(document$ids, document$odd + 0))
  expect_identical(text_bytes, as.numeric(document$text_bytes))
})

test_that("the size of the chunks does not change what is parsed", {
  port <- expat()
  document <- make_document(40L)
  events <- function(chunk) {
    seen <- character()
    text <- raw()
    flush <- function() {
      if (length(text)) seen <<- c(seen, rawToChar(text))
      text <<- raw()
    }
    start <- new.callback("pZp)v", function(data, name, atts) { flush(); seen <<- c(seen, paste0("<", name)) })
    end <- new.callback("pZ)v", function(data, name) { flush(); seen <<- c(seen, paste0("/", name)) })
    characters <- new.callback("ppi)v", function(data, s, n) text <<- c(text, .unpack(s, 0, paste0("C[", n, "]"))))
    parser <- port$XML_ParserCreate("UTF-8")
    port$XML_SetElementHandler(parser, start, end)
    port$XML_SetCharacterDataHandler(parser, characters)
    feed(port, parser, document$bytes, chunk)
    port$XML_ParserFree(parser)
    seen
  }
  whole <- events(length(document$bytes))
  expect_identical(sum(startsWith(whole, "<")), document$elements)
  expect_identical(sum(nchar(whole[!grepl("^[</]", whole)], "bytes")), document$text_bytes)
  for (chunk in c(1L, 7L, 1000L)) expect_identical(events(chunk), whole)
})

test_that("R functions are handlers as they are, for as long as the call that gets them", {
  port <- expat()
  parser <- port$XML_ParserCreate(NULL)
  port$XML_SetElementHandler(parser, NULL, function(data, name) NULL)
  gc()
  expect_error(port$XML_Parse(parser, "<a></a>", 7L, 1L), class = "dyncall_error_callback")
  port$XML_ParserFree(parser)
})

test_that("a document that is not well-formed is reported with its place", {
  port <- expat()
  parser <- port$XML_ParserCreate(NULL)
  text <- "<a>\n  <b></c>\n</a>"
  expect_identical(as.vector(port$XML_Parse(parser, text, nchar(text), 1L)), port$XML_STATUS_ERROR)
  code <- port$XML_GetErrorCode(parser)
  expect_identical(as.vector(code), port$XML_ERROR_TAG_MISMATCH)
  expect_identical(port$XML_ErrorString(code), "mismatched tag")
  expect_identical(port$XML_GetErrorLineNumber(parser), 2)
  expect_identical(port$XML_GetErrorColumnNumber(parser), 7)
  port$XML_ParserFree(parser)
})

test_that("an error in a handler stops the parse and arrives, and the parser can be freed", {
  port <- expat()
  parser <- port$XML_ParserCreate(NULL)
  seen <- 0L
  start <- new.callback("pZp)v", function(data, name, attributes) {
    seen <<- seen + 1L
    if (name == "bad") stop("bad element")
  })
  port$XML_SetStartElementHandler(parser, start)
  text <- "<a><b/><bad/><c/></a>"
  expect_error(port$XML_Parse(parser, text, nchar(text), 1L), "^bad element$")
  expect_identical(seen, 3L)
  expect_true(port$XML_ParserReset(parser, NULL) == 1L)
  port$XML_SetStartElementHandler(parser, start)
  expect_identical(as.vector(port$XML_Parse(parser, "<a/>", 4L, 1L)), port$XML_STATUS_OK)
  expect_identical(seen, 4L)
  port$XML_ParserFree(parser)
})

test_that("a handler stops and resumes the parser", {
  port <- expat()
  parser <- port$XML_ParserCreate(NULL)
  seen <- character()
  start <- new.callback("pZp)v", function(data, name, attributes) {
    seen <<- c(seen, name)
    if (name == "b") port$XML_StopParser(parser, port$XML_TRUE)
  })
  port$XML_SetStartElementHandler(parser, start)
  expect_identical(as.vector(port$XML_Parse(parser, "<a><b/><c/></a>", 15L, 1L)), port$XML_STATUS_SUSPENDED)
  status <- new.struct(port$XML_ParsingStatus)
  port$XML_GetParsingStatus(parser, status)
  expect_identical(as.vector(status$parsing), port$XML_SUSPENDED)
  expect_identical(seen, c("a", "b"))
  expect_identical(as.vector(port$XML_ResumeParser(parser)), port$XML_STATUS_OK)
  expect_identical(seen, c("a", "b", "c"))
  port$XML_ParserFree(parser)
})

test_that("user data is the pointer that was set, and structs come by value and by pointer", {
  port <- expat()
  parser <- port$XML_ParserCreate(NULL)
  data <- as.extptr(c(0.5, 1.5))
  port$XML_SetUserData(parser, data)
  got <- NULL
  start <- new.callback("pZp)v", function(data, name, attributes) got <<- .unpack(data, 8L, "d"))
  port$XML_SetStartElementHandler(parser, start)
  port$XML_Parse(parser, "<a/>", 4L, 1L)
  expect_identical(got, 1.5)
  port$XML_ParserFree(parser)
  version <- port$XML_ExpatVersionInfo()
  expect_identical(port$XML_ExpatVersion(),
                   paste0("expat_", version$major, ".", version$minor, ".", version$micro))
  feature <- port$XML_GetFeatureList()
  expect_type(feature$name, "character")
})
