#include <gtest/gtest.h>

#include "support/attention_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(perceiver, samples_never_attend_to_each_other) {
  checks::samples_never_attend_to_each_other("perceiver");
}

TEST(perceiver, missing_token_is_trained_and_used_in_inference) {
  missing_token_is_trained_and_used("perceiver", "tokens.audio.missing");
}

TEST(perceiver, by_hand_where_attention_is_even) {
  const auto fusion = make_fusion(
      "perceiver", {{"width", 8}, {"heads", 2}, {"dropout", 0}, {"latents", 5}}, two_sequences());
  make_blocks_even(*fusion);
  const std::vector<Encoded> batch = whole_sample();
  const Tensor all = at::cat(
      {projected(*fusion, "text", batch[0].tokens), projected(*fusion, "audio", batch[1].tokens)},
      /*dim=*/1);
  const auto parameters = fusion->named_parameters();
  Tensor z = parameters["latents"].unsqueeze(0);  // [1, 5, 8]
  for (const char* round : {"0", "1"}) {
    z = even_block(*fusion, std::string("read.") + round, z, all);
    z = even_block(*fusion, std::string("blocks.") + round + ".0", z, z);
  }
  const Tensor expected =
      at::linear(at::layer_norm(z.mean(/*dim=*/1), {8}), parameters["classifier.weight"],
                 parameters["classifier.bias"]);
  EXPECT_TRUE(close(fusion->forward(batch).output, expected, 1e-5));
}

TEST(perceiver, latents_read_every_real_token) {
  const auto fusion = make_fusion(
      "perceiver", {{"width", 8}, {"heads", 2}, {"latents", 5}, {"rounds", 3}}, two_sequences());
  fusion->wants_attention = true;
  const std::vector<Encoded> batch =
      random_batch(two_sequences(), {4, 3}, bools({{1, 1}, {1, 1}}), /*seed=*/5);
  const Fused fused = fusion->forward(batch);
  ASSERT_EQ(fused.attention.size(), 6u);
  const Tensor mask = at::cat({batch[0].mask, batch[1].mask}, /*dim=*/1);
  for (size_t i = 0; i < fused.attention.size(); i += 2) {
    EXPECT_EQ(fused.attention[i].to, "all");
    EXPECT_EQ(fused.attention[i].weights.sizes(), (std::vector<int64_t>{2, 2, 5, 7}));
    is_distribution_over_real_keys(fused.attention[i], mask);
    EXPECT_EQ(fused.attention[i + 1].weights.sizes(), (std::vector<int64_t>{2, 2, 5, 5}));
  }
}

}  // namespace
}  // namespace braid::fusion
