# The same work without and with a collection at every allocation: an object that C forgot to protect is
# gone then. Each run has an R of its own, without packages and without the compiler, so that collections are
# short.

expect_same_under_torture <- function(setup, work, step = 1L) {
  child <- in_child(c(
    sprintf("lib <- .dynload(%s)", deparse(fixture_file("callback"))),
    "sym <- function(name) .dynsym(lib, name)",
    setup,
    "work <- function() {", work, "}",
    "expected <- work()",
    sprintf("invisible(gctorture2(%d))", step),
    "got <- work()",
    "invisible(gctorture2(0))",
    "if (!identical(got, expected)) utils::str(list(expected, got))",
    "cat(length(expected), if (identical(got, expected)) 'same' else 'other')"),
    env = c("R_DEFAULT_PACKAGES=NULL", "R_ENABLE_JIT=0"))
  testthat::expect_identical(child$status, 0L, info = child$output)
  testthat::expect_match(child$output, "^[1-9][0-9]* same$")
}

test_that("calls and callbacks of every scalar type", {
  expect_same_under_torture(
    "id <- function(x) x",
    "through <- function(letter, value)
       .dyncall(sym(paste0('through_', letter)), paste0('p', letter, ')', letter),
                new.callback(paste0(letter, ')', letter), id), value)
     list(through('B', TRUE), through('c', -1L), through('C', 200L), through('s', -300L), through('S', 60000L),
          through('i', 7L), through('I', 4e9), through('j', -5), through('J', 5), through('l', 2^53),
          through('L', 2^53), through('f', 0.5), through('d', 0.1), through('D', 0.25),
          through('Z', 'text'), is.nullptr(through('p', NULL)), through('x', quote(a + b)), through('x', list(1)))")
})

test_that("many arguments, variadic arguments, signatures that are seen for the first time", {
  expect_same_under_torture(
    c("parseStructInfos('Point{id}x y;')",
      "snprintf <- .dynsym(dynfind(c('msvcrt', 'c')), 'snprintf')"),
    "buffer <- raw(64)
     seen <- NULL
     f <- function(...) { seen <<- list(...)[15]; ...length() }
     n <- .dyncall(sym('call_many'), '*(BcCsSiIjJlLfdDZp*<Point><Point>dddddddd)i)i', f)
     k <- .dyncall(snprintf, '*C<size_t>Z.iZd)i', buffer, 64, '%d %s %.2f', 5L, 'words', 0.25)
     m <- .dyncall(snprintf, '*C<size_t>Z.)i', buffer, 64, '%d %s', 6L, 'more')
     list(n, seen, k, m, buffer)")
})

test_that("structs, unions and arrays by value and by pointer", {
  expect_same_under_torture(
    c("parseStructInfos('Point{id}x y; Big{d[4]i}v n; Pair{<Point><Point>}a b;')",
      "parseUnionInfos('Number|id}i d;')"),
    "p <- new.struct(Point)
     p$x <- 3L
     p['y'] <- 0.5
     pair <- new.struct(Pair)
     pair$a <- p
     pair$b$x <- 9L
     q <- .dyncall(sym('through_point'), '*(<Point>)<Point><Point>)<Point>', function(p) { p$x <- p$x + 1L; p }, p)
     b <- .dyncall(sym('through_big'), '*(<Big>)<Big><Big>)<Big>', function(b) list(v = rev(b$v), n = 2L),
                   list(v = 1:4, n = 4L))
     n <- .dyncall(sym('through_number'), '*(<Number>)<Number><Number>)<Number>', function(n) n, list(d = 0.5))
     s <- .dyncall(sym('move_point'), '*(*<Point>)vid)d', function(p) p$x <- p$x * 2L, 2L, 0.25)
     list(as.list(p), pair$a$y, pair$b$x, as.list(q), as.list(b), n$d, s, names(pair), length(pair), p[])")
})

test_that("types are parsed and printed", {
  expect_same_under_torture(
    character(),
    "e <- new.env()
     parseStructInfos('Point{id}x y; Bits{I:3I:5}a b; Job{*(i)i*<Point>}f p;', e)
     parseUnionInfos('Either|<Point>d}p d;', e)
     list(e$Point$size, e$Bits$fields$bits, utils::capture.output(print(e$Either)), e$Job$signature)", step = 5L)
})

test_that("strings and what is kept alive for C", {
  expect_same_under_torture(
    "parseStructInfos('Holder{p*(i)iZ*d}p f z d; Job{*(i)ii}f x;')",
    "h <- new.struct(Holder)
     h$p <- c(1.5, 2.5)
     h$z <- paste('te', 'xt')
     h$d <- c(3.5, 4.5)
     j <- new.struct(Job)
     j$f <- function(i) i * 3L
     j$x <- 4L
     copy <- h
     words <- strarrayptr(c('pear', 'fig', 'apple'))
     .dyncall(sym('sort_words'), 'pi*(pp)i)v', words, 3L, function(a, b) {
       a <- .unpack(a, 0L, 'Z')
       b <- .unpack(b, 0L, 'Z')
       if (a < b) -1L else if (a > b) 1L else 0L
     })
     list(.unpack(copy$p, 8, 'd'), copy$z, .unpack(h$d, 8, 'd'), .dyncall(sym('do_job'), '*<Job>)i', j),
          ptr2str(strptr(paste0('a', 'b'))), .unpack(words, 0, 'Z'), .unpack(words, 8, 'Z'),
          .dyncall(sym('string_length'), '*()Z)i', function() paste0('fo', 'ur')),
          .dyncall(sym('through_Z'), '*(Z)ZZ)Z', function(x) paste0(x, 'y'), paste0('x', 1)),
          floatraw2numeric(as.floatraw(c(1, 2))), .unpack(as.extptr(c(1, 2)), 8, 'd'))")
})

test_that("callbacks that come, go, fail and jump", {
  expect_same_under_torture(
    c("stale <- function() {",
      "  .dyncall(sym('keep'), 'p)v', new.callback('i)i', function(x) x))",
      "  gc()",
      "  tryCatch(.dyncall(sym('call_kept'), 'i)i', 1L), error = function(e) class(e)[1L])",
      "}",
      "down <- function(n) if (n == 0L) stop('bottom') else .dyncall(sym('apply'), '*(i)ii)i', down, n - 1L)"),
    "f <- new.callback('i)i', function(x) if (x > 2L) stop('no ', x) else x)
     list(.dyncall(sym('apply'), 'pi)i', f, 2L),
          tryCatch(.dyncall(sym('apply'), 'pi)i', f, 3L), error = conditionMessage),
          callCC(function(out) .dyncall(sym('apply'), '*(i)ii)i', function(x) out('out'), 1L)),
          withRestarts(.dyncall(sym('apply'), '*(i)ii)i', function(x) invokeRestart('r', x), 5L), r = function(x) x),
          tryCatch(.dyncall(sym('apply'), '*(i)ii)i', function(x) 'abc', 5L), error = conditionMessage),
          tryCatch(down(3L), error = conditionMessage),
          stale(), .dyncall(sym('fpu_tags'), ')i'))")
})

test_that("errors of every kind", {
  expect_same_under_torture(
    "message_of <- function(expr) tryCatch(expr, error = conditionMessage)",
    "list(message_of(.dyncall(sym('apply'), 'pi)i', NULL)), message_of(.dyncall(sym('apply'), 'p?)i', NULL)),
          message_of(.dyncall(sym('apply'), 'i)i', 3e9)), message_of(.dyncall(sym('apply'), '<Nobody>)i', 1)),
          message_of(.dyncall(NULL, 'i)i', 1)), message_of(.unpack(raw(4), 1, 'i')), message_of(ptr2str(5)),
          message_of(.dynsym(5, 'a')), message_of(parseStructInfos('S{i')))", step = 2L)
})

test_that("ports, their lazy functions and types, and libraries", {
  need_library_or_skip(c("expat.so.1", "expat", "libexpat-1"))
  expect_same_under_torture(
    "need <- dynfind(c('expat.so.1', 'expat'))",
    "port <- dynport(expat, attach = FALSE)
     tags <- character()
     start <- new.callback('pZ*Z)v', function(data, name, atts) tags <<- c(tags, name, .unpack(atts, 0L, 'Z')))
     end <- new.callback('pZ)v', function(data, name) tags <<- c(tags, name))
     parser <- port$XML_ParserCreate(NULL)
     port$XML_SetElementHandler(parser, start, end)
     status <- port$XML_Parse(parser, '<a x=\"1\"><b y=\"2\"/></a>', 22L, 1L)
     port$XML_ParserFree(parser)
     list(tags, as.vector(status), port$XML_ErrorString(2L), as.list(port$XML_ExpatVersionInfo())$major,
          port$XML_ParsingStatus$size, format(port$XML_Parse),
          is.null(.dynsym(need, 'XML_Parse')), is.null(.dynload('no-such-library')))", step = 10L)
})

test_that("memory, scopes, pins, views and objects of C", {
  expect_same_under_torture(
    c(sprintf("lib <- .dynload(%s)", deparse(fixture_file("owner"))),
      "parseStructInfos('thing{ii}id value; Node{*c*i*<Node>}text numbers rest;')",
      "env <- new.env()",
      "dynbind(lib, 'thing_new(i)*<thing> id @free=thing_close; thing_close(*<thing>)i x; text_new(Z)Z from @free=text_free; at(pi)p where n; things_live()i; thing_const()*<thing> @copy;', envir = env)"),
    "x <- dynalloc('i', 5)
     x[] <- 1:5
     v <- dynview(x)
     f <- dynview(dyncast(x, 's'), 's', 5, stride = 4)
     n <- dynalloc(Node, 2)
     one <- n[[1]]
     one$text <- paste0('te', 'xt')
     one$numbers <- x
     back <- one$numbers
     arena <- new.arena()
     parts <- lapply(1:3, function(i) { p <- dynalloc('d', i, arena = arena); p[] <- i; p })
     y <- c(1, 2, 3)
     pin <- dynpin(y)
     pin[2] <- 20
     freed <- dynscope({
       t <- env$thing_new(4L)
       cb <- new.callback('i)i', function(i) i)
       dynalloc('d', 3)
     })
     e <- tryCatch(freed[1], error = conditionMessage)
     kept <- dynscope(dynkeep(dynalloc('i', 2)))
     at <- env$at(x, 8L)
     values <- list(x[], sum(v), f + 1L, v[2:3], c(v), n$rest[[1]] == NULL, one$text, back[2], lapply(parts, function(p) p[]), y,
                    pin[], e, kept[], .unpack(at, 0, 'i'), env$text_new('abc'), env$thing_const()$value,
                    dyncast(offsetPtr(x, 4), 'i')[], as.character(v))
     dynfree(x)
     dynfree(arena)
     dynfree(pin)
     c(values, list(tryCatch(v[1], error = conditionMessage), tryCatch(back[1], error = conditionMessage),
                    env$things_live(), nrow(dynleaks()) > 100))")
})

test_that("callbacks by name and with owners, and objects that come back from a file", {
  expect_same_under_torture(
    "parseStructInfos('Node{Z*d*<Node>pi}name values rest any n;')",
    "f <- dyncallback('torture', 'i)i', function(x) x + 1L)
     a <- .dyncall(f, 'i)i', 1L)
     g <- dyncallback('torture', fun = function(x) {
       dyncallback('torture', fun = function(x) x * 2L)
       x * 3L
     })
     b <- c(.dyncall(f, 'i)i', 5L), .dyncall(f, 'i)i', 5L))
     dynfree(f)
     e <- tryCatch(.dyncall(g, 'i)i', 1L), error = conditionMessage)
     memory <- dynalloc('i', 2)
     for (i in 1:5) h <- new.callback('i)i', function(x) x, name = paste0('n', i), owner = memory)
     dynfree(new.callback('i)i', function(x) x, owner = memory))
     d <- .dyncall(h, 'i)i', 7L)
     dynfree(memory)
     e2 <- tryCatch(.dyncall(h, 'i)i', 7L), error = conditionMessage)
     inner <- new.struct(Node)
     inner$name <- paste0('in', 'ner')
     inner$any <- dynalloc('i', 1)
     x <- new.struct(Node)
     x$name <- paste0('out', 'er')
     x$values <- c(1, 2) * 2
     x$rest <- inner
     y <- unserialize(serialize(x, NULL))
     list(a, b, e, d, e2, y$name, .unpack(y$values, 0, 'd[2]'), y$rest$name, is.nullptr(y$rest$any), y$n)")
})

test_that("objects of which C wrote a part come back from a file", {
  expect_same_under_torture(
    c("dynbind(c('c', 'msvcrt'), 'memcpy(pp<size_t>)v to from n;')",
      "parseUnionInfos('Either|pZd}p text d;')",
      "parseStructInfos('Part{Zi}name n; Whole{Z<Part>[2]<Either>p}title parts either any;')",
      "from <- dynalloc(Part)",
      "from$name <- 'of C'"),
    "x <- new.array(Whole, 2)
     memcpy(x, from, Part$size)
     one <- x[[2]]
     one$title <- paste0('ti', 'tle')
     one$any <- c(1, 2) * 2
     one$either$d <- 0.5
     memcpy(one, from, Part$size)
     one$either$text <- paste0('te', 'xt')
     x[2] <- list(one)
     y <- unserialize(serialize(x, NULL))
     two <- y[[2]]
     z <- unserialize(serialize(one, NULL))
     failed <- tryCatch(memcpy(z, from, 1), error = conditionMessage)
     list(y$title, is.null(two$title), .unpack(two$any, 0, 'd[2]'), two$either$text, failed, z$either$text)")
})

test_that("declared parameters and failures", {
  expect_same_under_torture(
    c(sprintf("params <- .dynload(%s)", deparse(fixture_file("params"))),
      "env <- new.env()",
      "parseStructInfos('point{id}x y;', env)",
      "parseEnumInfos('outcome{FINE BUSY=5 BROKEN=9};', env)",
      "env$judged <- function(x, out) if (x < 0L) paste('judged', x)",
      "dynbind(params, paste('limits(*kdi*d*d)v x n lo hi @out=lo,hi @length=n:x;',
         'scale(*did)v x n by @inout=x @length=n:x; count_up(i*i)i n out @out=out[n] @used=out:result;',
         'move_point(*<point>d)v p by @inout=p; two_points(*<point>i*i)v p n written @out=p[n],written @optional=n:2;',
         'say(*c<size_t>Z)i text size name @buffer=text[64]:size; digest(*C*I)v bytes length @buffer=bytes[64]:length;',
         'stretch(*C*J*kCJ)i to size from n @buffer=to:size @length=n:from @fail=nonzero;',
         'choose(iZ<outcome>p)i a text how p @optional=a:1,text,how:BUSY,p;',
         'wide(*D*<double complex>*l*c*C*Z)v d z l c b text @out=d,z,l,c,b,text; sum(*ii.)i total n @out=total;',
         'get_twice(**(i)i)v f @out=f; explain(i)Z code; item_free(*<item>)v x; item_id(*<item>)i x; text_free(*c)v text;',
         'item_new(i**<item>)i id out @out=out @free=out:item_free @fail=nonzero @message=explain(code);',
         'text_new(i**c)i fails text @out=text @free=text:text_free @fail=negative @message=text;',
         'fail_as(ii)i x error @fail=negative,errno; work(<outcome>)<outcome> how @fail=BUSY;',
         'bump(*i)i x; items_live()i;'), envir = env)",
      "failure <- function(expr) tryCatch(expr, dyncall_error = function(e) list(conditionMessage(e), e$code, e$name))"),
    "later <- new.env(parent = env)
     dyndeclare('bump x @inout=x', later)
     p <- env$move_point(list(x = 1L, y = 0.5), 2)
     item <- env$item_new(3L)
     id <- env$item_id(item)
     dynfree(item)
     list(env$limits(c(3, 1, 2)), env$scale(1:3, by = 2), env$count_up(6L), p$x, p$y,
          lapply(env$two_points()$p, as.list), env$say(name = 'you'), env$digest(), env$stretch(, 8, as.raw(1:3)),
          failure(env$stretch(, 1, as.raw(1:3))), env$choose(), suppressWarnings(env$wide())[-3], env$sum(, 2L, 3L, 4L),
          env$get_twice()(4L), id, failure(env$item_new(-1L)), env$text_new(0L), failure(env$text_new(1L)),
          failure(env$fail_as(-1L, 2L)), env$fail_as(1L, 2L), failure(env$work('BUSY')), env$work('FINE'),
          failure(env$scale('a', 1L, 2)), failure(env$limits()), env$items_live(), later$bump(5))", step = 3L)
})

test_that("converters, and strings of all encodings", {
  expect_same_under_torture(
    c("dynconvert('Day', 'i', to = function(x) x + 0, from = function(x) structure(x, class = 'Date'), vectorised = TRUE)",
      "dynconvert('Each', 'i', to = function(x) x[[1L]] * 2L, from = function(x) list(x, paste0('n', x)))",
      "dynconvert('Late', '<Each>', from = function(x) list(late = x))",
      "dynconvert('Text', '*<utf16>', to = function(x) strsplit(x, ' ')[[1L]])",
      "dynconvert(class = 'who', to = function(x) x$name)",
      "parseStructInfos('Span{lj}tv_sec tv_nsec; Row{<Day><Each><latin1><Text>}day each text words;')",
      "dynconvert('When', 'Span', preset = 'POSIXct')",
      "parseStructInfos('Times{<When>[2]}at;')"),
    "message_of <- function(expr) tryCatch(expr, error = conditionMessage)
     days <- structure(c(1, 2), class = 'Date')
     rows <- new.array('Row', 2)
     rows$day <- days
     rows$each <- c(3L, 4L)
     rows$text <- c(paste0('caf', '\u00e9'), 'b')
     r <- rows[[1]]
     r$words <- paste('a', 'bc')
     t <- new.array('Times', 1)
     one <- t[[1]]
     one$at <- structure(c(1.5, 2.25), class = c('POSIXct', 'POSIXt'))
     late <- new.array('Late', 2)
     late[] <- 5:6
     back <- .dyncall(sym('apply'), '*(<Each>)<Day>i)<Day>', function(x) { x[[1L]]; structure(9, class = 'Date') }, 4L)
     who <- structure(list(name = paste0('wh', 'o')), class = 'who')
     list(rows$day, rows$each, rows[[2]]$day, r$text, dynstrings(r$words, type = '<utf16>'), c(one$at), late[], back,
          .dyncall(sym('through_Z'), '*(<native>)ZZ)<latin1>', function(x) paste0(x, 'y'), who),
          ptr2str(strptr(paste0('\u20ac', 1), '<utf32>'), '<utf32>'),
          dynstrings(strarrayptr(c(paste0('x', 1:3), NA), '<wstring>'), 4, '<wstring>'),
          message_of(.dyncall(sym('apply'), '*(<Each>)ii)i', function(x) stop('inner'), 4L)),
          message_of(.dyncall(sym('apply'), '*(i)<Each>i)i', function(x) quote(a + b), 4L)),
          message_of(rows$text <- '\u20ac'))", step = 3L)
})
