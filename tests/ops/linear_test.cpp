#include "ops/linear.h"

#include "ops/adamw.h"
#include "ops/precision.h"
#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

void expect_same(const std::vector<int64_t>& x_shape, int64_t out, bool has_bias,
                 Activation activation) {
  torch::manual_seed(1);
  const int64_t in = x_shape.back();
  const Outputs inputs = {at::randn(x_shape), at::randn({out, in}),
                          has_bias ? at::randn({out}) : Tensor()};
  for (const std::string& name : checks::fast_kernels()) {
    SCOPED_TRACE(fmt::format("{} [{}] -> {}", name, fmt::join(x_shape, ", "), out));
    const checks::WithKernels kernels(name);
    checks::same_values_and_gradients(
        [&](const Outputs& v) { return Outputs{ops::linear(v[0], v[1], v[2], activation)}; },
        [&](const Outputs& v) { return Outputs{linear_reference(v[0], v[1], v[2], activation)}; },
        inputs, /*tolerance=*/1e-5);
    torch::NoGradGuard no_grad;  // another path: the activation fused into the product
    EXPECT_TRUE(checks::close(ops::linear(inputs[0], inputs[1], inputs[2], activation),
                              linear_reference(inputs[0], inputs[1], inputs[2], activation),
                              /*tolerance=*/1e-4));
  }
}

TEST(linear, fast_equals_slow_for_every_activation_and_shape) {
  for (Activation activation : {Activation::none, Activation::relu, Activation::gelu})
    for (bool has_bias : {false, true}) {
      expect_same({1, 1}, 1, has_bias, activation);
      expect_same({1, 5}, 1, has_bias, activation);
      expect_same({3, 1}, 4, has_bias, activation);
      expect_same({7, 3}, 1, has_bias, activation);
      expect_same({2, 3, 17}, 33, has_bias, activation);
      expect_same({70, 64}, 48, has_bias, activation);
      expect_same({5, 4, 3, 2}, 19, has_bias, activation);
      expect_same({6}, 3, has_bias, activation);
      expect_same({300, 130}, 257, has_bias, activation);  // shared by threads
    }
}

TEST(linear, every_number_of_rows_equals_the_reference) {
  // Few rows, some rows and many take different kernels, and each has its remainders.
  for (int64_t rows : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 32, 33, 47, 48, 49, 50})
    for (const auto& [in, out] : {std::pair<int64_t, int64_t>{37, 51}, {64, 16}, {16, 100}})
      expect_same({rows, in}, out, /*has_bias=*/true, Activation::none);
}

TEST(linear, inference_equals_the_reference_for_every_size_and_activation) {
  torch::manual_seed(1);
  const Tensor weight = at::randn({33, 40}), bias = at::randn({33});
  for (const std::string& name : checks::fast_kernels())
    for (int64_t rows : {1, 2, 3, 40, 97, 300})
      for (Activation activation : {Activation::none, Activation::relu, Activation::gelu})
        for (Precision precision : {Precision::float32, Precision::bf16}) {
          SCOPED_TRACE(fmt::format("{} {} {}", name, rows, static_cast<int>(activation)));
          const checks::WithKernels kernels(name);
          const PrecisionScope scope(precision);
          const c10::InferenceMode inference;
          const Tensor x = at::randn({rows, 40});
          InferenceWeight packed;
          const double tolerance = precision == Precision::bf16 ? 0.2 : 1e-4;
          for (int call = 0; call < 2; ++call)
            EXPECT_TRUE(checks::close(
                linear_inference(x, weight, bias, activation, /*keeps_bf16=*/false, &packed),
                linear_reference(x, weight, bias, activation), tolerance));
        }
}

TEST(linear, a_packed_weight_follows_every_change_of_the_weight) {
  torch::manual_seed(1);
  Tensor weight = at::randn({16, 24}), m = at::zeros({16, 24}), v = at::zeros({16, 24});
  const Tensor many = at::randn({100, 24}), one = at::randn({1, 24}), gradient = at::ones({16, 24});
  InferenceWeight forms;
  const auto expect_current = [&] {
    const c10::InferenceMode inference;
    const auto expect_close = [&](const Tensor& x, double tolerance) {
      EXPECT_TRUE(checks::close(linear_inference(x, weight, {}, Activation::none, false, &forms),
                                linear_reference(x, weight, {}), tolerance));
    };
    expect_close(many, /*tolerance=*/1e-4);
    const PrecisionScope scope(Precision::bf16);
    expect_close(many, /*tolerance=*/0.2);
    expect_close(one, /*tolerance=*/0.2);  // the weight in halves, not packed
  };
  expect_current();
  weight.mul_(2);
  expect_current();
  adamw({/*lr=*/0.5, 0.9, 0.999, 1e-8, 0, /*steps=*/1}, gradient, &weight, &m, &v);
  expect_current();
  weight = weight + 1;  // another tensor
  expect_current();
}

TEST(linear, bf16_products_of_one_row_take_the_rounded_factors_exactly) {
  // Depths around two vectors' length, so that pairs, tails and padding all occur.
  torch::manual_seed(1);
  const auto round = [](const Tensor& x) { return x.to(at::kBFloat16).to(at::kFloat); };
  for (const std::string& name : checks::fast_kernels())
    for (int64_t depth : {1, 2, 7, 8, 16, 31, 32, 33, 64, 95}) {
      SCOPED_TRACE(fmt::format("{} {}", name, depth));
      const checks::WithKernels kernels(name);
      const PrecisionScope scope(Precision::bf16);
      const Tensor weight = at::randn({37, depth}), bias = at::randn({37}),
                   x = at::randn({2, depth});
      const Tensor expected = linear_reference(round(x), round(weight), bias);
      const c10::InferenceMode inference;
      InferenceWeight forms;
      EXPECT_TRUE(checks::close(linear_inference(x, weight, bias, Activation::none, false, &forms),
                                expected, /*tolerance=*/1e-5));
    }
}

TEST(linear, several_maps_of_one_input_equal_each_alone) {
  torch::manual_seed(1);
  const Outputs inputs = {at::randn({3, 5, 17}), at::randn({8, 17}), at::randn({33, 17}),
                          at::randn({4, 17}),    at::randn({8}),     at::randn({4})};
  for (const std::string& name : checks::fast_kernels()) {
    const checks::WithKernels kernels(name);
    checks::same_values_and_gradients(
        [](const Outputs& v) {
          return linears(v[0], {{v[1], v[4]}, {v[2], Tensor()}, {v[3], v[5]}});
        },
        [](const Outputs& v) {
          return Outputs{linear_reference(v[0], v[1], v[4]), linear_reference(v[0], v[2], {}),
                         linear_reference(v[0], v[3], v[5])};
        },
        inputs, /*tolerance=*/1e-5);
  }
}

TEST(linear, by_hand) {
  // x = (1, 4), weight rows (0.5, 0.25) and (0, -1), bias (0, 1): (1.5, -3), relu (1.5, 0).
  const Tensor x = at::tensor({1.0f, 4.0f}).view({1, 2});
  const Tensor weight = at::tensor({0.5f, 0.25f, 0.0f, -1.0f}).view({2, 2});
  const Tensor bias = at::tensor({0.0f, 1.0f});
  EXPECT_TRUE(checks::close(ops::linear(x, weight, bias), at::tensor({1.5, -3.0}).view({1, 2})));
  EXPECT_TRUE(checks::close(ops::linear(x, weight, bias, Activation::relu),
                            at::tensor({1.5, 0.0}).view({1, 2})));
}

TEST(linear, views_and_empty_batches_work) {
  torch::manual_seed(1);
  const Tensor x = at::randn({6, 8}).t(), weight = at::randn({5, 6}), bias = at::randn({10});
  const Tensor every_other = bias.slice(0, 0, 10, 2);
  EXPECT_TRUE(
      checks::close(ops::linear(x, weight, every_other), linear_reference(x, weight, every_other)));
  EXPECT_EQ(ops::linear(at::zeros({0, 6}), weight, every_other).sizes().vec(),
            (std::vector<int64_t>{0, 5}));
}

TEST(linear, inputs_that_need_no_gradient_get_none) {
  const Tensor x = at::ones({2, 3}), bias = at::ones({4}).requires_grad_(true);
  const Tensor weight = at::ones({4, 3});
  ops::linear(x, weight, bias).sum().backward();
  EXPECT_TRUE(checks::close(bias.grad(), at::full({4}, 2.0)));
  EXPECT_FALSE(x.grad().defined());
  EXPECT_FALSE(weight.grad().defined());
}

TEST(linear, nan_stays_nan_through_every_activation) {
  const Tensor weight = at::ones({2, 2}), bias = at::zeros({2});
  Tensor x = at::ones({3, 2});
  x[1][0] = std::nan("");
  for (const std::string& name : checks::fast_kernels())
    for (Activation activation : {Activation::none, Activation::relu, Activation::gelu})
      for (bool needs_gradient : {false, true}) {
        const checks::WithKernels kernels(name);
        const Tensor leaf = x.clone().requires_grad_(needs_gradient);
        const Tensor out = ops::linear(leaf, weight, bias, activation);
        EXPECT_TRUE(
            checks::same_bits(out.isnan().any(/*dim=*/1), at::tensor({0, 1, 0}).to(at::kBool)))
            << name;
      }
}

TEST(linear, double_takes_the_reference) {
  const Tensor x = at::randn({3, 4}, at::kDouble), weight = at::randn({2, 4}, at::kDouble);
  EXPECT_TRUE(checks::same_bits(ops::linear(x, weight, {}), linear_reference(x, weight, {})));
}

}  // namespace
}  // namespace braid::ops
