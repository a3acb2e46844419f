// Trainings side by side, one per core, under one progress bar.
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "compare/compare.h"

namespace braid::compare {

/// Several pieces of work that share the job's threads and one bar.
class SideBySide {
 public:
  /// `task` opens the progress line: "compare".
  SideBySide(const CompareJob& job, std::string task, size_t num_pieces);

  struct Piece {
    size_t index;                                  // among all pieces of the bar
    std::string name;                              // opens errors: "concat"
    std::string label;                             // of progress: "concat seed 1"
    std::function<void(const Sinks& sinks)> work;  // its progress goes to `sinks`
  };
  /// Runs the pieces in their order, one per thread at a time; each has an even share of the
  /// threads. False where the job was stopped. Errors: those of the pieces, opened by their names.
  bool run(const std::vector<Piece>& pieces);

 private:
  Sinks sinks_of(const Piece& piece);
  void report(size_t index, double fraction, const std::string& detail);
  bool is_stopped() const { return job_.stop != nullptr && *job_.stop; }
  const CompareJob& job_;
  const std::string task_;
  std::mutex mutex_;
  std::vector<double> fractions_;
};

}  // namespace braid::compare
