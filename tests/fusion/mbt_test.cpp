#include <gtest/gtest.h>

#include "support/attention_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

std::shared_ptr<Fusion> even_mbt() {
  const auto fusion = make_fusion("mbt",
                                  {{"width", 8},
                                   {"heads", 2},
                                   {"dropout", 0},
                                   {"self_layers", 1},
                                   {"fusion_layers", 2},
                                   {"bottleneck_tokens", 3}},
                                  two_sequences());
  make_blocks_even(*fusion);
  return fusion;
}

// One modality's stream: its tokens after the first fusion layer, and what it wrote.
struct Stream {
  Tensor tokens, written;
};

Stream first_layer(const Fusion& fusion, const std::string& name, const Tensor& encoded) {
  const auto parameters = fusion.named_parameters();
  const Tensor class_token = parameters["class_tokens." + name].view({1, 1, 8});
  const Tensor x = at::cat({class_token, projected(fusion, name, encoded)}, /*dim=*/1);
  const Tensor own = even_block(fusion, "self." + name + ".0", x, x);
  const Tensor both = at::cat({own, parameters["bottleneck"].unsqueeze(0)}, /*dim=*/1);
  const Tensor seen = even_block(fusion, "fusion." + name + ".0", both, both);
  return {seen.narrow(1, 0, x.size(1)), seen.narrow(1, x.size(1), 3)};
}

Tensor output_of(const Fusion& fusion, const std::string& name, const Stream& stream,
                 const Tensor& bottleneck) {
  const auto parameters = fusion.named_parameters();
  const Tensor both = at::cat({stream.tokens, bottleneck}, /*dim=*/1);
  const Tensor last = even_block(fusion, "fusion." + name + ".1", stream.tokens, both);
  return at::linear(at::layer_norm(last.select(/*dim=*/1, 0), {8}), parameters["classifier.weight"],
                    parameters["classifier.bias"]);
}

TEST(mbt, samples_never_attend_to_each_other) { checks::samples_never_attend_to_each_other("mbt"); }

TEST(mbt, by_hand_where_attention_is_even) {
  const auto fusion = even_mbt();
  const std::vector<Encoded> batch = whole_sample();
  const Stream text = first_layer(*fusion, "text", batch[0].tokens),
               audio = first_layer(*fusion, "audio", batch[1].tokens);
  const Tensor between = (text.written + audio.written) / 2;
  const Tensor expected =
      (output_of(*fusion, "text", text, between) + output_of(*fusion, "audio", audio, between)) / 2;
  EXPECT_TRUE(close(fusion->forward(batch).output, expected, 1e-5));
}

TEST(mbt, an_absent_modality_neither_writes_nor_counts) {
  const auto fusion = even_mbt();
  std::vector<Encoded> batch = whole_sample();
  batch[1].present = torch::tensor({false});
  const Stream text = first_layer(*fusion, "text", batch[0].tokens);
  EXPECT_TRUE(
      close(fusion->forward(batch).output, output_of(*fusion, "text", text, text.written), 1e-5));
}

TEST(mbt, modalities_meet_in_the_bottleneck_alone) {
  const auto fusion = small_transformer("mbt");
  fusion->wants_attention = true;
  const std::vector<Encoded> batch =
      random_batch(two_sequences(), {4, 3}, bools({{1, 1}, {1, 0}, {0, 0}}), /*seed=*/5);
  const Fused fused = fusion->forward(batch);
  ASSERT_EQ(fused.attention.size(), 6u);  // one own and two with the bottleneck, each
  for (const Attention& map : fused.attention) {
    EXPECT_EQ(map.from, map.to);
    const int64_t own = map.from == "text" ? 5 : 4;  // with the class token
    const int64_t keys = map.weights.size(3);
    EXPECT_TRUE(keys == own || keys == own + 4) << keys;
  }
}

TEST(mbt, one_fusion_layer_would_exchange_nothing) {
  expect_error(ErrorKind::config, "model.fusion.fusion_layers: expected at least 2, got 1", [] {
    make_fusion("mbt", {{"fusion_layers", 1}}, two_sequences());
  });
}

}  // namespace
}  // namespace braid::fusion
