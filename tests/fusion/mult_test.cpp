#include <gtest/gtest.h>

#include "layers/layers.h"
#include "support/attention_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(mult, samples_never_attend_to_each_other) {
  checks::samples_never_attend_to_each_other("mult");
}

TEST(mult, missing_token_is_trained_and_used_in_inference) {
  missing_token_is_trained_and_used("mult", "tokens.audio.missing");
}

TEST(mult, by_hand_where_attention_is_even) {
  const auto fusion = make_fusion(
      "mult", {{"width", 8}, {"heads", 2}, {"dropout", 0}, {"cross_layers", 2}}, two_sequences());
  make_blocks_even(*fusion);
  const std::vector<Encoded> batch = whole_sample();
  const Tensor text =
      projected(*fusion, "text", batch[0].tokens) + layers::sinusoid(4, 8, batch[0].tokens);
  const Tensor audio =
      projected(*fusion, "audio", batch[1].tokens) + layers::sinusoid(3, 8, batch[1].tokens);
  // Both layers read the other's first tokens, not what the other has read meanwhile.
  const auto read = [&](const std::string& direction, const Tensor& x, const Tensor& other) {
    const Tensor once = even_block(*fusion, "cross." + direction + ".0", x, other);
    return even_block(*fusion, "cross." + direction + ".1", once, other);
  };
  const auto remember = [&](const std::string& modality, const Tensor& y) {
    return even_block(*fusion, "memory." + modality + ".0", y, y).mean(/*dim=*/1);
  };
  const Tensor joined = at::layer_norm(at::cat({remember("text", read("text.audio", text, audio)),
                                                remember("audio", read("audio.text", audio, text))},
                                               /*dim=*/1),
                                       {16});
  const auto parameters = fusion->named_parameters();
  const Tensor expected =
      at::linear(joined + at::linear(at::relu(at::linear(joined, parameters["mlp.0.weight"],
                                                         parameters["mlp.0.bias"])),
                                     parameters["mlp.2.weight"], parameters["mlp.2.bias"]),
                 parameters["classifier.weight"], parameters["classifier.bias"]);
  EXPECT_TRUE(close(fusion->forward(batch).output, expected, 1e-5));
}

TEST(mult, maps_have_a_direction_and_the_others_length) {
  const auto fusion = small_transformer("mult");
  fusion->wants_attention = true;
  const std::vector<Encoded> batch =
      random_batch(two_sequences(), {4, 3}, bools({{1, 1}, {1, 1}}), /*seed=*/5);
  const Fused fused = fusion->forward(batch);
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"text", "audio, as encoded"}, {"text", "audio, as encoded"}, {"text", "text"},
      {"audio", "text, as encoded"}, {"audio", "text, as encoded"}, {"audio", "audio"}};
  ASSERT_EQ(fused.attention.size(), pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    const Attention& map = fused.attention[i];
    EXPECT_EQ(map.from, pairs[i].first);
    EXPECT_EQ(map.to, pairs[i].second);
    EXPECT_EQ(map.layer, static_cast<int64_t>(i % 3));
    is_distribution_over_real_keys(map, batch[map.to.rfind("text", 0) == 0 ? 0 : 1].mask);
  }
}

TEST(mult, every_direction_and_memory_has_its_blocks) {
  const auto fusion =
      make_fusion("mult", {{"width", 8}, {"heads", 2}, {"cross_layers", 2}, {"memory_layers", 3}},
                  {{"a", "b", "c"}, {2, 3, 4}, 2, Activation::softmax});
  int cross = 0, memory = 0;
  for (const auto& item : fusion->named_parameters()) {
    if (item.key().find(".attention.query.weight") == std::string::npos) continue;
    const bool is_cross = item.key().rfind("cross.", 0) == 0;
    ++(is_cross ? cross : memory);
    EXPECT_EQ(item.value().size(0), is_cross ? 8 : 16) << item.key();  // memory: two others' width
  }
  EXPECT_EQ(cross, 6 * 2);
  EXPECT_EQ(memory, 3 * 3);
}

}  // namespace
}  // namespace braid::fusion
