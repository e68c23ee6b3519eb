#!/bin/sh
# Runs a command, under an X server of its own (Xvfb) when no display is set: with-display.sh COMMAND ...

if test -n "$DISPLAY" || ! command -v Xvfb >/dev/null 2>&1; then
  exec "$@"
fi

dir=`mktemp -d`
Xvfb -displayfd 3 -noreset -screen 0 1280x1024x24 -nolisten tcp 3>"$dir/display" >"$dir/log" 2>&1 </dev/null &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$dir"' 0
trap 'exit 130' INT
trap 'exit 143' HUP TERM

tries=0
until test -s "$dir/display"; do
  tries=$((tries + 1))
  if test $tries -gt 100 || ! kill -0 $server 2>/dev/null; then
    echo "with-display.sh: Xvfb did not start" >&2
    cat "$dir/log" >&2
    exit 1
  fi
  sleep 0.1
done
DISPLAY=":`cat "$dir/display"`"
export DISPLAY
unset XAUTHORITY

"$@"
exit $?
