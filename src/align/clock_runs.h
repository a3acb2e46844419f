// Times in the order in which they came, taken apart: what goes back, strays, and eras between
// resets of the clock. What checking and repairing share.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace braid::align {

struct ClockRuns {
  int64_t step_ns = 0;           // median of the steps above 0; 0 where there is none
  int64_t spread_ns = 0;         // their median absolute deviation
  int64_t jump_ns = INT64_MAX;   // a longer step is a jump
  std::vector<int64_t> eras;     // (N) counted from 0; -1 = a stray
  std::vector<int64_t> resets;   // the first measurement of every era but the first
  std::vector<int64_t> strays;   // measurements whose time lies apart from their neighbours'
  std::vector<int64_t> late;     // measurements that go back without a reset
  std::vector<int64_t> back_ns;  // by how much, one for each of `late`
};

/// Runs end where a step is negative or a jump. A run that goes back by more than a jump starts an
/// era, unless it fills a hole of its own era (a late packet). One or two measurements after which
/// the run before goes on are late where they lie inside the era, strays otherwise. Where more
/// than 5 % of the steps (and more than 2) are negative, the order says nothing: one era.
///
/// Errors   data: a time beyond 146 years.
/// Cost     O(N log N) at worst.
ClockRuns find_runs(const std::string& name, const std::vector<int64_t>& times_ns,
                    double jump_factor, double jump_spreads);

/// Measurements but strays, era by era, ascending within; those of one time as they came.
std::vector<int64_t> ascending(const ClockRuns& runs, const std::vector<int64_t>& times_ns);

/// The jump from order[i - 1] to order[i] is no gap but a step of the clock: the steps before it
/// are even enough to tell, and it differs from a whole number of them by more than a tenth of one.
bool is_forward_step(const ClockRuns& runs, const std::vector<int64_t>& times_ns,
                     const std::vector<int64_t>& order, size_t i);

/// Errors   data: a time beyond 146 years, so that two may be subtracted.
void check_range(const std::string& name, const std::vector<int64_t>& times_ns);

}  // namespace braid::align
