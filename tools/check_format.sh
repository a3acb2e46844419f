#!/bin/sh
# Fails where a C++ file is not formatted; with --fix, formats it. clang-format 14, so that every machine agrees.
set -eu
cd "$(dirname "$0")/.."
tool=$(command -v clang-format-14 || true)
if [ -z "$tool" ]; then
  echo "tools/check_format.sh: expected clang-format-14, got none; run tools/install_packages.sh lint" >&2
  exit 5
fi
mode="--dry-run -Werror"
[ "${1:-}" != --fix ] || mode=-i
# shellcheck disable=SC2086  # two words
git ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.h' | xargs -0 -r "$tool" $mode
echo "format: done"
