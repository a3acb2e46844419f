// Where warnings and progress go: the library never prints, it calls the sink it was given.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace braid {

enum class LogLevel { info, warning };

/// Called with one line, no newline. An empty sink discards.
using LogSink = std::function<void(LogLevel, const std::string&)>;

/// One tick of a long task.
struct ProgressTick {
  std::string task;  // "train image_cnn", "decode"
  int64_t done = 0;
  int64_t total = 0;
  std::string detail;  // "epoch 3/40 loss 0.412 val 0.87"
};
using ProgressSink = std::function<void(const ProgressTick&)>;

struct Sinks {
  LogSink log;
  ProgressSink progress;
  void info(const std::string& line) const {
    if (log) log(LogLevel::info, line);
  }
  void warn(const std::string& line) const {
    if (log) log(LogLevel::warning, line);
  }
  void tick(const ProgressTick& t) const {
    if (progress) progress(t);
  }
};

}  // namespace braid
