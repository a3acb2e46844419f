#include <gtest/gtest.h>

#include "support/attention_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(merged, samples_never_attend_to_each_other) {
  checks::samples_never_attend_to_each_other("merged");
}

TEST(merged, missing_token_is_trained_and_used_in_inference) {
  missing_token_is_trained_and_used("merged", "tokens.audio.missing");
}

TEST(merged, attention_maps) {
  auto fusion = small_transformer("merged");
  const std::vector<Encoded> batch =
      random_batch(two_sequences(), {4, 3}, bools({{1, 1}, {1, 0}, {0, 0}}), /*seed=*/5);
  EXPECT_TRUE(fusion->forward(batch).attention.empty());
  fusion->wants_attention = true;
  const Fused fused = fusion->forward(batch);
  // The class token, then text's four places, then audio's three; a missing token in an absent
  // one's first.
  Tensor mask = at::cat({bools({{1}, {1}, {1}}), batch[0].mask, batch[1].mask}, /*dim=*/1);
  mask[2][1] = true;
  mask[1][5] = true;
  mask[2][5] = true;
  ASSERT_EQ(fused.attention.size(), 2u);  // blocks
  for (const Attention& map : fused.attention) {
    EXPECT_EQ(map.from, "all");
    EXPECT_EQ(map.to, "all");
    EXPECT_EQ(map.weights.sizes(), (std::vector<int64_t>{3, 2, 8, 8}));
    is_distribution_over_real_keys(map, mask);
  }
}

TEST(merged, embeddings_tell_modalities_of_the_same_tokens_apart) {
  const Context twins = {{"a", "b"}, {2, 2}, 2, Activation::softmax};
  auto fusion = make_fusion("merged", {{"width", 8}, {"heads", 2}}, twins);
  set_parameter(*fusion, "tokens.b.projection.weight",
                fusion->named_parameters()["tokens.a.projection.weight"].detach().clone());
  set_parameter(*fusion, "tokens.b.projection.bias",
                fusion->named_parameters()["tokens.a.projection.bias"].detach().clone());
  const Encoded x = one_token(matrix({{1, 2}}), {1}), y = one_token(matrix({{-3, 1}}), {1});
  auto distance = [&] {
    return (fusion->forward({x, y}).output - fusion->forward({y, x}).output)
        .abs()
        .max()
        .item<double>();
  };
  EXPECT_GT(distance(), 1e-5);
  set_parameter(*fusion, "tokens.b.embedding",
                fusion->named_parameters()["tokens.a.embedding"].detach().clone());
  EXPECT_LT(distance(),
            1e-5);  // a Transformer without positions is a function of the set of tokens
}

TEST(merged, blocks_follow_the_config) {
  auto fusion = make_fusion("merged", {{"width", 8}, {"heads", 2}, {"layers", 3}}, two_sequences());
  EXPECT_TRUE(fusion->named_parameters().contains("blocks.2.attention.query.weight"));
  EXPECT_FALSE(fusion->named_parameters().contains("blocks.3.attention.query.weight"));
}

TEST(merged, width_must_be_a_multiple_of_heads) {
  expect_error(ErrorKind::config, "model.fusion.width: expected a multiple of heads (4), got 6",
               [] {
                 make_fusion("merged", {{"width", 6}}, two_sequences());
               });
}

}  // namespace
}  // namespace braid::fusion
