// How much arithmetic a piece of code does.
#pragma once
#include <cstdint>

namespace braid::ops {

/// Arithmetic, and calls of libtorch's operators, each of which takes time to issue.
struct Work {
  int64_t multiply_adds = 0;  // of matrix products and convolutions, libtorch's and ours
  int64_t num_calls = 0;      // operators that operators call included
};

/// Counts the work that this thread asks for while it lives, forward passes only. Scopes nest: what
/// an inner one counted, the outer one has too.
///
/// Cost     libtorch tells every operation, so only for counting, not around what is timed.
class WorkScope {
 public:
  WorkScope();
  ~WorkScope();
  WorkScope(const WorkScope&) = delete;
  WorkScope& operator=(const WorkScope&) = delete;
  const Work& work() const { return work_; }

 private:
  friend void count_work(const Work& work);
  WorkScope* outer_;
  Work work_;
};

/// Adds to the scope of this thread, if there is one: for operations that do not go through
/// libtorch.
void count_work(const Work& work);

}  // namespace braid::ops
