#include "tensor_verbs/latency.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "core/error.h"

namespace braid::tensor_verbs {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr int kStartTime = 22;  // field of /proc/self/stat, counted from 1; see proc(5)

}  // namespace

double percentile(const std::vector<double>& sorted, double percent) {
  if (sorted.empty()) return kUnknown;
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
  const size_t last = sorted.size() - 1;
  return sorted[std::min(last, static_cast<size_t>(std::max(rank, 1.0)) - 1)];
}

Latency summarize(std::vector<double> durations_s) {
  BRAID_ASSERT(!durations_s.empty());
  std::sort(durations_s.begin(), durations_s.end());
  double sum = 0;
  for (double s : durations_s) sum += s;
  Latency latency;
  latency.num_calls = static_cast<int64_t>(durations_s.size());
  latency.p50_ms = percentile(durations_s, 50) * 1e3;
  latency.p90_ms = percentile(durations_s, 90) * 1e3;
  latency.p99_ms = latency.num_calls < kCallsForP99 ? kUnknown : percentile(durations_s, 99) * 1e3;
  latency.calls_per_s = static_cast<double>(latency.num_calls) / sum;
  return latency;
}

std::vector<double> time_calls(const std::function<void(int64_t)>& call, double seconds,
                               int64_t at_least, const std::function<bool()>& is_stopped) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> durations;
  const Clock::time_point begin = Clock::now();
  Clock::time_point before = begin;
  for (int64_t i = 0; !is_stopped(); ++i) {
    if (i >= at_least && std::chrono::duration<double>(before - begin).count() >= seconds) break;
    before = Clock::now();
    call(i);
    const Clock::time_point after = Clock::now();
    durations.push_back(std::chrono::duration<double>(after - before).count());
    before = after;
  }
  return durations;
}

double seconds_since_start() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The second field is the program's name in brackets, which may hold anything.
  const size_t name_end = text.find_last_of(')');
  if (name_end == std::string::npos) return kUnknown;
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= kStartTime; ++i) fields >> field;
  const double ticks = std::strtod(field.c_str(), nullptr);
  timespec now{};
  if (!fields || ticks <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return kUnknown;
  const double since_boot =
      static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
  return since_boot - ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace braid::tensor_verbs
