// What is special about wav2vec2.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {
    {"hidden_size", 8},       {"num_hidden_layers", 1},       {"num_attention_heads", 2},
    {"intermediate_size", 6}, {"conv_dim", {6, 4}},           {"conv_kernel", {4, 2}},
    {"conv_stride", {3, 1}},  {"num_conv_pos_embeddings", 4}, {"num_conv_pos_embedding_groups", 2}};

data::ModalitySpec waves(int64_t length = 19) {
  data::ModalitySpec spec = examples::spec(Kind::audio);
  spec.features = 1;
  spec.max_length = length;
  return spec;
}

TEST(wav2vec2, tokens_are_the_windows_of_its_convolutions) {
  auto encoder = made("wav2vec2", config_of("wav2vec2", kPublished), waves());
  // (19 - 4) / 3 + 1 = 6, then 5; of 18 and 17 samples one less. A token sees 4 + 3 = 7 samples.
  EXPECT_EQ(encoder->max_tokens(), 5);
  const Encoded out = encoder->forward(batch(waves(), 3));
  EXPECT_TRUE(same_bits(out.mask.sum(/*dim=*/1), at::tensor({5, 4, 4}, at::kLong)));
  EXPECT_EQ(encoder->forward(row_of(batch(waves(), 1), 0, 6)).tokens.size(1), 1);
  // From scratch: steps of two down to 512 tokens: (4096 - 3) / 2 + 1 = 2047, 1023, 511.
  EXPECT_EQ(made("wav2vec2", Json::object(), waves(4096))->max_tokens(), 511);
}

TEST(wav2vec2, the_norm_over_time_counts_the_rows_own_samples_or_the_padding_too) {
  Json config = config_of("wav2vec2", kPublished);
  const Input input = batch(waves(), 2);
  const Input alone = row_of(input, 1, 18);
  auto encoder = made("wav2vec2", config, waves());
  EXPECT_TRUE(close(encoder->forward(alone).pooled[0], encoder->forward(input).pooled[1]));
  config["norm_over_padding"] = true;
  auto padded = made("wav2vec2", config, waves());
  EXPECT_TRUE(close(padded->forward(alone).pooled, encoder->forward(alone).pooled));
  EXPECT_FALSE(close(padded->forward(alone).pooled[0], padded->forward(input).pooled[1], 1e-3));
}

TEST(wav2vec2, positions_come_from_a_convolution_under_weight_norm) {
  const Json config = config_of("wav2vec2", kPublished);
  auto encoder = made("wav2vec2", config, waves());
  const Encoded out = with_everything(*encoder, batch(waves(), 1));
  const at::Tensor direction = encoder->named_parameters()["position_direction"];
  EXPECT_EQ(direction.sizes(), at::IntArrayRef({8, 4, 4}));
  // How long the direction is does not matter, how long its scale is does.
  set(*encoder, "position_direction", 3 * direction);
  EXPECT_TRUE(close(encoder->forward(batch(waves(), 1)).hidden.at(0), out.hidden.at(0)));
  set(*encoder, "position_scale", at::zeros({1}));
  EXPECT_FALSE(close(encoder->forward(batch(waves(), 1)).hidden.at(0), out.hidden.at(0), 1e-3));
  expect_published_names(
      "wav2vec2", config, waves(),
      {"encoder.pos_conv_embed.conv.parametrizations.weight.original0",
       "encoder.pos_conv_embed.conv.parametrizations.weight.original1",
       "encoder.pos_conv_embed.conv.bias", "feature_extractor.conv_layers.0.layer_norm.weight",
       "feature_extractor.conv_layers.1.conv.weight"});
}

TEST(wav2vec2, norms_after_the_first_convolution_or_after_each) {
  Json config = config_of("wav2vec2", kPublished);
  EXPECT_EQ(made("wav2vec2", config, waves())->named_parameters().find("convolution1.norm.weight"),
            nullptr);
  config["conv_norm"] = "layer";
  EXPECT_NE(made("wav2vec2", config, waves())->named_parameters().find("convolution1.norm.weight"),
            nullptr);
}

TEST(wav2vec2, says_what_it_cannot_take) {
  Json config = config_of("wav2vec2", kPublished);
  expect_error(ErrorKind::config, "6 values per sample: expected 1, as the encoder has: raw sound",
               [&] { made("wav2vec2", config, spec(Kind::audio)); });
  config["conv_strides"] = {2};
  expect_error(ErrorKind::config, "expected as many entries in each, 32 at most, got 2, 2 and 1",
               [&] { made("wav2vec2", config, waves()); });
  config = config_of("wav2vec2", kPublished);
  config["position_groups"] = 3;
  expect_error(ErrorKind::config, "position_groups: expected a divisor of width (8), got 3",
               [&] { made("wav2vec2", config, waves()); });
  config = {{"conv_kernels", {1024, 1024, 1024}}, {"conv_strides", {1024, 1024, 1024}}};
  config["conv_widths"] = {4, 4, 4};
  expect_error(ErrorKind::config, "conv_strides: expected a token to see 16777216 samples at most",
               [&] { made("wav2vec2", config, waves()); });
  Json adapted = kPublished;
  adapted["add_adapter"] = true;
  expect_error(ErrorKind::config, "add_adapter: expected false, got true",
               [&] { config_of("wav2vec2", adapted); });
}

}  // namespace
}  // namespace braid::encoders
