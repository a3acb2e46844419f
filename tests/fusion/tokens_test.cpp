#include "fusion/tokens.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace braid::fusion
