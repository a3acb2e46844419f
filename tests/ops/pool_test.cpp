#include "ops/pool.h"

#include <cmath>

#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

Tensor picture(at::IntArrayRef shape) {
  return at::randn(shape).contiguous(at::MemoryFormat::ChannelsLast);
}

TEST(pool, fast_equals_slow_for_odd_sides_and_channels) {
  torch::manual_seed(1);
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{2, 16, 4, 4}, {3, 5, 7, 6}, {1, 33, 2, 3}, {40, 32, 14, 14}}) {
    const Outputs inputs = {picture(shape)};
    for (const std::string& name : checks::fast_kernels()) {
      SCOPED_TRACE(fmt::format("{} [{}]", name, fmt::join(shape, ", ")));
      const checks::WithKernels kernels(name);
      checks::same_values_and_gradients(
          [](const Outputs& v) { return Outputs{max_pool(v[0])}; },
          [](const Outputs& v) { return Outputs{max_pool_reference(v[0])}; }, inputs,
          /*tolerance=*/0);
      for (int64_t regions : {1, 3, 4})
        checks::same_values_and_gradients(
            [&](const Outputs& v) { return Outputs{region_means(v[0], regions)}; },
            [&](const Outputs& v) { return Outputs{region_means_reference(v[0], regions)}; },
            inputs);
    }
  }
}

TEST(pool, by_hand) {
  // Rows 1 5 2 / 3 4 6 / 0 0 9: the only whole window holds 1 5 3 4; halves of 3 share the middle.
  const Tensor x = at::tensor({1.0f, 5.0f, 2.0f, 3.0f, 4.0f, 6.0f, 0.0f, 0.0f, 9.0f})
                       .view({1, 1, 3, 3})
                       .contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(checks::close(max_pool(x).flatten(), at::tensor({5.0f})));
  EXPECT_TRUE(
      checks::close(region_means(x, 2).flatten(), at::tensor({3.25f, 4.25f, 1.75f, 4.75f})));
}

TEST(pool, nan_wins_and_a_tie_goes_to_the_first) {
  Tensor x = at::tensor({1.0f, std::nanf(""), 7.0f, 2.0f}).view({1, 1, 2, 2});
  EXPECT_TRUE(std::isnan(max_pool(x.contiguous(at::MemoryFormat::ChannelsLast)).item<float>()));
  x = at::full({1, 1, 2, 2}, 3.0).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
  max_pool(x).sum().backward();
  EXPECT_TRUE(checks::close(x.grad().flatten(), at::tensor({1.0f, 0.0f, 0.0f, 0.0f})));
}

}  // namespace
}  // namespace braid::ops
