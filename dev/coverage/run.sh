#!/bin/sh
# Line coverage of src/ by the tests of the package (gcc and gcov):
#   dev/coverage/run.sh [test files]     all files, or those whose names are given: call struct
# Prints the table and, when all tests ran, writes RESULTS.md beside this file. notes.txt says in a phrase
# why lines are not covered. The exit status is 1 when less than 95 % of the lines are.
set -e
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/coverage.XXXXXX")
trap 'rm -rf "$work"' 0
trap 'exit 1' HUP INT TERM

mkdir "$work/lib" "$work/tree"
(cd "$root" && tar cf - --exclude='*.o' --exclude='*.so' --exclude=src/Makevars DESCRIPTION NAMESPACE \
  LICENSE NEWS.md configure cleanup R src inst man demo tests tools) | tar xf - -C "$work/tree"
printf '%s\n' 'CC = gcc' 'CFLAGS = -std=gnu99 -g -O0 --coverage -fprofile-update=atomic' \
  'LDFLAGS += --coverage' 'SHLIB_LIBADD = -lgcov' >"$work/personal.mk"

unset MAKEFLAGS MAKELEVEL
R_MAKEVARS_USER="$work/personal.mk" nice R CMD INSTALL --no-docs --no-test-load --library="$work/lib" \
  "$work/tree" >"$work/install.log" 2>&1 || { cat "$work/install.log"; exit 1; }

filter=
test $# -eq 0 || filter="^($(echo "$*" | tr ' ' '|'))\$"
(cd "$work/tree" && LC_ALL=C.UTF-8 R_LIBS="$work/lib${R_LIBS:+:$R_LIBS}" \
  nice sh tools/with-display.sh Rscript tools/run-tests.R "$filter") >"$work/tests.log" 2>&1 ||
  grep -E '^(Failure|Error) ' "$work/tests.log" || true
verdict=$(tail -n 1 "$work/tests.log")
echo "$verdict"

(cd "$work/tree/src" && gcov -o . ./*.c >"$work/gcov.log" 2>&1)
Rscript "$here/report.R" "$work/tree/src" "$here" "$verdict" $#
