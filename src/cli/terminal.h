// Progress and log lines on stderr: a bar on a terminal, plain lines elsewhere.
#pragma once
#include <memory>
#include <string>

#include "core/log.h"

namespace braid::cli {

/// Thread-safe. The last bar is cleared by finish() or the destructor.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Sinks sinks();
  void finish();
  /// Columns of stdout, 100 where it is no terminal.
  static int width();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// "1m 23s"
std::string duration(double seconds);

}  // namespace braid::cli
