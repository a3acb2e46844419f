#include <cmath>

#include "layers/layers.h"
#include "ops/random.h"
#include "support/module_checks.h"

namespace braid::layers {
namespace {

using checks::close;

Tensor all_real(int64_t rows, int64_t length) { return at::ones({rows, length}, at::kBool); }

TEST(transformer, is_the_identity_when_both_branches_end_in_zero) {
  TransformerBlock block(4, 2, 2, /*dropout=*/0.0);
  torch::NoGradGuard no_grad;
  for (const char* name :
       {"attention.out.weight", "attention.out.bias", "mlp.2.weight", "mlp.2.bias"})
    block->named_parameters()[name].zero_();
  const Tensor x = at::randn({2, 3, 4});
  EXPECT_TRUE(close(block(x, x, all_real(2, 3)), x, 0));
}

TEST(transformer, is_pre_norm) {
  // Attention off; the MLP's input is norm(x), so scaling x leaves the MLP's share as it was.
  const ops::InitScope init(1);
  TransformerBlock block(4, 2, 2, /*dropout=*/0.0);
  torch::NoGradGuard no_grad;
  for (const char* name : {"attention.out.weight", "attention.out.bias"})
    block->named_parameters()[name].zero_();
  const Tensor x = 10 * at::randn({1, 2, 4});
  const Tensor share = block(x, x, all_real(1, 2)) - x;
  const Tensor scaled = 3 * x;
  EXPECT_TRUE(close(block(scaled, scaled, all_real(1, 2)) - scaled, share, 1e-4));
  EXPECT_GT(share.abs().max().item<double>(), 0.01);
}

TEST(transformer, cross_attention_reads_the_context_and_never_mixes_samples) {
  const ops::InitScope init(1);
  TransformerBlock block(8, 2, 2, /*dropout=*/0.0, /*is_cross=*/true);
  EXPECT_TRUE(block->named_parameters().contains("norm_context.weight"));
  const Tensor x = at::randn({2, 3, 8}), context = at::randn({2, 5, 8});
  Tensor weights;
  const Tensor before = block(x, context, all_real(2, 5));
  EXPECT_TRUE(close(block(x, context, all_real(2, 5), &weights), before));
  EXPECT_EQ(before.sizes().vec(), (std::vector<int64_t>{2, 3, 8}));
  EXPECT_EQ(weights.sizes().vec(), (std::vector<int64_t>{2, 2, 3, 5}));
  Tensor other = context.clone();
  other[1].normal_();
  const Tensor after = block(x, other, all_real(2, 5));
  EXPECT_TRUE(checks::same_bits(before[0], after[0]));
  EXPECT_FALSE(before[1].equal(after[1]));
}

TEST(transformer, gradients_match_finite_differences) {
  for (bool is_cross : {false, true}) {
    const ops::InitScope init(1);
    TransformerBlock block(4, 2, 2, /*dropout=*/0.0, is_cross);
    block->to(at::kDouble);
    const Tensor x = at::randn({2, 2, 4}, at::kDouble), other = at::randn({2, 3, 4}, at::kDouble);
    const Tensor context = is_cross ? other : x;
    Tensor mask = all_real(2, context.size(1));
    mask[1][1].fill_(false);
    const auto loss = [&] { return checks::project(block(x, context, mask), 3); };
    checks::every_parameter_gets_gradient(*block, loss);
    checks::matches_finite_differences(*block, loss);
  }
}

TEST(transformer, sinusoid_follows_the_paper) {
  // D = 4: sin(t), cos(t), sin(t / 100), cos(t / 100), as 10000^(2 / 4) = 100.
  const Tensor positions = sinusoid(3, 4, at::empty({0}, at::kDouble));
  const Tensor expected =
      at::tensor({0.0, 1.0, 0.0, 1.0, std::sin(1.0), std::cos(1.0), std::sin(0.01), std::cos(0.01),
                  std::sin(2.0), std::cos(2.0), std::sin(0.02), std::cos(0.02)},
                 at::kDouble);
  EXPECT_TRUE(close(positions, expected.view({3, 4}), 1e-12));
  EXPECT_EQ(sinusoid(2, 5, at::empty({0})).sizes().vec(), (std::vector<int64_t>{2, 5}));
}

TEST(transformer, masked_mean_counts_real_tokens_only) {
  const Tensor tokens =
      at::tensor({1.0, 2.0, 3.0, 6.0, std::nan(""), 9.0, 7.0, 7.0, 7.0}).view({3, 3, 1});
  const Tensor mask = at::tensor({1, 1, 0, 1, 0, 1, 0, 0, 0}).to(at::kBool).view({3, 3});
  // (1 + 2) / 2, (6 + 9) / 2, none.
  EXPECT_TRUE(close(masked_mean(tokens, mask), at::tensor({1.5, 7.5, 0.0}).view({3, 1})));
}

}  // namespace
}  // namespace braid::layers
