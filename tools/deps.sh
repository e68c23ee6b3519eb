#!/bin/sh
# Installs the Debian packages that the named jobs need and that are missing: deps.sh build test ...
# Elsewhere than on Debian it does nothing. DEPS=no turns it off.

build="r-base-core gcc libc6-dev make libffi-dev pkg-config"
demo="$build xvfb libsdl1.2debian libgl1 libgl1-mesa-dri libexpat1
  libsqlite3-0 libssl3"
test="$demo r-cran-testthat r-cran-bit64 r-cran-future libsdl-ttf2.0-0 fonts-dejavu-core libclang1
  libsdl-image1.2 libsdl-mixer1.2 libsdl-net1.2 libsdl2-2.0-0 libglu1-mesa libglew2.2 libode8
  ocl-icd-libopencl1 pocl-opencl-icd libsqlite3-0 zlib1g libssl3 libcurl4"
check="$test devscripts qpdf tidy pandoc r-cran-knitr r-cran-rmarkdown"
strict="$build clang"
count="$build valgrind"
# what other languages have, and this package's own ports
bench="$count r-cran-rcpp g++ python3 python3-cffi python3-dev luajit ruby ruby-ffi perl libffi-platypus-perl"
core="gcc libc6-dev make libffi-dev pkg-config"
# headers and libraries of all ports, and the C libraries of other platforms
ports="$test castxml r-cran-xml2 libclang1 libclang-14-dev libexpat1-dev zlib1g-dev libsqlite3-dev
  libcurl4-openssl-dev libssl-dev libgl-dev libglu1-mesa-dev libglew-dev libode-dev opencl-c-headers
  ocl-icd-libopencl1 libsdl1.2-dev libsdl-image1.2-dev libsdl-mixer1.2-dev libsdl-net1.2-dev
  libsdl-ttf2.0-dev libsdl2-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross libc6-dev-i386
  libc6-dev-i386-cross gcc-mingw-w64-x86-64-win32"

test "${DEPS:-yes}" = no && exit 0
command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1 || exit 0

want=
for job; do
  case $job in
    build) want="$want $build" ;;
    bench) want="$want $bench" ;;
    count) want="$want $count" ;;
    demo) want="$want $demo" ;;
    test) want="$want $test" ;;
    check) want="$want $check" ;;
    strict) want="$want $strict" ;;
    core) want="$want $core" ;;
    ports) want="$want $ports" ;;
    *) echo "deps.sh: unknown job '$job'" >&2; exit 2 ;;
  esac
done

# A package counts as there when its name is installed or an installed package provides it.
missing=`dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Provides}\n' | awk -v want="$want" '
  /^ii/ { gsub(/\([^)]*\)|,/, ""); for (i = 2; i <= NF; i++) have[$i] = 1 }
  END { n = split(want, w, " "); for (i = 1; i <= n; i++) if (!have[w[i]]++) printf " %s", w[i] }'`
test -n "$missing" || exit 0

if test "`id -u`" = 0; then
  as_root=
elif command -v sudo >/dev/null 2>&1; then
  as_root=sudo
else
  echo "missing packages; as root, run: apt-get install$missing" >&2
  exit 1
fi

log=`mktemp`
trap 'rm -f "$log"' 0
install() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing \
    </dev/null >>"$log" 2>&1
}

echo "installing:$missing"
# The lists of packages may be absent or too old: fetch them when the first try fails, and try again
# whatever apt-get says of some other source.
install && exit 0
$as_root apt-get update -q </dev/null >>"$log" 2>&1
install && exit 0
cat "$log" >&2
echo "could not install:$missing" >&2
exit 1
