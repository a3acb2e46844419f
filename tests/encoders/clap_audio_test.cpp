// What is special about clap_audio.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"patch_embeds_hidden_size", 4},
                         {"depths", {1, 2}},
                         {"num_attention_heads", {1, 2}},
                         {"patch_size", 3},
                         {"patch_stride", {3, 3}},
                         {"window_size", 2},
                         {"num_mel_bins", 6},
                         {"spec_size", 12}};
const std::vector<std::string> kProjection = {"audio_projection.linear1.weight"};

TEST(clap_audio, frames_are_resampled_normed_and_folded_into_a_square) {
  // 5 bands become 6, 13 frames 24: two parts of 12 frames, one below the other.
  const Json config = {{"patch", 3}, {"depths", {1}}, {"heads", {1}}, {"width", 4}};
  data::ModalitySpec sound = spec(Kind::audio);
  sound.features = 5;
  auto encoder = made("clap_audio", config, sound);
  const torch::NoGradGuard no_grad;
  auto p = encoder->named_parameters();
  auto buffers = encoder->named_buffers();
  buffers["band_mean"].copy_(at::arange(5).to(at::kFloat));
  buffers["band_variance"].fill_(4);
  p["band_bias"].fill_(1);
  const Input input = batch(sound, 1);
  at::Tensor x = (input.values - at::arange(5)) / std::sqrt(4 + 1e-5) + 1;
  x = at::upsample_bicubic2d(x.unsqueeze(1), {24, 6}, /*align_corners=*/true);  // [1, 1, 24, 6]
  x = at::cat({x.slice(2, 0, 12), x.slice(2, 12, 24)}, /*dim=*/3).transpose(2, 3);
  x = at::conv2d(x, p["patches.weight"], p["patches.bias"], /*stride=*/3);  // [1, 4, 4, 4]
  x = at::layer_norm(x.flatten(2).transpose(1, 2), {4});
  EXPECT_TRUE(close(with_everything(*encoder, input).hidden.at(0), x));
}

TEST(clap_audio, statistics_of_the_bands_stay_in_training) {
  auto encoder = made("clap_audio", config_of("clap_audio", kPublished), spec(Kind::audio));
  encoder->train();
  const ops::RandomScope scope(1);
  encoder->forward(batch(spec(Kind::audio), 3));
  EXPECT_TRUE(same_bits(encoder->named_buffers()["band_mean"], at::zeros({6})));
  EXPECT_TRUE(same_bits(encoder->named_buffers()["band_variance"], at::ones({6})));
}

TEST(clap_audio, short_sounds_hand_out_means_of_their_steps) {
  auto encoder = made("clap_audio", config_of("clap_audio", kPublished), spec(Kind::audio));
  EXPECT_EQ(encoder->max_tokens(), 4);  // 2 parts of 2 steps; a row of 3 * 2 bands
  const Input input = batch(spec(Kind::audio), 1);
  const Encoded two = encoder->forward(row_of(input, 0, 2));
  EXPECT_EQ(two.tokens.size(1), 2);
  EXPECT_TRUE(close(two.pooled, two.tokens.mean(/*dim=*/1)));
  const Encoded one = encoder->forward(row_of(input, 0, 1));
  EXPECT_TRUE(close(one.pooled, one.tokens.squeeze(1)));
  const Encoded all = encoder->forward(input);
  EXPECT_TRUE(close(all.pooled, all.tokens.mean(/*dim=*/1)));
}

TEST(clap_audio, projects_into_the_space_of_text) {
  Json published = kPublished;
  published["projection_dim"] = 5;
  const Json config = config_of("clap_audio", published, kProjection);
  auto encoder = made("clap_audio", config, spec(Kind::audio));
  EXPECT_EQ(encoder->embedding_width(), 5);
  const Encoded out = with_everything(*encoder, batch(spec(Kind::audio), 2));
  const auto p = encoder->named_parameters();
  const at::Tensor inner =
      at::relu(at::linear(out.pooled, p["projection1.weight"], p["projection1.bias"]));
  EXPECT_TRUE(
      close(out.embedding, at::linear(inner, p["projection2.weight"], p["projection2.bias"])));
  expect_published_names(
      "clap_audio", config, spec(Kind::audio),
      {"audio_projection.linear1.weight", "batch_norm.running_var", "layers.0.downsample.norm.bias",
       "layers.0.blocks.0.attention.self.relative_position_bias_table",
       "layers.1.blocks.1.attention.self.key.bias", "patch_embed.proj.weight"});
  EXPECT_EQ(config_of("clap_audio", published)["projection"], 0);
}

TEST(clap_audio, says_what_it_cannot_take) {
  const auto expect_refused = [](const char* key, const Json& value, const std::string& message) {
    Json published = kPublished;
    published[key] = value;
    expect_error(ErrorKind::config, message, [&] {
      made("clap_audio", config_of("clap_audio", published), spec(Kind::audio));
    });
  };
  expect_refused("enable_fusion", true, "enable_fusion: expected false, got true");
  expect_refused("patch_stride", {2, 3}, "patch_stride: expected [3,3], got [2,3]");
  expect_refused("num_mel_bins", 7, "6 mel bands: expected 7");
  expect_refused("window_size", 3,
                 "window: expected a divisor of the last stage's side (2), got 3");
  data::ModalitySpec longer = spec(Kind::audio);
  longer.max_length = 25;
  expect_error(ErrorKind::config, "25 frames: expected at most 24",
               [&] { made("clap_audio", config_of("clap_audio", kPublished), longer); });
  expect_refused("spec_size", 13, "spectrogram: expected at least 6 bands and a multiple of 12");
  expect_refused("num_attention_heads", {1, 3}, "width: expected a multiple of 3 for 3 heads");
  expect_refused("num_attention_heads", {1}, "depths, heads: expected as many entries in each");
}

}  // namespace
}  // namespace braid::encoders
