#!/bin/sh
# Draws an HTML page with headless Chromium, to look at a report before changing it: light, or dark with BRAID_DARK=1.
# Usage: tools/screenshot.sh PAGE OUT.png [WIDTH] [HEIGHT]
set -eu

if [ $# -lt 2 ] || [ $# -gt 4 ]; then
  echo "usage: tools/screenshot.sh PAGE OUT.png [WIDTH] [HEIGHT]" >&2
  exit 2
fi
if [ ! -f "$1" ]; then
  echo "tools/screenshot.sh: $1: no such file" >&2
  exit 5
fi
page=$(realpath "$1")
out=$(realpath -m "$2")
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
  echo "tools/screenshot.sh: needs chromium on the PATH; install it with: apt-get install --no-install-recommends chromium" >&2
  exit 5
fi
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
# Chromium names the colour scheme by number: 0 dark, 1 light.
scheme=1
[ "${BRAID_DARK:-0}" = 1 ] && scheme=0
rm -f "$out"
# No sandbox: it needs rights that containers lack, and the page is our own.
"$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --hide-scrollbars \
  --user-data-dir="$profile" --blink-settings=preferredColorScheme=$scheme \
  --window-size="${3:-1200},${4:-4000}" --screenshot="$out" "file://$page" >"$profile/log" 2>&1 || true
if [ ! -s "$out" ]; then
  tail -5 "$profile/log" >&2
  echo "tools/screenshot.sh: $browser drew nothing" >&2
  exit 1
fi
echo "$out"
