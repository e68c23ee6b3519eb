# Ports used for real: SDL, SDL_image, SDL_mixer, SDL_ttf, SDL_net, SDL2, without a screen or sound.

need_sdl_libraries <- function(...) {
  need_library_or_skip(c("SDL-1.2.so.0", "SDL"))
  for (name in c(...)) need_library_or_skip(name)
  invisible()
}

quiet <- c("SDL_VIDEODRIVER=dummy", "SDL_AUDIODRIVER=dummy")

# A PNG file of 8-bit RGB pixels, written by R alone: a height x width x 3 array of 0 to 255. Doubles hold
# the 32 bits of its check sums.
write_png <- function(pixels, file) {
  xor32 <- function(a, b) {
    bitwXor(a %/% 65536, b %/% 65536) * 65536 + bitwXor(a %% 65536, b %% 65536)
  }
  table <- numeric(256)
  for (i in 0:255) {
    n <- i
    for (k in 1:8) n <- if (n %% 2) xor32(n %/% 2, 0xedb88320) else n %/% 2
    table[i + 1] <- n
  }
  crc <- function(bytes) {
    sum <- 0xffffffff
    for (b in as.integer(bytes)) sum <- xor32(table[bitwXor(sum %% 256, b) + 1], sum %/% 256)
    xor32(sum, 0xffffffff)
  }
  big <- function(x) as.raw(c(x %/% 2^24, x %/% 2^16 %% 256, x %/% 2^8 %% 256, x %% 256))
  chunk <- function(name, data) {
    body <- c(charToRaw(name), data)
    c(big(length(data)), body, big(crc(body)))
  }
  height <- dim(pixels)[1L]
  width <- dim(pixels)[2L]
  lines <- unlist(lapply(seq_len(height), function(y) c(0, t(pixels[y, , ]))))
  writeBin(c(as.raw(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)),
             chunk("IHDR", c(big(width), big(height), as.raw(c(8, 2, 0, 0, 0)))),
             chunk("IDAT", memCompress(as.raw(lines), "gzip")), chunk("IEND", raw())), file)
}

# A WAV file of 16-bit mono samples.
write_wav <- function(samples, rate, file) {
  out <- file(file, "wb")
  on.exit(close(out))
  put <- function(x, size) writeBin(as.integer(x), out, size, endian = "little")
  writeBin(charToRaw("RIFF"), out)
  put(36 + 2 * length(samples), 4)
  writeBin(charToRaw("WAVEfmt "), out)
  put(16, 4)
  put(c(1, 1), 2)
  put(c(rate, 2 * rate), 4)
  put(c(2, 16), 2)
  writeBin(charToRaw("data"), out)
  put(2 * length(samples), 4)
  put(samples, 2)
}

test_that("SDL_image loads a PNG file", {
  need_sdl_libraries("SDL_image-1.2.so.0")
  file <- tempfile(fileext = ".png")
  on.exit(unlink(file))
  pixels <- array(0, c(3, 5, 3))
  pixels[2, 4, ] <- c(10, 200, 77)
  pixels[1, , 1] <- 255
  write_png(pixels, file)
  code <- sprintf('
    dynport(SDL)
    dynport(SDL_image)
    stopifnot(SDL_Init(SDL_INIT_VIDEO) == 0, bitwAnd(IMG_Init(IMG_INIT_PNG), IMG_INIT_PNG) != 0)
    picture <- IMG_Load(%s)
    if (is.nullptr(picture)) stop(SDL_GetError())
    cat(picture$w, picture$h, picture$format$BytesPerPixel, "")
    bytes <- as.carray(picture$pixels, "C", picture$pitch * picture$h)
    cat(bytes[1:3], bytes[picture$pitch + 3 * 3 + 1:3], "")
    shown <- SDL_CreateRGBSurface(SDL_SWSURFACE, 10, 10, 32, 0xff0000, 0xff00, 0xff, 0)
    at <- new.struct(SDL_Rect)
    at$x <- 2
    at$y <- 1
    stopifnot(SDL_BlitSurface(picture, NULL, shown, at) == 0)
    words <- as.carray(shown$pixels, "I", 100)
    cat(sprintf("%%06x", as.integer(words[2 * 10 + 2 + 3 + 1])))
    SDL_FreeSurface(picture)
    stopifnot(is.nullptr(IMG_Load("no such file.png")))
    cat("", IMG_GetError())
    IMG_Quit()
    SDL_Quit()', deparse(file))
  expect_child_output(code, "5 3 3 255 0 0 10 200 77 0ac84d .*no such file.png", env = quiet)
})

test_that("SDL_mixer plays a sound, and says when it ends", {
  need_sdl_libraries("SDL_mixer-1.2.so.0")
  file <- tempfile(fileext = ".wav")
  on.exit(unlink(file))
  write_wav(round(8000 * sin(seq(0, 100, length.out = 2205))), 22050, file)
  code <- sprintf('
    dynport(SDL)
    dynport(SDL_mixer)
    stopifnot(SDL_Init(SDL_INIT_AUDIO) == 0)
    if (Mix_OpenAudio(22050, MIX_DEFAULT_FORMAT, 2, 1024) < 0) stop(Mix_GetError())
    rate <- integer(1); format <- new.array("S", 1); channels <- integer(1)
    stopifnot(Mix_QuerySpec(rate, format, channels) == 1, rate == 22050, channels == 2)
    sound <- Mix_LoadWAV_RW(SDL_RWFromFile(%s, "rb"), 1)
    if (is.nullptr(sound)) stop(Mix_GetError())
    cat(sound$alen, sound$volume, "")
    stopifnot(Mix_AllocateChannels(4) == 4)
    channel <- Mix_PlayChannelTimed(-1, sound, 0, -1)
    stopifnot(channel >= 0, Mix_Playing(channel) == 1)
    for (i in 1:500) { if (!Mix_Playing(channel)) break; SDL_Delay(10) }
    cat(Mix_Playing(channel))
    Mix_FreeChunk(sound)
    Mix_CloseAudio()
    SDL_Quit()', deparse(file))
  expect_child_output(code, "8820 128 0", env = quiet)
})

test_that("SDL_ttf measures and draws text with the colors of SDL", {
  need_sdl_libraries("SDL_ttf-2.0.so.0")
  font <- font_file()
  code <- sprintf('
    dynport(SDL)
    dynport(SDL_ttf)
    stopifnot(TTF_Init() == 0, TTF_WasInit() > 0)
    font <- TTF_OpenFont(%s, 20)
    if (is.nullptr(font)) stop(TTF_GetError())
    w <- integer(1); h <- integer(1)
    stopifnot(TTF_SizeUTF8(font, "r\u00e9sum\u00e9", w, h) == 0, w > 40, h == TTF_FontHeight(font))
    ink <- new.struct(SDL_Color)
    ink$r <- 200; ink$g <- 100; ink$b <- 50
    text <- TTF_RenderUTF8_Blended(font, "r\u00e9sum\u00e9", ink)
    stopifnot(text$w == w)
    solid <- TTF_RenderText_Solid(font, "solid", list(r = 1, g = 2, b = 3, unused = 0))
    color <- as.carray(solid$format$palette$colors, SDL_Color, 2)[[2]]
    cat(color$r, color$g, color$b)
    SDL_FreeSurface(text)
    TTF_CloseFont(font)
    TTF_Quit()', deparse(font))
  expect_child_output(code, "1 2 3", env = quiet)
})

test_that("SDL_net sends over the loopback", {
  need_sdl_libraries("SDL_net-1.2.so.0")
  code <- '
    dynport(SDL)
    dynport(SDL_net)
    if (SDLNet_Init() < 0) stop(SDLNet_GetError())
    any <- new.struct(IPaddress)
    server <- NULL
    for (number in sample(20000:60000, 20)) {
      if (SDLNet_ResolveHost(any, NULL, number) == 0) server <- SDLNet_TCP_Open(any)
      if (!is.nullptr(server)) break
    }
    if (is.nullptr(server)) stop(SDLNet_GetError())
    here <- new.struct(IPaddress)
    stopifnot(SDLNet_ResolveHost(here, "127.0.0.1", number) == 0)
    client <- SDLNet_TCP_Open(here)
    if (is.nullptr(client)) stop(SDLNet_GetError())
    for (i in 1:200) {
      peer <- SDLNet_TCP_Accept(server)
      if (!is.nullptr(peer)) break
      SDL_Delay(10)
    }
    text <- charToRaw("over the wire")
    stopifnot(SDLNet_TCP_Send(client, text, length(text)) == length(text))
    set <- SDLNet_AllocSocketSet(1)
    SDLNet_AddSocket(set, dyncast(peer, `_SDLNet_GenericSocket`, 1))
    stopifnot(SDLNet_CheckSockets(set, 5000) == 1)
    got <- raw(100)
    n <- SDLNet_TCP_Recv(peer, got, 100)
    cat(rawToChar(got[seq_len(n)]))
    address <- SDLNet_TCP_GetPeerAddress(peer)
    cat("", as.integer(address$host %% 256))
    SDLNet_TCP_Close(peer); SDLNet_TCP_Close(client); SDLNet_TCP_Close(server)
    SDLNet_Quit()'
  expect_child_output(code, "over the wire 127", env = quiet)
})

test_that("SDL2 fills a rectangle in a surface", {
  need_library_or_skip(c("SDL2-2.0.so.0", "SDL2"))
  code <- '
    dynport(SDL2)
    stopifnot(SDL_Init(SDL_INIT_VIDEO) == 0)
    version <- new.struct(SDL_version)
    SDL_GetVersion(version)
    stopifnot(version$major == 2)
    window <- SDL_CreateWindow("test", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, 64, 48, 0)
    if (is.nullptr(window)) stop(SDL_GetError())
    surface <- SDL_GetWindowSurface(window)
    area <- new.struct(SDL_Rect)
    area$x <- 10; area$y <- 5; area$w <- 3; area$h <- 2
    color <- SDL_MapRGB(surface$format, 1, 2, 3)
    stopifnot(SDL_FillRect(surface, NULL, 0) == 0, SDL_FillRect(surface, area, color) == 0)
    words <- as.carray(surface$pixels, "I", surface$pitch / 4 * surface$h)[]
    cat(sum(words == color), which(words == color)[1] - 1 == 5 * surface$pitch / 4 + 10)
    event <- new.struct(SDL_Event)
    event$type <- SDL_QUIT
    stopifnot(SDL_PushEvent(event) == 1)
    got <- new.struct(SDL_Event)
    seen <- FALSE
    while (SDL_PollEvent(got)) seen <- seen || got$type == SDL_QUIT
    cat("", seen)
    SDL_DestroyWindow(window)
    SDL_Quit()'
  expect_child_output(code, "6 TRUE TRUE", env = quiet)
})
