#include <gtest/gtest.h>

#include "layers/layers.h"
#include "support/module_checks.h"

namespace braid::layers {
namespace {

using checks::close;

TEST(linear, adapted_adds_the_scaled_product) {
  Linear linear(2, 1);
  {
    const torch::NoGradGuard no_grad;
    linear->weight.copy_(at::tensor({1.0f, 2.0f}).view({1, 2}));
    linear->bias.fill_(3);
  }
  linear->adapt(/*rank=*/1, /*alpha=*/4);
  const at::Tensor x = at::tensor({1.0f, 1.0f}).view({1, 2});
  EXPECT_TRUE(close(linear(x), at::full({1, 1}, 6.0), 1e-6));  // up begins as zeros
  {
    const torch::NoGradGuard no_grad;
    linear->named_parameters()["lora_down"].copy_(at::tensor({0.5f, 0.25f}).view({1, 2}));
    linear->named_parameters()["lora_up"].fill_(-2);
  }
  // 6 + 4 / 1 * -2 * 0.75 = 0, and relu of it; of twice x: 9 - 12 = -3, relu 0.
  EXPECT_TRUE(close(linear(x), at::zeros({1, 1}), 1e-6));
  EXPECT_TRUE(close(linear(2 * x), at::full({1, 1}, -3.0), 1e-6));
  EXPECT_TRUE(close(linear(2 * x, ops::Activation::relu), at::zeros({1, 1}), 1e-6));
  {
    const c10::InferenceMode inference;
    EXPECT_TRUE(close(linear(2 * x), at::full({1, 1}, -3.0), 1e-6));
  }
  linear(2 * x).sum().backward();
  EXPECT_FALSE(linear->weight.grad().defined());
  EXPECT_TRUE(linear->named_parameters()["lora_down"].grad().defined());
  linear->merge();
  EXPECT_FALSE(linear->is_adapted());
  EXPECT_EQ(linear->named_parameters().size(), 2u);
  // weight + 4 * -2 * (0.5, 0.25) = (-3, 0)
  EXPECT_TRUE(close(linear->weight, at::tensor({-3.0f, 0.0f}).view({1, 2}), 1e-6));
  EXPECT_TRUE(linear->weight.requires_grad());
}

}  // namespace
}  // namespace braid::layers
