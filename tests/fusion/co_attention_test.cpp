#include <gtest/gtest.h>

#include "support/attention_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(co_attention, samples_never_attend_to_each_other) {
  checks::samples_never_attend_to_each_other("co_attention");
}

TEST(co_attention, missing_token_is_trained_and_used_in_inference) {
  missing_token_is_trained_and_used("co_attention", "tokens.audio.missing");
}

TEST(co_attention, by_hand_where_attention_is_even) {
  const auto fusion = make_fusion(
      "co_attention", {{"width", 8}, {"heads", 2}, {"dropout", 0}, {"layers", 2}}, two_sequences());
  make_blocks_even(*fusion);
  const std::vector<Encoded> batch = whole_sample();
  const auto parameters = fusion->named_parameters();
  const auto start = [&](const std::string& name, const Tensor& tokens) {
    return at::cat(
        {parameters["class_tokens." + name].view({1, 1, 8}), projected(*fusion, name, tokens)},
        /*dim=*/1);
  };
  Tensor text = start("text", batch[0].tokens), audio = start("audio", batch[1].tokens);
  for (const std::string layer : {".0", ".1"}) {
    const Tensor text_asked = even_block(*fusion, "cross.text" + layer, text, audio);
    const Tensor audio_asked = even_block(*fusion, "cross.audio" + layer, audio, text);
    text = even_block(*fusion, "self.text" + layer, text_asked, text_asked);
    audio = even_block(*fusion, "self.audio" + layer, audio_asked, audio_asked);
  }
  const auto summary = [&](const std::string& name, const Tensor& x) {
    return at::linear(at::layer_norm(x.select(/*dim=*/1, 0), {8}),
                      parameters["poolers." + name + ".weight"],
                      parameters["poolers." + name + ".bias"])
        .tanh();
  };
  const Tensor product = summary("text", text) * summary("audio", audio);
  const Tensor expected =
      at::linear(at::relu(at::linear(product, parameters["classifier.0.weight"],
                                     parameters["classifier.0.bias"])),
                 parameters["classifier.2.weight"], parameters["classifier.2.bias"]);
  EXPECT_TRUE(close(fusion->forward(batch).output, expected, 1e-5));
}

TEST(co_attention, each_stream_asks_the_others_then_itself) {
  const auto fusion = make_fusion("co_attention", {{"width", 8}, {"heads", 2}},
                                  {{"a", "b", "c"}, {2, 3, 4}, 2, Activation::softmax});
  fusion->wants_attention = true;
  const Fused fused = fusion->forward(
      random_batch(fusion->context(), {2, 3, 4}, bools({{1, 1, 1}, {1, 0, 1}}), /*seed=*/5));
  ASSERT_EQ(fused.attention.size(), 6u);
  const int64_t lengths[] = {3, 4, 5};  // with class tokens
  for (size_t m = 0; m < 3; ++m) {
    EXPECT_EQ(fused.attention[2 * m].to, "others");
    EXPECT_EQ(fused.attention[2 * m].weights.sizes(),
              (std::vector<int64_t>{2, 2, lengths[m], 12 - lengths[m]}));
    EXPECT_EQ(fused.attention[2 * m + 1].from, fused.attention[2 * m + 1].to);
  }
}

}  // namespace
}  // namespace braid::fusion
