#!/bin/sh
# The CI, job by job. Usage: tools/ci.sh JOB... (quick, lint, release, asan, nopch)
# quick and lint are what every change has to pass (.ci/run); lint uses the program that quick built.
set -eu
cd "$(dirname "$0")/.."
. tools/jobs.sh

# Builds a preset.
build() {
  cmake --preset "$1" && cmake --build --preset "$1" -j "$build_jobs"
}

for job in "$@"; do
  echo "== $job"
  case "$job" in
    quick) ./test ;;
    lint)
      tools/install_packages.sh core test bench lint
      tools/check_format.sh
      python3 tools/check_layers.py
      python3 tools/check_sizes.py
      python3 tools/check_docs.py build/dev/bin/braid
      python3 tools/conformance.py build/dev/bin --check
      ;;
    release) ./test --release ;;
    asan)
      tools/install_packages.sh core test bench
      build asan
      # libtorch keeps global state to the end of the process, which is not a leak of ours.
      ASAN_OPTIONS=detect_leaks=0 ctest --preset asan -j "$test_jobs"
      ;;
    nopch)
      tools/install_packages.sh core bench
      build nopch
      ;;
    *)
      echo "tools/ci.sh: unknown job '$job' (known: quick, lint, release, asan, nopch)" >&2
      exit 2
      ;;
  esac
done
