// When tasks run side by side, and that they see what their caller set.
#include "ops/side_by_side.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <stdexcept>

#include "ops/memory.h"
#include "ops/parallel.h"
#include "ops/precision.h"

namespace braid::ops {
namespace {

using Order = std::vector<int64_t>;

class TwoThreads {
 public:
  TwoThreads() { at::set_num_threads(2); }
  ~TwoThreads() { at::set_num_threads(before_); }

 private:
  int before_ = at::get_num_threads();
};

// Microseconds on one thread: 60 for a million multiply-adds, 0.15 a call; 60 to wake the others.
TEST(side_by_side, small_tasks_run_side_by_side_the_longest_first) {
  EXPECT_EQ(order_side_by_side({{2'000'000, 100}, {4'000'000, 400}, {3'000'000, 0}}, 2),
            (Order{1, 2, 0}));
  EXPECT_EQ(order_side_by_side({{4'000'000, 0}, {0, 1500}}, 2), (Order{0, 1}));
}

TEST(side_by_side, tiny_tasks_are_not_worth_waking_a_thread) {
  EXPECT_EQ(order_side_by_side({{400'000, 200}, {5000, 70}}, 2), Order());
}

TEST(side_by_side, large_tasks_run_side_by_side_where_they_are_equal) {
  const Work large{500'000'000, 100};
  EXPECT_EQ(order_side_by_side({large, large}, 2), (Order{0, 1}));
  EXPECT_EQ(order_side_by_side({large, large, large}, 2), Order());
  EXPECT_EQ(order_side_by_side({large, {5'000'000, 300}}, 2), Order());
}

TEST(side_by_side, nothing_is_gained_by_one_task_or_one_thread) {
  const Work task{3'000'000, 500};
  EXPECT_EQ(order_side_by_side({task}, 2), Order());
  EXPECT_EQ(order_side_by_side({task, task}, 1), Order());
  EXPECT_EQ(order_side_by_side({}, 2), Order());
}

TEST(side_by_side, every_task_runs_once_in_one_thread_with_the_callers_modes) {
  const TwoThreads threads;
  const c10::InferenceMode inference;
  const PrecisionScope precision(Precision::bf16);
  const MemoryScope memory;
  const bool is_pooled = MemoryScope::is_open();
  std::vector<int> good(5);
  side_by_side({4, 3, 2, 1, 0}, [&](int64_t i) {
    const bool has_modes = c10::InferenceMode::is_enabled() && !at::GradMode::is_enabled() &&
                           current_precision() == Precision::bf16 &&
                           MemoryScope::is_open() == is_pooled;
    good[static_cast<size_t>(i)] +=
        has_modes && at::get_num_threads() == 1 && num_shares(1 << 20, 1) == 1;
  });
  EXPECT_EQ(good, std::vector<int>(5, 1));
  EXPECT_EQ(at::get_num_threads(), 2);  // as before
}

TEST(side_by_side, products_inside_are_those_outside) {
  const TwoThreads threads;
  const at::Tensor a = at::arange(200.0).view({10, 20}), b = at::ones({20, 300});
  std::vector<at::Tensor> made(4);
  side_by_side({0, 1, 2, 3}, [&](int64_t i) { made[static_cast<size_t>(i)] = at::mm(a, b); });
  for (const at::Tensor& one : made) EXPECT_TRUE(at::equal(one, at::mm(a, b)));
}

TEST(side_by_side, the_first_error_is_thrown_after_all_have_ended) {
  const TwoThreads threads;
  std::vector<int> ran(4);
  try {
    side_by_side({3, 2, 1, 0}, [&](int64_t i) {
      ran[static_cast<size_t>(i)] = 1;
      if (i == 1 || i == 3) throw std::runtime_error(std::to_string(i));
    });
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "1");
  }
  EXPECT_EQ(ran, (std::vector<int>{1, 1, 1, 1}));
}

}  // namespace
}  // namespace braid::ops
