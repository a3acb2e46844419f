#include "fusion/tokens.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TransformerConfig small() {
  TransformerConfig config;
  config.width = 2;
  config.heads = 1;
  return config;
}

// Projection x -> (x, 2 x), embedding (10, 20), missing token (1, 2).
TokenProjection by_hand() {
  TokenProjection tokens(Context{{"x"}, {1}, 2, Activation::softmax}, small(), "model.fusion");
  set_parameter(*tokens, "x.projection.weight", matrix({{1}, {2}}));
  set_parameter(*tokens, "x.projection.bias", torch::zeros({2}));
  set_parameter(*tokens, "x.embedding", torch::tensor({10.0f, 20.0f}));
  set_parameter(*tokens, "x.missing", torch::tensor({1.0f, 2.0f}));
  return tokens;
}

TEST(tokens, width_must_be_a_multiple_of_heads) {
  TransformerConfig config;
  config.width = 10;
  config.heads = 4;
  expect_error(
      ErrorKind::config, "model.fusion.width: expected a multiple of heads (4), got 10", [&] {
        TokenProjection(Context{{"x"}, {1}, 2, Activation::softmax}, config, "model.fusion");
      });
}

TEST(tokens, projected_and_marked) {
  Encoded e;
  e.tokens = torch::tensor({{{3.0f}, {5.0f}}});
  e.mask = bools({{1, 1}});
  e.present = torch::tensor({true});
  const std::vector<Tokens> out = by_hand()->forward({e});
  // (3, 6) + (10, 20) and (5, 10) + (10, 20)
  EXPECT_TRUE(same_bits(out[0].values, torch::tensor({{{13.0f, 26.0f}, {15.0f, 30.0f}}})));
  EXPECT_TRUE(same_bits(out[0].mask, bools({{1, 1}})));
}

TEST(tokens, one_learned_token_stands_for_an_absent_modality) {
  Encoded e;
  e.tokens = torch::zeros({2, 2, 1});
  e.mask = bools({{0, 0}, {1, 0}});
  e.present = torch::tensor({false, true});
  const std::vector<Tokens> out = by_hand()->forward({e});
  EXPECT_TRUE(same_bits(out[0].mask, bools({{1, 0}, {1, 0}})));
  // Row 0: (1, 2) + (10, 20). Row 1 has a token of its own, 0, and keeps it.
  EXPECT_TRUE(same_bits(out[0].values.select(1, 0), matrix({{11, 22}, {10, 20}})));
}

TEST(tokens, a_present_modality_without_a_real_token_counts_as_absent) {
  Encoded e;
  e.tokens = torch::zeros({1, 2, 1});
  e.mask = bools({{0, 0}});
  e.present = torch::tensor({true});
  const std::vector<Tokens> out = by_hand()->forward({e});
  EXPECT_TRUE(same_bits(out[0].mask, bools({{1, 0}})));
  EXPECT_TRUE(same_bits(out[0].values.select(1, 0), matrix({{11, 22}})));
}

TEST(tokens, learned_tokens_are_vectors_so_that_they_do_not_decay) {
  const TokenProjection tokens = by_hand();
  EXPECT_EQ(tokens->named_parameters()["x.embedding"].dim(), 1);
  EXPECT_EQ(tokens->named_parameters()["x.missing"].dim(), 1);
}

// The laws of the contract tests, which run defaults alone, for attention that leaves things out.
TEST(tokens, efficient_attention_keeps_the_laws) {
  const std::vector<std::pair<const char*, Json>> cases = {
      {"merged", {{"attention", "low_rank"}, {"points", 2}}},
      {"cross_attention", {{"attention", "low_rank"}, {"points", 2}}},
      {"cross_attention", {{"window", 2}}},
      {"mult", {{"window", 2}}},
      {"mbt", {{"attention", "low_rank"}}},
      {"perceiver", {{"attention", "low_rank"}}},
      {"co_attention", {{"attention", "low_rank"}}}};
  const Context context = {{"text", "audio"}, {3, 5}, 2, Activation::softmax};
  for (auto [name, config] : cases) {
    SCOPED_TRACE(name + config.dump());
    config["width"] = 8;
    config["heads"] = 2;
    const auto fusion = make_fusion(name, config, context);
    Json full = config;
    for (const char* key : {"attention", "points", "window"}) full.erase(key);
    const std::vector<Encoded> batch =
        random_batch(context, {9, 7}, bools({{1, 1}, {1, 0}, {0, 1}, {0, 0}, {1, 1}}), /*seed=*/5);
    const Tensor expected = fusion->forward(batch).output;
    expect_finite(expected);
    EXPECT_FALSE(close(make_fusion(name, full, context)->forward(batch).output, expected, 1e-4))
        << "the key is ignored";
    // Garbage in masked places, more padding, and a row alone change nothing.
    std::vector<Encoded> other = batch;
    for (Encoded& e : other) {
      e.tokens = at::where(e.mask.unsqueeze(2), e.tokens, at::full({}, std::nan("")));
      e.tokens = at::cat({e.tokens, at::full({5, 3, e.tokens.size(2)}, 7.0f)}, /*dim=*/1);
      e.mask = at::cat({e.mask, at::zeros({5, 3}, at::kBool)}, /*dim=*/1);
    }
    EXPECT_TRUE(close(fusion->forward(other).output, expected, 1e-5));
    EXPECT_TRUE(close(fusion->forward(rows_of(batch, 1, 2)).output, expected.slice(0, 1, 2), 1e-5));
    every_parameter_gets_gradient(
        *fusion, [&] { return project(fusion->forward(batch).output, /*seed=*/3); });
  }
}

}  // namespace
}  // namespace braid::fusion
