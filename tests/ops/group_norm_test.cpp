#include "ops/group_norm.h"

#include <cmath>

#include "ops/parallel.h"
#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

Tensor picture(at::IntArrayRef shape, double mean = 0) {
  return (at::randn(shape) + mean).contiguous(at::MemoryFormat::ChannelsLast);
}

// The first rows of each sample, none of sample 0 where there are several.
Tensor some_rows(int64_t samples, int64_t height) {
  const Tensor count = at::arange(samples).remainder(height + 1).unsqueeze(1);  // [B, 1]
  return at::arange(height).unsqueeze(0).lt(samples > 1 ? count : count + 1);
}

TEST(group_norm, fast_equals_slow_with_and_without_masks) {
  torch::manual_seed(1);
  struct Shape {
    std::vector<int64_t> sizes;
    int64_t groups;
  };
  for (const Shape& shape : {Shape{{2, 16, 4, 4}, 8},
                             {{3, 6, 5, 7}, 3},
                             {{5, 33, 3, 2}, 1},
                             {{40, 32, 14, 14}, 8},
                             {{1, 64, 1, 1}, 8},
                             {{4, 8, 9, 3}, 8}}) {
    const int64_t C = shape.sizes[1];
    const Outputs inputs = {picture(shape.sizes), 1 + 0.3 * at::randn({C}), 0.3 * at::randn({C})};
    for (const Tensor& real : {Tensor(), some_rows(shape.sizes[0], shape.sizes[2])})
      for (const std::string& name : checks::fast_kernels()) {
        SCOPED_TRACE(fmt::format("{} [{}] {}", name, fmt::join(shape.sizes, ", "), real.defined()));
        const checks::WithKernels kernels(name);
        checks::same_values_and_gradients(
            [&](const Outputs& v) {
              return Outputs{group_norm_relu(v[0], real, shape.groups, v[1], v[2])};
            },
            [&](const Outputs& v) {
              return Outputs{group_norm_relu_reference(v[0], real, shape.groups, v[1], v[2])};
            },
            inputs, /*tolerance=*/1e-5);
      }
  }
}

TEST(group_norm, a_large_mean_does_not_cancel) {
  torch::manual_seed(2);
  const Tensor x = picture({2, 16, 6, 6}, /*mean=*/1000), one = at::ones({16}),
               zero = at::zeros({16});
  const Tensor expected = group_norm_relu_reference(x.to(at::kDouble), Tensor(), 4,
                                                    one.to(at::kDouble), zero.to(at::kDouble));
  const double worst =
      (group_norm_relu(x, Tensor(), 4, one, zero) - expected).abs().max().item<double>();
  EXPECT_LT(worst, 2e-3);  // x itself is known to 6e-5 of a deviation of 1
}

TEST(group_norm, by_hand) {
  // One group of two channels, values 1 3 / 5 7: mean 4, variance 5.
  const Tensor x = at::tensor({1.0f, 3.0f, 5.0f, 7.0f})
                       .view({1, 2, 1, 2})
                       .contiguous(at::MemoryFormat::ChannelsLast);
  const double r = 1 / std::sqrt(5 + 1e-5);
  const Tensor got =
      group_norm_relu(x, Tensor(), 1, at::tensor({1.0f, 2.0f}), at::tensor({1.0f, 0.0f}));
  EXPECT_TRUE(checks::close(got.flatten(), at::tensor({0.0, 1 - r, 2 * r, 6 * r}),
                            1e-5));  // relu(1 - 3 r) is 0
}

TEST(group_norm, masked_rows_count_for_nothing_whatever_they_hold) {
  torch::manual_seed(3);
  const Tensor real = some_rows(4, 5), w = at::ones({8}), b = at::zeros({8});
  const Tensor x = picture({4, 8, 5, 3});
  Tensor dirty = x.clone();
  dirty.permute({0, 2, 3, 1}).masked_fill_(real.logical_not().view({4, 5, 1, 1}), std::nan(""));
  const Tensor expected = group_norm_relu(x, real, 4, w, b),
               got = group_norm_relu(dirty, real, 4, w, b);
  EXPECT_TRUE(checks::same_bits(got, expected));
  EXPECT_EQ(got[0].abs().max().item<float>(), 0);  // no row of sample 0 is real
  dirty.requires_grad_(true);
  group_norm_relu(dirty, real, 4, w, b).sum().backward();
  EXPECT_TRUE(at::isfinite(dirty.grad()).all().item<bool>());
}

TEST(group_norm, nan_is_not_hidden) {
  Tensor x = picture({1, 8, 2, 2});
  x[0][0][0][0] = std::nanf("");
  EXPECT_TRUE(
      at::isnan(group_norm_relu(x, Tensor(), 8, at::ones({8}), at::zeros({8}))).any().item<bool>());
}

TEST(group_norm, threads_change_no_bit_of_the_values) {
  torch::manual_seed(4);
  const Tensor x = picture({40, 32, 14, 14}), w = at::ones({32}), b = at::zeros({32});
  const Tensor expected = group_norm_relu(x, Tensor(), 8, w, b);
  for (int threads : {1, 2, 3}) {
    const ThreadScope scope(threads);
    EXPECT_TRUE(checks::same_bits(group_norm_relu(x, Tensor(), 8, w, b), expected));
  }
}

}  // namespace
}  // namespace braid::ops
