// What is special about whisper.
#include <map>

#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {
    {"d_model", 8},         {"encoder_layers", 1}, {"encoder_attention_heads", 2},
    {"encoder_ffn_dim", 6}, {"num_mel_bins", 6},   {"max_source_positions", 7}};

TEST(whisper, two_frames_are_a_token) {
  auto encoder = made("whisper", config_of("whisper", kPublished), spec(Kind::audio));
  EXPECT_EQ(encoder->max_tokens(), 7);
  const Encoded out = encoder->forward(batch(spec(Kind::audio), 3));  // 13, 12 and 11 frames
  EXPECT_TRUE(same_bits(out.mask.sum(/*dim=*/1), at::tensor({7, 6, 6}, at::kLong)));
  EXPECT_TRUE(close(out.pooled[1], out.tokens[1].slice(0, 0, 6).mean(/*dim=*/0)));
}

TEST(whisper, positions_are_fixed_sines_then_cosines) {
  auto encoder = made("whisper", config_of("whisper", kPublished), spec(Kind::audio));
  const at::Tensor positions = encoder->named_buffers()["positions"];
  EXPECT_EQ(encoder->named_parameters().find("positions"), nullptr);
  // Rates 1, 10000^(-1/3), 10000^(-2/3) and 1/10000.
  for (int64_t k = 0; k < 4; ++k) {
    const double angle = 5 * std::pow(10000.0, -double(k) / 3);
    EXPECT_NEAR(positions[5][k].item<double>(), std::sin(angle), 1e-6);
    EXPECT_NEAR(positions[5][4 + k].item<double>(), std::cos(angle), 1e-6);
  }
}

TEST(whisper, says_what_does_not_fit_the_checkpoint) {
  Json config = config_of("whisper", kPublished);
  data::ModalitySpec other = spec(Kind::audio);
  other.features = 5;
  expect_error(ErrorKind::config, "5 mel bands: expected 6",
               [&] { made("whisper", config, other); });
  other = spec(Kind::audio);
  other.max_length = 15;
  expect_error(ErrorKind::config, "15 frames: expected at most 14",
               [&] { made("whisper", config, other); });
  config["width"] = 9;
  config["heads"] = 3;
  expect_error(ErrorKind::config, "width: expected an even number, got 9",
               [&] { made("whisper", config, spec(Kind::audio)); });
}

TEST(whisper, keys_have_no_bias_in_its_checkpoints) {
  auto encoder = made("whisper", config_of("whisper", kPublished), spec(Kind::audio));
  EXPECT_EQ(encoder->named_buffers().find("stack.blocks.0.key_bias"), nullptr);
  expect_published_names("whisper", config_of("whisper", kPublished), spec(Kind::audio),
                         {"conv1.weight", "embed_positions.weight", "layer_norm.weight",
                          "layers.0.self_attn.k_proj.weight", "layers.0.final_layer_norm.bias"});
}

TEST(whisper, gradients_are_the_same_bits_twice) {
  const data::ModalitySpec sound = examples::spec(data::Kind::audio);
  const auto encoder = examples::made("whisper", Json::object(), sound);
  const Input input = examples::batch(sound, 2);
  std::map<std::string, at::Tensor> first;
  for (int pass = 0; pass < 2; ++pass) {
    encoder->zero_grad(/*set_to_none=*/true);
    checks::project(encoder->forward(input).pooled, 3).backward();
    for (const auto& item : encoder->named_parameters()) {
      if (!item.value().grad().defined()) continue;
      if (pass == 0)
        first[item.key()] = item.value().grad().clone();
      else
        EXPECT_TRUE(item.value().grad().equal(first[item.key()]))
            << item.key() << " " << (item.value().grad() - first[item.key()]).abs().max();
    }
  }
}

}  // namespace
}  // namespace braid::encoders
