#include "cli/terminal.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>

namespace braid::cli {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

int columns_of(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

}  // namespace

struct Terminal::State {
  // A bar is drawn at most this often; a plain line is printed at most this often.
  static constexpr double kBarEvery = 0.1, kLineEvery = 10.0;

  std::mutex mutex;
  bool is_terminal = isatty(STDERR_FILENO) != 0;
  bool has_bar = false;
  struct Task {
    Clock::time_point started = Clock::now();
    int64_t first_done = 0;  // a resumed task did not do these now
    double shown_at = -1e9;
  };
  std::map<std::string, Task> tasks;

  void clear() {
    if (has_bar) std::fputs("\r\033[K", stderr);
    has_bar = false;
  }
  void line(const std::string& text) {
    clear();
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  void tick(const ProgressTick& t) {
    auto [it, is_new] = tasks.try_emplace(t.task);
    Task& task = it->second;
    if (is_new) task.first_done = t.done;
    const double elapsed = since(task.started);
    const bool is_last = t.total > 0 && t.done >= t.total;
    if (!is_last && elapsed - task.shown_at < (is_terminal ? kBarEvery : kLineEvery)) return;
    if (!is_terminal && !is_last && elapsed < kLineEvery) return;  // short tasks need no lines
    task.shown_at = elapsed;
    const double share =
        t.total > 0 ? std::min(1.0, static_cast<double>(t.done) / static_cast<double>(t.total))
                    : 0.0;
    const double done_now = static_cast<double>(t.done - task.first_done);
    std::string left;
    if (!is_last && done_now > 0 && elapsed > 1)
      left = fmt::format(" {} left",
                         duration(elapsed * static_cast<double>(t.total - t.done) / done_now));
    if (is_terminal) {
      constexpr int kBar = 20;
      const int filled = static_cast<int>(share * kBar);
      std::string text = fmt::format(
          "{} [{}{}] {:3.0f}%{} {}", t.task, std::string(static_cast<size_t>(filled), '#'),
          std::string(static_cast<size_t>(kBar - filled), '.'), share * 100, left, t.detail);
      const size_t columns = static_cast<size_t>(columns_of(STDERR_FILENO));
      if (text.size() >= columns) text.resize(columns - 1);
      std::fprintf(stderr, "\r\033[K%s", text.c_str());
      has_bar = true;
      if (is_last) clear();
    } else {
      std::fprintf(stderr, "%s %3.0f%% %s%s\n", t.task.c_str(), share * 100, t.detail.c_str(),
                   left.c_str());
    }
    if (is_last) tasks.erase(t.task);
    std::fflush(stderr);
  }
};

Terminal::Terminal() : state_(std::make_shared<State>()) {}
Terminal::~Terminal() { finish(); }

Sinks Terminal::sinks() {
  Sinks sinks;
  sinks.log = [state = state_](LogLevel level, const std::string& text) {
    std::lock_guard<std::mutex> lock(state->mutex);
    state->line(level == LogLevel::warning ? "warning: " + text : text);
  };
  sinks.progress = [state = state_](const ProgressTick& tick) {
    std::lock_guard<std::mutex> lock(state->mutex);
    state->tick(tick);
  };
  return sinks;
}

void Terminal::finish() {
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->clear();
}

int Terminal::width() { return isatty(STDOUT_FILENO) ? columns_of(STDOUT_FILENO) : 120; }

std::string duration(double seconds) {
  const int64_t s = static_cast<int64_t>(seconds + 0.5);
  if (s >= 3600) return fmt::format("{}h {:02}m", s / 3600, s / 60 % 60);
  if (s >= 60) return fmt::format("{}m {:02}s", s / 60, s % 60);
  return fmt::format("{}s", s);
}

}  // namespace braid::cli
