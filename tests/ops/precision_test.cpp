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
