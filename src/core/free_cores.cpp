#include "core/free_cores.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <mutex>
#include <sstream>

namespace braid {
namespace {

constexpr double kPeriod_s = 0.1;  // ten ticks of the system's clock, the least that says something

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
}

// everyone_s is negative where nothing can be read.
CoreUse look(const cpu_set_t& cores) {
  std::ifstream file("/proc/stat");
  std::ostringstream text;
  for (std::string line; std::getline(file, line) && line.compare(0, 3, "cpu") == 0;)
    text << line << '\n';
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  const bool counts_nice = getpriority(PRIO_PROCESS, 0) > 0;
  return {now_s(), busy_s(text.str(), cores, counts_nice),
          seconds_of(own.ru_utime) + seconds_of(own.ru_stime)};
}

class Meter {
 public:
  int count() {
    const double now = now_s();
    if (now < next_look_s_.load(std::memory_order_relaxed)) return count_;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (now < next_look_s_.load(std::memory_order_relaxed)) return count_;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) return count_;
    const CoreUse use = look(cores);
    const int all = std::max(1, CPU_COUNT(&cores));
    const bool is_first = next_look_s_ == 0, is_known = use.everyone_s >= 0;
    count_ = is_first || !is_known ? all : cores_left(all, last_, use);
    last_ = use;
    next_look_s_ = now + kPeriod_s;
    return count_;
  }

 private:
  std::mutex mutex_;
  std::atomic<double> next_look_s_{0};
  std::atomic<int> count_{1};
  CoreUse last_;
};

}  // namespace

int free_cores() {
  static Meter meter;
  return meter.count();
}

int cores_left(int cores, const CoreUse& before, const CoreUse& now) {
  const double elapsed = now.time_s - before.time_s;
  if (!(elapsed > 0)) return cores;
  const double others =
      ((now.everyone_s - before.everyone_s) - (now.own_s - before.own_s)) / elapsed;
  return std::clamp(static_cast<int>(std::lround(cores - others)), 1, cores);
}

double busy_s(const std::string& proc_stat, const cpu_set_t& cores, bool counts_nice) {
  const double ticks_per_s = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::istringstream lines(proc_stat);
  double ticks = 0;
  bool is_any = false;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft_irq = 0;
    words >> name >> user >> nice >> system >> idle >> waiting >> irq >> soft_irq;
    // "cpu" alone is the sum of all.
    if (words.fail() || name.size() < 4 || name.compare(0, 3, "cpu") != 0) continue;
    if (name.find_first_not_of("0123456789", 3) != std::string::npos) continue;
    const unsigned long core = std::stoul(name.substr(3));
    if (core >= CPU_SETSIZE || !CPU_ISSET(core, &cores)) continue;
    is_any = true;
    ticks += user + system + irq + soft_irq + (counts_nice ? nice : 0);
  }
  return is_any ? ticks / ticks_per_s : -1;
}

}  // namespace braid
