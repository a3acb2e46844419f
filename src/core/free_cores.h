// How many cores other programs leave to this one.
#pragma once
#include <sched.h>

#include <string>

namespace braid {

/// Cores this process may run on, less those that programs of its own priority or above kept busy
/// since the last look, rounded, at least 1. All of them before the first 100 ms are over, and
/// where /proc/stat cannot be read.
///
/// Cost     a look at most every 100 ms, some 50 us; 30 ns otherwise. Any thread may call it.
int free_cores();

/// What free_cores() works with: seconds since some beginning.
struct CoreUse {
  double time_s = 0;
  double everyone_s = 0;  // processor time that all programs used on the process's cores
  double own_s = 0;       // that of this process
};

/// Of `cores`, those left between two looks.
int cores_left(int cores, const CoreUse& before, const CoreUse& now);

/// Processor time in `proc_stat`, the text of /proc/stat, on `cores`, in seconds; negative where
/// there is none. Time that another machine took (steal) and time of programs of lower priority,
/// which give way, do not count, the latter unless `counts_nice`.
double busy_s(const std::string& proc_stat, const cpu_set_t& cores, bool counts_nice);

}  // namespace braid
