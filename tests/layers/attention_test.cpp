#include <cmath>

#include "layers/layers.h"
#include "ops/random.h"
#include "support/module_checks.h"

namespace braid::layers {
namespace {

using checks::close;

// Every linear map the identity, so that attention is softmax(q k / sqrt(D / H)) v.
MultiHeadAttention identity(int64_t width, int64_t num_heads) {
  MultiHeadAttention attention(width, num_heads, /*dropout=*/0.0);
  torch::NoGradGuard no_grad;
  for (auto& item : attention->named_parameters()) {
    if (item.value().dim() == 2)
      item.value().copy_(at::eye(width));
    else
      item.value().zero_();
  }
  return attention;
}

Tensor all_real(int64_t rows, int64_t length) { return at::ones({rows, length}, at::kBool); }

TEST(attention, two_tokens_by_hand) {
  // One head, D = 1: query 2; keys and values 0 and 1. Scores 0 and 2; softmax (1, e^2) / (1 +
  // e^2); output = e^2 / (1 + e^2) = 0.8807970779778823.
  MultiHeadAttention attention = identity(1, 1);
  Tensor weights;
  const Tensor out = attention(at::full({1, 1, 1}, 2.0f), at::tensor({0.0f, 1.0f}).view({1, 2, 1}),
                               all_real(1, 2), &weights);
  EXPECT_NEAR(out.item<double>(), 0.8807970779778823, 1e-6);
  EXPECT_EQ(weights.sizes().vec(), (std::vector<int64_t>{1, 1, 1, 2}));
  EXPECT_NEAR(weights.flatten()[0].item<double>(), 1 - 0.8807970779778823, 1e-6);
}

TEST(attention, scores_are_divided_by_the_root_of_the_head_width) {
  // One head, D = 4: q = k1 = (1, 1, 1, 1), k0 = 0. Scores 0 and 4 / sqrt(4) = 2: the weights of
  // the case above.
  MultiHeadAttention attention = identity(4, 1);
  Tensor weights;
  attention(at::ones({1, 1, 4}), at::stack({at::zeros({4}), at::ones({4})}).unsqueeze(0),
            all_real(1, 2), &weights);
  EXPECT_NEAR(weights.flatten()[1].item<double>(), 0.8807970779778823, 1e-6);
}

TEST(attention, heads_attend_on_their_own) {
  // Two heads of width 1. Head 0 sees keys (0, ln 3) with query 1: weights (1/4, 3/4), output 3/4
  // ln 3. Head 1 sees keys (0, 0): weights (1/2, 1/2), output 0.
  MultiHeadAttention attention = identity(2, 2);
  const float ln3 = std::log(3.0f);
  Tensor weights;
  const Tensor out =
      attention(at::ones({1, 1, 2}), at::tensor({0.0f, 0.0f, ln3, 0.0f}).view({1, 2, 2}),
                all_real(1, 2), &weights);
  EXPECT_TRUE(close(weights.view({2, 2}), at::tensor({0.25, 0.75, 0.5, 0.5}).view({2, 2})));
  EXPECT_TRUE(close(out.flatten(), at::tensor({0.75 * ln3, 0.0})));
}

TEST(attention, masked_keys_have_no_weight_whatever_they_hold) {
  MultiHeadAttention attention = identity(1, 1);
  const Tensor mask = at::tensor({1, 0, 1}).to(at::kBool).view({1, 3});
  for (double junk : {0.0, 1e30, std::nan("")}) {
    Tensor keys = at::tensor({0.0, junk, 1.0}).to(at::kFloat).view({1, 3, 1}).requires_grad_(true);
    Tensor query = at::full({1, 1, 1}, 2.0f).requires_grad_(true);
    const Tensor out = attention(query, keys, mask);
    EXPECT_NEAR(out.item<double>(), 0.8807970779778823, 1e-6);  // as with the two real tokens alone
    out.sum().backward();
    checks::expect_finite(query.grad());
    checks::expect_finite(keys.grad());
  }
}

TEST(attention, a_query_without_real_keys_gets_zeros_in_spite_of_biases) {
  const ops::InitScope init(1);
  MultiHeadAttention attention(8, 2, /*dropout=*/0.0);
  const Tensor x = at::randn({2, 3, 8});
  Tensor mask = all_real(2, 3);
  mask[1].fill_(false);
  Tensor weights;
  const Tensor out = attention(x, x, mask, &weights);
  EXPECT_TRUE(checks::same_bits(out[1], at::zeros({3, 8})));
  EXPECT_TRUE(checks::same_bits(weights[1], at::zeros({2, 3, 3})));
  EXPECT_GT(out[0].abs().max().item<double>(), 0);
}

TEST(attention, samples_never_mix) {
  const ops::InitScope init(1);
  MultiHeadAttention attention(8, 2, /*dropout=*/0.0);
  const Tensor query = at::randn({3, 2, 8});
  const Tensor keys = at::randn({3, 4, 8});
  const Tensor before = attention(query, keys, all_real(3, 4));
  Tensor other = keys.clone();
  other[1].normal_();
  const Tensor after = attention(query, other, all_real(3, 4));
  EXPECT_TRUE(checks::same_bits(before[0], after[0]));
  EXPECT_TRUE(checks::same_bits(before[2], after[2]));
  EXPECT_FALSE(before[1].equal(after[1]));
}

TEST(attention, a_batch_of_vectors_is_not_taken_for_tokens) {
  MultiHeadAttention attention(8, 2, /*dropout=*/0.0);
  checks::expect_error(ErrorKind::shape, "expected [B, Tq, D], [B, Tk, D] and [B, Tk], got [3, 8]",
                       [&] {
                         attention(at::ones({3, 8}), at::ones({3, 8}), all_real(3, 8));
                       });
}

TEST(attention, a_width_that_heads_do_not_divide_is_an_error) {
  checks::expect_error(ErrorKind::config, "width: expected a multiple of heads (4), got 6",
                       [] { MultiHeadAttention(6, 4, 0.0); });
}

TEST(attention, gradients_match_finite_differences) {
  const ops::InitScope init(1);
  MultiHeadAttention attention(4, 2, /*dropout=*/0.0);
  attention->to(at::kDouble);
  const Tensor query = at::randn({2, 2, 4}, at::kDouble), keys = at::randn({2, 3, 4}, at::kDouble);
  Tensor mask = all_real(2, 3);
  mask[0][2].fill_(false);
  const auto loss = [&] { return checks::project(attention(query, keys, mask), 3); };
  checks::every_parameter_gets_gradient(*attention, loss);
  checks::matches_finite_differences(*attention, loss);
}

}  // namespace
}  // namespace braid::layers
