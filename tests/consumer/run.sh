#!/bin/sh
# Installs Braid into a new folder, builds a program against it that knows nothing but the package, and runs it on a bundle.
# Usage: run.sh BUILD_FOLDER BRAID_PROGRAM CXX_COMPILER
set -eu
build=$1 braid=$2 compiler=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$braid" synthesize "$work/data" rows=60 missing=0
"$braid" train "$work/data/manifest.csv" --target label --out "$work/run" train.epochs=1
"$braid" calibrate "$work/run/bundle" "$work/data/manifest.csv" --split train --false-alarms 0.1 --out "$work/calibrated"
cmake --install "$build" --prefix "$work/installed" >"$work/install.log"

# The installed program finds the programs behind it, wherever the folder was moved to.
mv "$work/installed" "$work/moved"
"$work/moved/bin/braid" list | grep -q '^fusion:$'
"$work/moved/bin/braid" version --full | grep -q '^libtorch '
[ "$("$work/moved/bin/braid" predict "$work/run/bundle" "$work/data/manifest.csv")" = \
  "$("$braid" predict "$work/run/bundle" "$work/data/manifest.csv")" ]
mv "$work/moved" "$work/installed"

# Only the public headers are there, so only they can be used.
find "$work/installed/include" -name '*.h' | sed "s|$work/installed/include/||" | sort >"$work/headers"
(cd "$here/../../include" && find . -name '*.h' | sed 's|^\./||' | sort) | diff - "$work/headers"

"$here/../../tools/readme_program.py" "$here/../../README.md" >"$work/readme.cpp"
cmake -S "$here" -B "$work/build" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror" \
  -DCMAKE_PREFIX_PATH="$work/installed" -DREADME_PROGRAM="$work/readme.cpp" >"$work/configure.log"
cmake --build "$work/build"

# Fields of the first row, in the order they were asked for.
field() { "$here/field.py" "$work/data/manifest.csv" 0 "$1"; }
image=$work/data/$(field image) audio=$work/data/$(field audio) text=$(field text)
"$work/build/consumer" "$work/run/bundle" "$work/calibrated" "$image" "$audio" "$text" | tee "$work/consumed"
label=$("$braid" predict "$work/run/bundle" --image "$image" --audio "$audio" --text "$text" | head -n 1)
grep -qx "files $label" "$work/consumed" || { echo "expected the label of 'braid predict', $label" >&2; exit 1; }
grep -qx "memory $label" "$work/consumed"
"$braid" version | grep -qx "braid $(sed -n 's/^version //p' "$work/consumed")"
"$work/build/readme" "$work/run/bundle" "$image" "$audio" "$text" | tee "$work/readme.out"
grep -q "$label" "$work/readme.out" || { echo "README's program: expected the label $label" >&2; exit 1; }
