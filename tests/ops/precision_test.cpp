#include "ops/precision.h"

#include "ops/linear.h"
#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

TEST(precision, bf16_products_round_their_factors_and_nothing_else) {
  // Factors that bf16 (8 bits of mantissa) holds exactly, and a sum and a bias that it cannot hold:
  // 256 + 1 * 1 + 2^-12 stays whole, while 1 + 2^-12 as a factor becomes 1.
  const PrecisionScope scope(Precision::bf16);
  const Tensor bias = at::full({1}, 1.0f / 4096), weight = at::tensor({1.0f, 1.0f}).view({1, 2});
  const Tensor exact = ops::linear(at::tensor({256.0f, 1.0f}).view({1, 2}), weight, bias);
  EXPECT_FLOAT_EQ(exact.item<float>(), 257.0f + 1.0f / 4096);
  const Tensor rounded =
      ops::linear(at::tensor({1.0f + 1.0f / 4096, 0.0f}).view({1, 2}), weight, Tensor());
  EXPECT_EQ(rounded.item<float>(), 1.0f);
}

TEST(precision, bf16_agrees_with_float32_within_its_rounding_gradients_included) {
  torch::manual_seed(1);
  const Outputs inputs = {at::randn({40, 64}), at::randn({32, 64}) / 8, at::randn({32})};
  for (Activation activation : {Activation::none, Activation::relu, Activation::gelu})
    checks::same_values_and_gradients(
        [&](const Outputs& v) {
          const PrecisionScope scope(Precision::bf16);
          return Outputs{ops::linear(v[0], v[1], v[2], activation)};
        },
        [&](const Outputs& v) { return Outputs{linear_reference(v[0], v[1], v[2], activation)}; },
        inputs,
        // 64 products, each off by up to 2^-8, with random signs; relu may switch near zero.
        /*tolerance=*/activation == Activation::relu ? 0.1 : 0.03);
}

// Shapes   x (rows, 64), maps to `width`; with more than 2^18 sums gelu's product goes in parts.
void expect_halves(int64_t rows, int64_t width, Activation activation, bool has_bias) {
  torch::manual_seed(2);
  Outputs inputs = {at::randn({rows, 64}), at::randn({width, 64}) / 8};
  if (has_bias) inputs.push_back(at::randn({width}));
  const auto bias = [&](const Outputs& v) { return has_bias ? v[2] : Tensor(); };
  checks::same_values_and_gradients(
      [&](const Outputs& v) {
        const PrecisionScope scope(Precision::bf16);
        const Tensor out = ops::linear(v[0], v[1], bias(v), activation, /*keeps_bf16=*/true);
        EXPECT_EQ(out.scalar_type(), at::kBFloat16);
        return Outputs{out.to(at::kFloat)};
      },
      [&](const Outputs& v) { return Outputs{linear_reference(v[0], v[1], bias(v), activation)}; },
      inputs, /*tolerance=*/0.03);
}

TEST(precision, results_that_stay_bf16_agree_too) {
  for (bool has_bias : {true, false}) {
    expect_halves(50, 32, Activation::none, has_bias);
    expect_halves(50, 32, Activation::gelu, has_bias);
    expect_halves(2001, 301, Activation::gelu, has_bias);  // in three parts, the last one smaller
  }
}

TEST(precision, several_maps_that_stay_bf16_are_the_maps_alone) {
  torch::manual_seed(2);
  const PrecisionScope scope(Precision::bf16);
  const Tensor x = at::randn({60, 16}), a = at::randn({8, 16}), b = at::randn({4, 16}),
               bias = at::randn({8});
  const auto both = linears(x, {{a, bias}, {b, {}}}, /*keeps_bf16=*/true);
  EXPECT_TRUE(at::equal(both[0], ops::linear(x, a, bias, Activation::none, true)));
  EXPECT_TRUE(at::equal(both[1], ops::linear(x, b, {}, Activation::none, true)));
  EXPECT_EQ(both[1].scalar_type(), at::kBFloat16);
}

TEST(precision, scopes_nest_and_end) {
  EXPECT_EQ(current_precision(), Precision::float32);
  {
    const PrecisionScope outer(Precision::bf16);
    {
      const PrecisionScope inner(Precision::float32);
      EXPECT_EQ(current_precision(), Precision::float32);
    }
    EXPECT_EQ(current_precision(), Precision::bf16);
  }
  EXPECT_EQ(current_precision(), Precision::float32);
}

TEST(precision, an_unknown_name_is_an_error) {
  EXPECT_EQ(parse_precision("bf16", "--precision"), Precision::bf16);
  checks::expect_error(ErrorKind::config,
                       "--precision: unknown precision 'bf15'; did you mean 'bf16'?",
                       [] { parse_precision("bf15", "--precision"); });
}

}  // namespace
}  // namespace braid::ops
