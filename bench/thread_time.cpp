#include "bench/thread_time.h"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/error.h"

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

double copy_bytes_per_s() {
  std::vector<char> from(size_t{1} << 27, 1), to(from.size());
  double best_s = 1e9;
  for (int i = 0; i < 5; ++i) {
    const double started = thread_s();
    std::memcpy(to.data(), from.data(), from.size());
    best_s = std::min(best_s, thread_s() - started);
  }
  BRAID_CHECK(to[to.size() / 2] == 1, internal, "copy: expected what was copied");
  return 2.0 * static_cast<double>(from.size()) / best_s;
}

}  // namespace braid::bench
