// What is special about ast.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {
    {"hidden_size", 8},       {"num_hidden_layers", 1}, {"num_attention_heads", 2},
    {"intermediate_size", 6}, {"patch_size", 4},        {"frequency_stride", 2},
    {"time_stride", 3},       {"num_mel_bins", 6},      {"max_length", 13}};

TEST(ast, patches_overlap_and_their_grid_is_handed_out_column_by_column) {
  // Bands 0-3 and 2-5; frames 0-3, 3-6, 6-9 and 9-12.
  auto encoder = made("ast", config_of("ast", kPublished), spec(Kind::audio));
  EXPECT_EQ(encoder->max_tokens(), 2 * 4);
  set(*encoder, "positions", at::zeros({1}));
  Input input = batch(spec(Kind::audio), 1);
  const at::Tensor before = with_everything(*encoder, input).hidden.at(0);
  EXPECT_EQ(before.size(1), 2 + 2 * 4);  // with the class and the distillation token
  input.values[0][3][5] = 9.0;           // frame 3, band 5: the second row of columns 0 and 1
  const at::Tensor changed = encoder->forward(input).hidden.at(0).ne(before).any(/*dim=*/2)[0];
  EXPECT_TRUE(same_bits(changed, at::tensor({0, 0, 0, 1, 0, 1, 0, 0, 0, 0}).to(at::kBool)));
}

TEST(ast, positions_are_those_of_rows_side_by_side) {
  auto encoder = made("ast", config_of("ast", kPublished), spec(Kind::audio));
  set(*encoder, "patches.weight", at::zeros({1}));
  set(*encoder, "patches.bias", at::zeros({1}));
  set(*encoder, "positions", at::arange(10).to(at::kFloat).view({1, 10, 1}));
  set(*encoder, "class_token", at::zeros({1}));
  set(*encoder, "distillation_token", at::zeros({1}));
  // A row is four columns: the first column has places 2 and 6, the second 3 and 7.
  const Encoded out = with_everything(*encoder, row_of(batch(spec(Kind::audio), 1), 0, 7));
  EXPECT_TRUE(close(out.hidden.at(0)[0].select(1, 0), at::tensor({0.0, 1.0, 2.0, 6.0, 3.0, 7.0})));
}

TEST(ast, pools_both_special_tokens_or_the_patches) {
  Json config = config_of("ast", kPublished);
  const Input input = batch(spec(Kind::audio), 2);
  auto encoder = made("ast", config, spec(Kind::audio));
  const Encoded out = with_everything(*encoder, input);
  const auto p = encoder->named_parameters();
  const at::Tensor last =
      at::layer_norm(out.hidden.at(1), {8}, p["norm.weight"], p["norm.bias"], 1e-12);
  EXPECT_TRUE(close(out.pooled, (last.select(1, 0) + last.select(1, 1)) / 2));
  config["pooled"] = "mean";
  const Encoded mean = made("ast", config, spec(Kind::audio))->forward(input);
  EXPECT_TRUE(close(mean.pooled[0], mean.tokens[0].mean(/*dim=*/0)));
  // Row 1 has 12 frames: the patches at 9 reach beyond them.
  EXPECT_TRUE(close(mean.pooled[1], mean.tokens[1].slice(0, 0, 6).mean(/*dim=*/0)));
}

TEST(ast, says_what_does_not_fit_the_checkpoint) {
  const Json config = config_of("ast", kPublished);
  data::ModalitySpec other = spec(Kind::audio);
  other.features = 5;
  expect_error(ErrorKind::config, "5 mel bands: expected 6", [&] { made("ast", config, other); });
  other = spec(Kind::audio);
  other.max_length = 16;
  expect_error(ErrorKind::config, "16 frames: expected at most 13",
               [&] { made("ast", config, other); });
  expect_error(ErrorKind::config, "patch: expected at most the number of mel bands (6), got 7", [] {
    made("ast", {{"patch", 7}}, spec(Kind::audio));
  });
  expect_published_names("ast", config, spec(Kind::audio),
                         {"embeddings.distillation_token", "layernorm.weight",
                          "embeddings.patch_embeddings.projection.weight"});
}

}  // namespace
}  // namespace braid::encoders
