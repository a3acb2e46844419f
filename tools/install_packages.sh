#!/bin/sh
# Installs what is missing of the groups named (see tools/packages.txt); without a word when nothing is.
# Usage: tools/install_packages.sh [core] [test] [bench] [peers] [npm] [lint]
set -eu
list=$(dirname "$0")/packages.txt
groups=" ${*:-core} "

wanted=""
while read -r group package _; do
  case "$group" in '' | '#'*) continue ;; esac
  case "$groups" in *" $group "*) wanted="$wanted $package" ;; esac
done <"$list"

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "tools/install_packages.sh: no dpkg on this system, so nothing was checked; the build needs the counterparts of:$wanted" >&2
  exit 0
fi

missing=""
for package in $wanted; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done

if [ -n "$missing" ]; then
  if [ "$(id -u)" -eq 0 ]; then
    as_root=""
  elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
  else
    echo "tools/install_packages.sh: missing packages: expected root or sudo to install them, got neither; run as root: apt-get install$missing" >&2
    exit 5
  fi
  echo "Installing from Debian's packages:$missing" >&2
  # A fresh system has no package lists yet.
  $as_root apt-get -q -q update
  # shellcheck disable=SC2086  # a list of words
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing >&2
fi

# Installed is not enough: the system's choice of BLAS may be another. That choice is the user's, so say it only.
case "$groups" in
  *" core "*)
    for link in /usr/lib/*/libblas.so.3; do
      case "$(readlink -f "$link" 2>/dev/null)" in
        *openblas* | '') ;;
        *) echo "note: $link is not OpenBLAS: training will be many times slower; choose it with: update-alternatives --config libblas.so.3-$(basename "$(dirname "$link")")" >&2 ;;
      esac
    done
    ;;
esac
