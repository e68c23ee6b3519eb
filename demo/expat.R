# Parse XML with Expat: https://libexpat.github.io

library(rdyncall)

# All of <expat.h>: functions, constants and types.
dynport(expat)

parser <- XML_ParserCreate(NULL)

# Handlers are R functions. The first argument is the user's data, which is not used here.
start <- new.callback("pZ*Z)v", function(data, tag, attributes) cat("Start tag:", tag, "\n"))
end <- new.callback("pZ)v", function(data, tag) cat("End tag:", tag, "\n"))
XML_SetElementHandler(parser, start, end)

text <- "<hello> <world> </world> </hello>"
XML_Parse(parser, text, nchar(text), 1)

# A document that is wrong, and where. The parser is used again, without handlers.
XML_ParserReset(parser, NULL)
text <- "<hello>\n  <world> </hello>"
if (XML_Parse(parser, text, nchar(text), 1) == XML_STATUS_ERROR) {
  cat("line", XML_GetErrorLineNumber(parser), XML_ErrorString(XML_GetErrorCode(parser)), "\n")
}

# A document in pieces, as from a file or a socket: how often does each tag occur?
counts <- integer()
count <- new.callback("pZp)v", function(data, tag, attributes) {
  counts[tag] <<- if (is.na(counts[tag])) 1L else counts[tag] + 1L
})
XML_ParserReset(parser, NULL)
XML_SetStartElementHandler(parser, count)
feed <- function(piece, last = FALSE) XML_Parse(parser, piece, nchar(piece, "bytes"), last)
feed("<library>")
for (i in 1:1000) feed("<book><title>x</title><author>y</author><author>z</author></book>")
feed("</library>", last = TRUE)
counts

XML_ParserFree(parser)
