# shellcheck shell=sh disable=SC2034
# Sourced by the scripts: how many compilers and tests to run at once.
# A file with libtorch's headers takes a compiler 1.5 GB, so memory limits the number as cores do.
cores=$(nproc)
memory_kb=$(awk '$1 == "MemAvailable:" {print $2}' /proc/meminfo)
build_jobs=$((memory_kb / 1600000))
[ "$build_jobs" -le "$cores" ] || build_jobs=$cores
[ "$build_jobs" -ge 1 ] || build_jobs=1
test_jobs=$cores
# Waiting OpenMP threads spin by default; beside other busy processes that makes small steps ten times slower.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"
