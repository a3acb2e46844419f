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

Tensor random(at::IntArrayRef sizes, uint64_t seed, at::ScalarType type = at::kFloat) {
  return at::randn(sizes, at::detail::createCPUGenerator(seed), at::dtype(type));
}

// Seven places, of which the second row has five.
Tensor seven_mask() {
  Tensor mask = all_real(2, 7);
  mask[1].slice(/*dim=*/0, 5).fill_(false);
  return mask;
}

TEST(attention, a_window_is_attention_to_the_own_and_both_next_runs) {
  const Tensor x = random({2, 7, 8}, 1), mask = seven_mask();
  MultiHeadAttention full(8, 2, /*dropout=*/0.0), local(8, 2, /*dropout=*/0.0, /*window=*/2);
  for (auto& item : local->named_parameters()) {
    torch::NoGradGuard no_grad;
    item.value().copy_(full->named_parameters()[item.key()]);
  }
  Tensor weights;
  const Tensor got = local(x, x, mask, &weights);
  EXPECT_TRUE(close(got, local(x, x, mask), 1e-6));
  ASSERT_EQ(weights.sizes().vec(), (std::vector<int64_t>{2, 2, 7, 7}));
  for (int64_t i = 0; i < 7; ++i) {
    const int64_t run = i / 2;
    const Tensor place = at::arange(7).div(2, "floor");
    const Tensor near = place.ge(run - 1).logical_and(place.le(run + 1));  // [7]
    Tensor expected_weights;
    const Tensor expected = full(x, x, mask.logical_and(near), &expected_weights);
    EXPECT_TRUE(close(got.select(1, i), expected.select(1, i), 1e-5)) << i;
    EXPECT_TRUE(close(weights.select(2, i), expected_weights.select(2, i), 1e-5)) << i;
  }
}

TEST(attention, a_window_of_half_the_length_sees_everything) {
  const Tensor x = random({1, 6, 8}, 1), mask = all_real(1, 6);
  MultiHeadAttention full(8, 2, /*dropout=*/0.0), local(8, 2, /*dropout=*/0.0, /*window=*/3);
  for (auto& item : local->named_parameters()) {
    torch::NoGradGuard no_grad;
    item.value().copy_(full->named_parameters()[item.key()]);
  }
  EXPECT_TRUE(checks::same_bits(local(x, x, mask), full(x, x, mask)));
}

TEST(attention, a_window_has_the_gradients_of_its_values) {
  MultiHeadAttention local(4, 2, /*dropout=*/0.0, /*window=*/2);
  local->to(at::kDouble);
  const Tensor x = random({2, 7, 4}, 3, at::kDouble);
  checks::matches_finite_differences(
      *local, [&] { return checks::project(local(x, x, seven_mask()), /*seed=*/5); });
}

TEST(attention, induced_maps_have_the_rank_of_the_points) {
  InducedAttention induced(8, 1, /*dropout=*/0.0, /*points=*/2);
  const Tensor x = random({2, 7, 8}, 1), mask = seven_mask();
  Tensor weights;
  induced(5 * x, 5 * x, mask, &weights);
  EXPECT_TRUE(close(weights.sum(/*dim=*/-1), at::ones({2, 1, 7}), 1e-5));
  EXPECT_EQ(weights[1].slice(/*dim=*/2, 5).abs().max().item<double>(), 0);
  const Tensor singular = at::linalg_svdvals(weights.select(1, 0).to(at::kDouble));  // [2, 7]
  EXPECT_LT(singular.slice(/*dim=*/1, 2).max().item<double>(), 1e-6);
}

TEST(attention, induced_points_are_trained_and_nothing_is_nan_without_keys) {
  InducedAttention induced(4, 2, /*dropout=*/0.0, /*points=*/3);
  const Tensor x = random({2, 5, 4}, 1), none = at::zeros({2, 5}, at::kBool);
  EXPECT_EQ(induced(x, x, none).abs().max().item<double>(), 0);
  induced->to(at::kDouble);
  const Tensor y = random({2, 5, 4}, 2, at::kDouble), mask = all_real(2, 5);
  checks::every_parameter_gets_gradient(
      *induced, [&] { return checks::project(induced(y, y, mask), /*seed=*/5); });
  checks::matches_finite_differences(
      *induced, [&] { return checks::project(induced(y, y, mask), /*seed=*/5); });
}

}  // namespace
}  // namespace braid::layers
