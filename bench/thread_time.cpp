#include "bench/thread_time.h"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace braid::bench {

double thread_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double median_s(const std::function<double()>& work) {
  double started = thread_s();
  work();
  const double once_s = std::max(1e-7, thread_s() - started);
  const auto calls = static_cast<int64_t>(std::max(1.0, 0.01 / once_s));
  std::vector<double> rounds;
  for (int round = 0; round < 15; ++round) {
    started = thread_s();
    for (int64_t call = 0; call < calls; ++call) work();
    rounds.push_back((thread_s() - started) / static_cast<double>(calls));
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

}  // namespace braid::bench
