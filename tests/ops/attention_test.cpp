#include "ops/attention.h"

#include <cmath>

#include "ops/random.h"
#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

struct Shape {
  int64_t batch, queries, keys, width, heads;
};

// A mask with about a third of the keys dropped, and the last sample without any.
Tensor mask_for(const Shape& shape) {
  Tensor mask = at::rand({shape.batch, shape.keys}) > 0.33;
  mask.select(1, 0).fill_(true);
  if (shape.batch > 1) mask[shape.batch - 1].fill_(false);
  return mask;
}

void expect_same(const Shape& s, double dropout) {
  torch::manual_seed(3);
  const Outputs inputs = {at::randn({s.batch, s.queries, s.width}),
                          at::randn({s.batch, s.keys, s.width}),
                          at::randn({s.batch, s.keys, s.width})};
  const Tensor mask = mask_for(s);
  const AttentionOptions options = {s.heads, dropout, /*is_training=*/true};
  for (const std::string& name : checks::fast_kernels()) {
    SCOPED_TRACE(fmt::format("{}: Tq {} Tk {} D {} H {} dropout {}", name, s.queries, s.keys,
                             s.width, s.heads, dropout));
    const checks::WithKernels kernels(name);
    checks::same_values_and_gradients(
        [&](const Outputs& v) {
          const RandomScope scope(5);
          return Outputs{attention(v[0], v[1], v[2], mask, options)};
        },
        [&](const Outputs& v) {
          const RandomScope scope(5);
          return Outputs{attention_reference(v[0], v[1], v[2], mask, options)};
        },
        inputs, /*tolerance=*/5e-6);
  }
}

TEST(attention, fast_equals_slow_with_masks_dropout_and_any_lengths) {
  for (double dropout : {0.0, 0.3}) {
    expect_same({2, 1, 1, 1, 1}, dropout);
    expect_same({2, 3, 5, 6, 2}, dropout);      // heads narrower than a vector
    expect_same({3, 97, 97, 64, 2}, dropout);   // two blocks of queries
    expect_same({2, 130, 17, 40, 2}, dropout);  // width and keys that fill no vector
    expect_same({2, 4, 200, 96, 2}, dropout);
  }
}

// The same bfloat16 numbers for both; the reference computes in float32 and rounds its results.
void expect_same_bf16(const Shape& s, double dropout) {
  torch::manual_seed(4);
  const auto make = [&](int64_t length) { return at::randn({s.batch, length, s.width}); };
  const Outputs inputs = {make(s.queries), make(s.keys), make(s.keys)};
  const Tensor mask = mask_for(s);
  const AttentionOptions options = {s.heads, dropout, /*is_training=*/true};
  const auto half = [](const Tensor& x) { return x.to(at::kBFloat16); };
  for (const std::string& name : checks::fast_kernels()) {
    SCOPED_TRACE(fmt::format("{}: Tq {} Tk {} D {} H {} dropout {}", name, s.queries, s.keys,
                             s.width, s.heads, dropout));
    const checks::WithKernels kernels(name);
    checks::same_values_and_gradients(
        [&](const Outputs& v) {
          const RandomScope scope(5);
          const Tensor out = attention(half(v[0]), half(v[1]), half(v[2]), mask, options);
          EXPECT_EQ(out.scalar_type(), at::kBFloat16);
          return Outputs{out.to(at::kFloat)};
        },
        [&](const Outputs& v) {
          const RandomScope scope(5);
          const auto rounded = [&](const Tensor& x) { return half(x).to(at::kFloat); };
          return Outputs{
              attention_reference(rounded(v[0]), rounded(v[1]), rounded(v[2]), mask, options)};
        },
        inputs, /*tolerance=*/0.02);  // results and gradients of a few units, off by up to 2^-9
  }
}

TEST(attention, bf16_reads_and_writes_halves_and_computes_in_float32) {
  for (double dropout : {0.0, 0.3}) {
    expect_same_bf16({2, 3, 5, 6, 2}, dropout);
    expect_same_bf16({3, 97, 97, 64, 2}, dropout);
    expect_same_bf16({2, 130, 17, 40, 2}, dropout);
  }
}

TEST(attention, libtorchs_own_equals_the_reference_with_masks) {
  for (const Shape& s : {Shape{2, 3, 5, 6, 2}, Shape{3, 20, 17, 32, 4}}) {
    torch::manual_seed(6);
    const Tensor mask = mask_for(s);
    const auto make = [&](int64_t length) { return at::randn({s.batch, length, s.width}); };
    checks::same_values_and_gradients(
        [&](const Outputs& v) {
          return Outputs{attention_of_libtorch(v[0], v[1], v[2], mask, s.heads)};
        },
        [&](const Outputs& v) {
          return Outputs{attention_reference(v[0], v[1], v[2], mask, {s.heads})};
        },
        {make(s.queries), make(s.keys), make(s.keys)}, /*tolerance=*/5e-6);
  }
  const Tensor bad = at::full({1, 2, 4}, std::nan(""));
  EXPECT_TRUE(at::equal(attention_of_libtorch(at::ones({1, 3, 4}), bad, bad,
                                              at::zeros({1, 2}, at::kBool), /*num_heads=*/2),
                        at::zeros({1, 3, 4})));
}

TEST(attention, two_tokens_by_hand) {
  // Query 2, keys and values 0 and 1: weights (1, e^2) / (1 + e^2), output 0.8807970779778823.
  const Tensor keys = at::tensor({0.0f, 1.0f}).view({1, 2, 1});
  const Tensor out = attention(at::full({1, 1, 1}, 2.0f), keys, keys, at::ones({1, 2}, at::kBool),
                               {/*num_heads=*/1});
  EXPECT_NEAR(out.item<double>(), 0.8807970779778823, 1e-6);
}

TEST(attention, a_bias_is_added_to_the_scores) {
  // Scores of 0 and a bias of ln 3 for the second key: weights 1/4 and 3/4.
  const Tensor q = at::zeros({1, 1, 2}), k = at::zeros({1, 2, 2});
  const Tensor v = at::tensor({1.0f, 0.0f, 0.0f, 1.0f}).view({1, 2, 2});
  AttentionOptions options;
  options.bias = at::tensor({0.0, std::log(3.0)}).to(at::kFloat).view({1, 1, 1, 2});
  const Tensor out = attention(q, k, v, at::ones({1, 2}, at::kBool), options);
  EXPECT_TRUE(checks::close(out, at::tensor({0.25f, 0.75f}).view({1, 1, 2}), 1e-6));
  // Under the causal bias the first query sees itself alone, and a masked key stays masked.
  options.bias = causal_bias(2, q);
  const Tensor both = attention(at::zeros({1, 2, 2}), k, v, at::ones({1, 2}, at::kBool), options);
  EXPECT_TRUE(checks::close(both[0][0], at::tensor({1.0f, 0.0f}), 1e-6));
  EXPECT_TRUE(checks::close(both[0][1], at::tensor({0.5f, 0.5f}), 1e-6));
  const Tensor first_masked =
      attention(at::zeros({1, 2, 2}), k, v, at::tensor({0, 1}).to(at::kBool).view({1, 2}), options);
  EXPECT_TRUE(checks::close(first_masked[0][1], at::tensor({0.0f, 1.0f}), 1e-6));
}

TEST(attention, large_scores_do_not_overflow) {
  const Tensor keys = at::tensor({1e4f, -1e4f, 9e3f}).view({1, 3, 1});
  const Tensor out = attention(at::full({1, 1, 1}, 1e4f), keys, keys, at::ones({1, 3}, at::kBool),
                               {/*num_heads=*/1});
  EXPECT_FLOAT_EQ(out.item<float>(), 1e4f);
}

TEST(attention, masked_keys_never_count_and_nan_in_a_query_shows) {
  torch::manual_seed(1);
  Tensor keys = at::randn({1, 5, 4});
  const Tensor mask = at::tensor({1, 0, 1, 1, 0}).to(at::kBool).view({1, 5});
  const Tensor query = at::randn({1, 2, 4});
  const Tensor expected = attention(query, keys, keys, mask, {/*num_heads=*/2});
  for (double junk : {1e30, std::nan("")}) {
    keys[0][1].fill_(junk);
    keys[0][4].fill_(junk);
    EXPECT_TRUE(checks::same_bits(attention(query, keys, keys, mask, {/*num_heads=*/2}), expected));
  }
  query[0][0].fill_(std::nan(""));
  const Tensor out = attention(query, keys, keys, mask, {/*num_heads=*/2});
  EXPECT_TRUE(out[0][0].isnan().all().item<bool>());
  EXPECT_TRUE(checks::same_bits(out[0][1], expected[0][1]));
}

TEST(attention, dropout_drops_its_share_and_keeps_the_expectation) {
  // Equal weights of 1 / 64 over values of 1: every output is the share kept, times 1 / 0.75.
  const RandomScope scope(1);
  const Tensor zeros = at::zeros({4, 200, 16}), ones = at::ones({4, 64, 16});
  const Tensor out = attention(zeros, at::zeros({4, 64, 16}), ones, at::ones({4, 64}, at::kBool),
                               {/*num_heads=*/2, /*dropout=*/0.25, /*is_training=*/true});
  // 102,400 weights: standard deviation of the mean sqrt(0.25 / 0.75 / 102,400) = 0.0018; five.
  EXPECT_NEAR(out.mean().item<double>(), 1.0, 0.009);
  EXPECT_GT(out.std().item<double>(), 0.03);  // one row: sqrt(0.25 / 0.75 / 64) = 0.072
  const Tensor rows = out.select(2, 0);
  EXPECT_FALSE(rows[0].equal(rows[1]));  // a coin for every sample
}

TEST(attention, evaluation_ignores_dropout_and_needs_no_scope) {
  const Tensor x = at::randn({2, 3, 4}), mask = at::ones({2, 3}, at::kBool);
  EXPECT_TRUE(checks::same_bits(attention(x, x, x, mask, {2, 0.9, /*is_training=*/false}),
                                attention(x, x, x, mask, {2, 0.0, /*is_training=*/false})));
}

}  // namespace
}  // namespace braid::ops
