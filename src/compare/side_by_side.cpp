#include "compare/side_by_side.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "core/error.h"
#include "core/thread_pool.h"

namespace braid::compare {

SideBySide::SideBySide(const CompareJob& job, std::string task, size_t num_pieces)
    : job_(job), task_(std::move(task)), fractions_(num_pieces, 0.0) {}

Sinks SideBySide::sinks_of(const Piece& piece) {
  Sinks inner;
  inner.log = job_.sinks.log;
  inner.progress = [this, piece](const ProgressTick& t) {
    const double fraction =
        t.total > 0 ? static_cast<double>(t.done) / static_cast<double>(t.total) : 0.0;
    report(piece.index, fraction, piece.label + ": " + t.detail);
  };
  return inner;
}

void SideBySide::report(size_t index, double fraction, const std::string& detail) {
  std::lock_guard<std::mutex> lock(mutex_);
  fractions_[index] = fraction;
  double sum = 0;
  for (double f : fractions_) sum += f;
  ProgressTick t;
  t.task = task_;
  t.done = static_cast<int64_t>(sum * 1000);
  t.total = static_cast<int64_t>(fractions_.size()) * 1000;
  t.detail = detail;
  job_.sinks.tick(t);
}

bool SideBySide::run(const std::vector<Piece>& pieces) {
  const int at_once = static_cast<int>(
      std::max<size_t>(1, std::min(pieces.size(), static_cast<size_t>(job_.num_threads))));
  parallel_for(static_cast<int64_t>(pieces.size()), at_once, [&](int64_t i) {
    if (is_stopped()) return;
    at::set_num_threads(std::max(1, job_.num_threads / at_once));
    const Piece& piece = pieces[static_cast<size_t>(i)];
    try {
      piece.work(sinks_of(piece));
    } catch (const Error& e) {
      rethrow_with(e, piece.name);
    }
    if (!is_stopped()) report(piece.index, 1.0, piece.label + " done");
  });
  return !is_stopped();
}

}  // namespace braid::compare
