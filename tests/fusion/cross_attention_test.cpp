#include <gtest/gtest.h>

#include "support/attention_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(cross_attention, samples_never_attend_to_each_other) {
  checks::samples_never_attend_to_each_other("cross_attention");
}

TEST(cross_attention, missing_token_is_trained_and_used_in_inference) {
  missing_token_is_trained_and_used("cross_attention", "tokens.audio.missing");
}

TEST(cross_attention, attention_maps) {
  auto fusion = small_transformer("cross_attention");
  const std::vector<Encoded> batch =
      random_batch(two_sequences(), {4, 3}, bools({{1, 1}, {1, 0}, {0, 0}}), /*seed=*/5);
  EXPECT_TRUE(fusion->forward(batch).attention.empty());
  fusion->wants_attention = true;
  const Fused fused = fusion->forward(batch);
  // An absent modality's one real key is the missing token, in place 0.
  Tensor text = batch[0].mask.clone(), audio = batch[1].mask.clone();
  text[2][0] = true;
  audio[1][0] = true;
  audio[2][0] = true;
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"text", "text"}, {"audio", "audio"}, {"text", "audio"}, {"audio", "text"}};
  ASSERT_EQ(fused.attention.size(), pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    const Attention& map = fused.attention[i];
    EXPECT_EQ(map.from, pairs[i].first);
    EXPECT_EQ(map.to, pairs[i].second);
    EXPECT_EQ(map.layer, map.from == map.to ? 0 : 1);
    const int64_t queries = map.from == "text" ? 4 : 3, keys = map.to == "text" ? 4 : 3;
    EXPECT_EQ(map.weights.sizes(), (std::vector<int64_t>{3, 2, queries, keys}));
    is_distribution_over_real_keys(map, map.to == "text" ? text : audio);
  }
}

TEST(cross_attention, each_modality_sees_the_other) {
  auto fusion = small_transformer("cross_attention");
  fusion->wants_attention = true;
  std::vector<Encoded> batch =
      random_batch(two_sequences(), {4, 3}, bools({{1, 1}, {1, 1}}), /*seed=*/5);
  const Fused before = fusion->forward(batch);
  batch[1].tokens = batch[1].tokens * torch::tensor({1.0f, -2.0f, 3.0f, -4.0f, 5.0f});
  const Fused after = fusion->forward(batch);
  EXPECT_TRUE(same_bits(after.attention[0].weights, before.attention[0].weights));  // text to text
  EXPECT_FALSE(
      close(after.attention[2].weights, before.attention[2].weights, 1e-4));  // text to audio
}

TEST(cross_attention, blocks_follow_the_config) {
  auto fusion = make_fusion("cross_attention",
                            {{"width", 8}, {"heads", 2}, {"self_layers", 0}, {"cross_layers", 2}},
                            {{"a", "b", "c"}, {2, 3, 4}, 2, Activation::softmax});
  int cross = 0;
  for (const std::string& key : fusion->named_parameters().keys()) {
    EXPECT_EQ(key.rfind("self.", 0), std::string::npos) << key;
    if (key.rfind("cross.", 0) == 0 && key.find(".attention.query.weight") != std::string::npos)
      ++cross;
  }
  EXPECT_EQ(cross, 3 * 2 * 2);  // ordered pairs, two rounds
  EXPECT_TRUE(fusion->named_parameters().contains("cross.a.c.1.attention.query.weight"));
}

TEST(cross_attention, width_must_be_a_multiple_of_heads) {
  expect_error(ErrorKind::config, "model.fusion.width: expected a multiple of heads (4), got 6",
               [] {
                 make_fusion("cross_attention", {{"width", 6}}, two_sequences());
               });
}

}  // namespace
}  // namespace braid::fusion
