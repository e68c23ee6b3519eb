#!/bin/sh
# Installs the package and runs its tests on another architecture, in a Debian 12 folder:
#   dev/arch/run.sh i386|arm64 [folder] [--filter NAME]
#   dev/arch/run.sh i386|arm64 [folder] --core
#   dev/arch/run.sh i386|arm64 [folder] --abi COUNT [OPTION OF dev/abi/run.R ...]
# i386 runs on an x86-64 kernel as it is, arm64 by the emulator QEMU. The folder is made on the first
# run and used again. With --core it is the tests of dev/core that run, with --abi the random signatures
# of dev/abi. RESULTS.md has what came out.
# Needs root, and on the host debootstrap, for arm64 also qemu-user-static and binfmt-support, which it
# installs. Of two runs for arm64 at once the first that ends takes binfmt_misc away from the other,
# unless that was mounted before.
set -e

fail() { echo "arch/run.sh: $*" >&2; exit 2; }

arch= folder= filter= core= abi= abi_options=
while test $# -gt 0; do
  case $1 in
    i386|arm64) test -z "$arch" || fail "two architectures"; arch=$1 ;;
    --filter) shift; filter=${1:?a name} ;;
    --core) core=yes ;;
    --abi) shift; abi=${1:?a number}; shift; abi_options="$*"; break ;;
    -*) fail "unknown option '$1'" ;;
    *) test -z "$folder" || fail "unexpected '$1'"; folder=$1 ;;
  esac
  shift
done
test -n "$arch" || fail "usage: run.sh i386|arm64 [folder] [--filter NAME] [--core] [--abi COUNT [OPTION ...]]"
test "`id -u`" = 0 || fail "only root can make such a folder"
folder=${folder:-${TMPDIR:-/tmp}/rdyncall-$arch}
case $folder in /*) ;; *) folder=`pwd`/$folder ;; esac
source=`cd "\`dirname "$0"\`/../.." && pwd`
suite=bookworm

# --- mounts, undone at the end in reverse order ---

mounts=
log=`mktemp`
finish() {
  for at in $mounts; do umount "$at" 2>/dev/null || umount -l "$at"; done
  mounts=
  rm -f "$log"
}
trap finish 0
trap 'exit 130' INT
trap 'exit 143' HUP TERM

mount_on() { # type, place
  mountpoint -q "$2" && return
  mount -t "$1" "$1" "$2"
  mounts="$2 $mounts"
}

quietly() { "$@" </dev/null >>"$log" 2>&1 || { tail -n 40 "$log" >&2; fail "failed: $*"; }; }

# --- the host ---

host="debootstrap"
test $arch = i386 || host="$host qemu-user-static binfmt-support"
missing=
for package in $host; do
  dpkg-query -W -f '${db:Status-Abbrev}' $package 2>/dev/null | grep -q '^ii' || missing="$missing $package"
done
if test -n "$missing"; then
  echo "installing on this machine:$missing"
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  apt-get install -y -q --no-install-recommends $missing </dev/null >>"$log" 2>&1 || {
    quietly apt-get update -q
    quietly apt-get install -y -q --no-install-recommends $missing
  }
fi
if test $arch = arm64; then
  mount_on binfmt_misc /proc/sys/fs/binfmt_misc
  test -e /proc/sys/fs/binfmt_misc/qemu-aarch64 || quietly update-binfmts --enable qemu-aarch64
fi

# --- the folder ---

ready=$folder/.rdyncall-ready
if ! test -f "$ready"; then
  test ! -e "$folder" || rmdir "$folder" 2>/dev/null || fail "$folder is there but not complete: remove it"
  mirror=`apt-cache policy | awk '
    $1 ~ /^[0-9]+$/ { url = $2 }
    $1 == "release" && /o=Debian,/ && /l=Debian,/ && url ~ /:/ { print url; exit }'`
  test -n "$mirror" || fail "the apt configuration of this machine names no Debian mirror"
  echo "making a Debian folder for $arch"
  quietly debootstrap --arch=$arch --variant=minbase $suite "$folder" "$mirror"
fi
mount_on proc "$folder/proc"
mount_on sysfs "$folder/sys" # OpenCL on the processor asks it for memory
inside() { # a command in the folder
  env -i HOME=/root LANG=C.UTF-8 PATH=/opt/cross/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive ${RDYNCALL_CI:+RDYNCALL_CI=$RDYNCALL_CI} chroot "$folder" "$@"
}
if ! test -f "$ready"; then
  cp /etc/resolv.conf "$folder/etc/resolv.conf"
  touch "$ready"
fi

# The compilers for arm64 that run on x86-64 without the emulator, which makes them 20 times as fast. Their
# packages share files with those of arm64, so that they are only unpacked, and come first in PATH.
if test $arch = arm64 && test "`uname -m`" = x86_64 && ! test -d "$folder/opt/cross/bin"; then
  echo "installing compilers of this machine there"
  quietly inside sh -c 'set -e
    dpkg --add-architecture amd64
    apt-get update -q
    apt-get install -y -q --no-install-recommends libbinutils:amd64 libllvm14:amd64 libisl23:amd64 \
      libmpc3:amd64
    rm -rf /opt/cross
    mkdir -p /opt/cross/packages
    cd /opt/cross/packages
    apt-get download -q gcc-12-aarch64-linux-gnu:amd64 cpp-12-aarch64-linux-gnu:amd64 \
      binutils-aarch64-linux-gnu:amd64 libgcc-12-dev-arm64-cross clang-14:amd64 libclang-cpp14:amd64
    for package in *.deb; do dpkg-deb -x $package /opt/cross; done
    cp -L /opt/cross/usr/lib/x86_64-linux-gnu/*.so* /usr/lib/x86_64-linux-gnu/
    mkdir /opt/cross/programs
    cd /opt/cross/programs
    ln -s ../usr/bin/aarch64-linux-gnu-gcc-12 gcc
    echo "#!/bin/sh
exec /opt/cross/usr/bin/clang-14 --target=aarch64-linux-gnu \"\$@\"" >clang
    chmod +x clang
    mv /opt/cross/programs /opt/cross/bin'
fi

# --- the package ---

rm -rf "$folder/root/rdyncall" "$folder/root/lib"
mkdir "$folder/root/rdyncall" "$folder/root/lib"
tar cf - -C "$source" --exclude=./.git --exclude=./.build --exclude=./.lib --exclude='*.o' \
  --exclude='*.so' --exclude=./src/Makevars . | tar xf - --no-same-owner -C "$folder/root/rdyncall"
inside sh -c 'cd /root/rdyncall && sh tools/deps.sh test strict core && apt-get clean'
inside sh -c 'dpkg --print-architecture; R --version | sed -n 1p; gcc --version | sed -n 1p
  echo "libffi `pkg-config --modversion libffi`"'
test -n "$core" || inside sh -c "cd /root/rdyncall && MAKEFLAGS=-j`nproc` R CMD INSTALL --library=/root/lib . \
  >/root/install.log 2>&1 </dev/null || { tail -n 40 /root/install.log; exit 1; }"

if test -n "$core"; then
  # the emulator has no shadow memory for the sanitizers
  test $arch = i386 && sanitize= || sanitize=SANITIZE=
  inside sh -c "cd /root/rdyncall && DEPS=no exec make sanitize $sanitize"
elif test -n "$abi"; then
  inside sh -c "cd /root/rdyncall && R_LIBS=/root/lib DEPS=no exec Rscript dev/abi/run.R \
    --n $abi --r-lib /root/lib $abi_options"
else
  inside sh -c "cd /root/rdyncall && R_LIBS=/root/lib sh tools/with-display.sh \
    Rscript tools/run-tests.R '$filter'"
fi
