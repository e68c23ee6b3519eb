#!/bin/sh
# Fuzzes the parsers, layouts and plans with libFuzzer, with address and undefined-behaviour sanitizers:
#   dev/fuzz/run.sh [seconds for each target] [sig record port ...]
# Needs clang with its runtime (libclang-rt-*-dev on Debian). Inputs that cover new code are kept in
# .build/fuzz/<target>.corpus; an input that fails is left in .build/fuzz and ends the run.

set -e
cd "`dirname "$0"`/../.."
seconds=${1:-60}
test $# -gt 0 && shift
test $# -gt 0 || set -- sig record port

cc=${FUZZ_CC:-clang}
out=.build/fuzz
core="status arena block strmap encoding os_unix type layout sig port port_head port_literal plan abi"
flags="-std=gnu99 -g -O1 -Isrc -Idev/core `pkg-config --cflags libffi 2>/dev/null`"
flags="$flags -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined"
libs="`pkg-config --libs libffi 2>/dev/null || echo -lffi` -ldl -lpthread -lm"

# The bodies of the shipped ports, one a file, and sections of them.
seed() {
  case $1 in
    sig) sed -n '/^\[func/,/^\[[^f]/p' inst/dynports/*.dynport | sed -n 's/^[A-Za-z_0-9]*(\(.*\)/\1/p' |
           sed 's/ .*//; s/;$//' | sort -u | head -400 ;;
    record) sed -n '/^\[struct/,/^\[[^s]/p' inst/dynports/*.dynport | sed -n '/^[A-Za-z_]/p' ;;
  esac | awk -v out="$2/seed" '{ printf "%s", $0 > (out NR); close(out NR) }'
  if test "$1" = port; then
    for file in inst/dynports/*.dynport; do
      sed -n '/^\[/,/^$/p' "$file" | awk -v out="$2/`basename $file`" '
        /^\[/ { n++; lines = 0; print "#!dynport 2" > (out n) } n && lines++ < 25 { print > (out n) }'
    done
  fi
}

mkdir -p $out
for target; do
  sources="dev/fuzz/fuzz_$target.c dev/core/exercise.c dev/core/scene.c dev/core/values.c"
  for name in $core; do sources="$sources src/$name.c"; done
  $cc $flags -o $out/fuzz_$target $sources $libs
  corpus=$out/$target.corpus
  test -d $corpus || { mkdir -p $corpus && seed $target $corpus; }
  dict=dev/fuzz/sig.dict
  test $target = port && dict=dev/fuzz/port.dict
  echo "== $target: $seconds s"
  ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
    $out/fuzz_$target -max_total_time=$seconds -max_len=4096 -timeout=20 -rss_limit_mb=3000 \
    -dict=$dict -artifact_prefix=$out/$target- -print_final_stats=1 -verbosity=1 $corpus \
    >$out/$target.log 2>&1 || { tail -60 $out/$target.log; exit 1; }
  grep -a 'number_of_executed_units\|average_exec_per_sec' $out/$target.log
  grep -a 'cov:' $out/$target.log | tail -1
done
