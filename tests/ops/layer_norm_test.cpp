#include "ops/layer_norm.h"

#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

void expect_same(const std::vector<int64_t>& shape, bool has_residual) {
  torch::manual_seed(2);
  const int64_t width = shape.back();
  const Outputs inputs = {at::randn(shape) + 3, has_residual ? at::randn(shape) : Tensor(),
                          at::randn({width}), at::randn({width})};
  for (const std::string& name : checks::fast_kernels()) {
    SCOPED_TRACE(fmt::format("{} [{}]", name, fmt::join(shape, ", ")));
    const checks::WithKernels kernels(name);
    checks::same_values_and_gradients(
        [&](const Outputs& v) {
          if (!has_residual) return Outputs{layer_norm(v[0], v[2], v[3])};
          const auto [sum, normed] = add_layer_norm(v[0], v[1], v[2], v[3]);
          return Outputs{normed, sum};
        },
        [&](const Outputs& v) {
          const auto [sum, normed] = add_layer_norm_reference(v[0], v[1], v[2], v[3]);
          return has_residual ? Outputs{normed, sum} : Outputs{normed};
        },
        inputs, /*tolerance=*/2e-5);
  }
}

TEST(layer_norm, fast_equals_slow_for_any_width) {
  for (bool has_residual : {false, true})
    for (int64_t width : {7, 16, 33, 256}) {  // narrower, a row near constant has huge gradients
      expect_same({5, width}, has_residual);
      expect_same({2, 3, width}, has_residual);
      expect_same({1000, width}, has_residual);  // shared by threads
    }
}

TEST(layer_norm, by_hand) {
  // (1, 3): mean 2, variance 1, so (-1, 1) / sqrt(1 + 1e-5); times (2, 3) plus (0, 1).
  const Tensor out = layer_norm(at::tensor({1.0f, 3.0f}).view({1, 2}), at::tensor({2.0f, 3.0f}),
                                at::tensor({0.0f, 1.0f}));
  EXPECT_TRUE(checks::close(out, at::tensor({-1.99999, 3.999985}).view({1, 2}), 1e-6));
}

TEST(layer_norm, a_constant_row_gives_the_bias) {
  const Tensor bias = at::tensor({1.0f, 2.0f, 3.0f});
  const Tensor out = layer_norm(at::full({2, 3}, 1e6), at::ones({3}), bias);
  EXPECT_TRUE(checks::close(out, bias.expand({2, 3})));
}

TEST(layer_norm, one_of_two_results_is_enough_for_a_gradient) {
  torch::manual_seed(1);
  for (bool uses_sum : {true, false}) {
    const Tensor x = at::randn({4, 8}).requires_grad_(true), residual = at::randn({4, 8});
    const auto loss = [&](auto operation) {
      const auto [sum, normed] =
          operation(x, residual, at::ones({8}), at::zeros({8}), /*epsilon=*/1e-5);
      return checks::project(uses_sum ? sum : normed, 3);
    };
    loss(add_layer_norm).backward();
    const Tensor fast = x.grad().clone();
    x.mutable_grad() = Tensor();
    loss(add_layer_norm_reference).backward();
    EXPECT_TRUE(checks::close(fast, x.grad(), 1e-5)) << uses_sum;
  }
}

TEST(layer_norm, epsilon_is_added_to_the_variance) {
  // Mean 0, variance 1: 1 / sqrt(1 + 3) is a half.
  const Tensor x = at::tensor({-1.0f, 1.0f}).view({1, 2});
  const Tensor expected = at::tensor({-0.5f, 0.5f}).view({1, 2});
  EXPECT_TRUE(checks::close(layer_norm(x, at::ones({2}), at::zeros({2}), 3.0), expected, 1e-6));
  EXPECT_TRUE(
      checks::close(add_layer_norm(x, at::zeros_like(x), at::ones({2}), at::zeros({2}), 3.0).second,
                    expected, 1e-6));
}

}  // namespace
}  // namespace braid::ops
