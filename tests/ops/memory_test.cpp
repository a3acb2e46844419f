#include "ops/memory.h"

#include <thread>

#include "support/module_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;

// With AddressSanitizer the scope does nothing.
bool is_pooled() {
  const MemoryScope scope;
  const Tensor x = at::ones({4});
  return memory_use().used_bytes > 0;
}

TEST(memory, the_second_step_takes_nothing_from_the_system) {
  if (!is_pooled()) GTEST_SKIP() << "memory is watched by a sanitizer";
  const MemoryScope scope;
  const auto step = [] {
    Tensor x = at::ones({300, 200}).requires_grad_(true);
    (x * 2).exp().sum().backward();
    const Tensor large = at::zeros({3, 1 << 20});
    return (x.grad().sum() + large.sum()).item<double>();
  };
  const double first = step();
  const int64_t taken = memory_use().num_taken;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(step(), first);
  EXPECT_EQ(memory_use().num_taken, taken);
}

TEST(memory, outside_a_scope_nothing_is_pooled) {
  {
    const MemoryScope scope;
    const MemoryScope inner;
  }
  const MemoryUse before = memory_use();
  const Tensor x = at::ones({5000});
  EXPECT_EQ(memory_use().used_bytes, before.used_bytes);
  EXPECT_EQ(memory_use().num_taken, before.num_taken);
}

TEST(memory, tensors_outlive_their_scope_and_thread) {
  Tensor x;
  const int64_t used = memory_use().used_bytes;
  std::thread([&x] {
    const MemoryScope scope;
    x = at::full({1000}, 3.0);
  }).join();
  EXPECT_EQ(x.sum().item<double>(), 3000.0);
  x = Tensor();
  EXPECT_EQ(memory_use().used_bytes, used);
}

TEST(memory, what_is_kept_is_bounded_by_what_was_used_at_once) {
  if (!is_pooled()) GTEST_SKIP() << "memory is watched by a sanitizer";
  const MemoryScope scope;
  // Ever other sizes, 240 MB in all, of which 16 MB at once.
  for (int64_t size = 100000; size < 4000000; size += 54321) at::ones({size});
  const MemoryUse use = memory_use();
  EXPECT_LE(use.used_bytes + use.kept_bytes, 4 * std::max<int64_t>(use.most_used_bytes, 16 << 20));
  EXPECT_GT(use.kept_bytes, 0);
}

TEST(memory, many_sizes_are_not_fetched_anew_in_every_step) {
  if (!is_pooled()) GTEST_SKIP() << "memory is watched by a sanitizer";
  const MemoryScope scope;
  // One after the other, so that all together are almost three times what is used at once.
  const int64_t largest = std::max<int64_t>(memory_use().most_used_bytes, 16 << 20) / 4;
  const auto step = [largest] {
    for (int64_t tenths : {8, 9, 10}) at::ones({largest * tenths / 10});
  };
  step();
  const int64_t taken = memory_use().num_taken;
  step();
  EXPECT_EQ(memory_use().num_taken, taken);
}

TEST(memory, data_is_aligned_and_empty_tensors_work) {
  const MemoryScope scope;
  for (int64_t size : {1, 3, 1000, 100000, 5000000}) {
    const Tensor x = at::empty({size});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(x.data_ptr()) % 64, 0U);
  }
  EXPECT_EQ(at::empty({0}).numel(), 0);
}

}  // namespace
}  // namespace braid::ops
