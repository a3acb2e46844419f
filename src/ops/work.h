// How much arithmetic a piece of code does.
#pragma once
#include <cstdint>

namespace braid::ops {

/// Counts the multiply-adds that this thread asks for while it lives: matrix products and
/// convolutions, libtorch's and ours, forward passes only. Passes over elements (activations,
/// norms) are not counted. Scopes nest: what an inner one counted, the outer one has too.
///
/// Cost     libtorch tells every operation, so only for counting, not around what is timed.
class WorkScope {
 public:
  WorkScope();
  ~WorkScope();
  WorkScope(const WorkScope&) = delete;
  WorkScope& operator=(const WorkScope&) = delete;
  int64_t multiply_adds() const { return multiply_adds_; }

 private:
  friend void count_work(int64_t multiply_adds);
  WorkScope* outer_;
  int64_t multiply_adds_ = 0;
};

/// Adds to the scope of this thread, if there is one: for operations that do not go through
/// libtorch.
void count_work(int64_t multiply_adds);

}  // namespace braid::ops
