#include <cmath>

#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

TEST(audio_cnn, a_token_stands_for_four_frames) {
  auto encoder = made("audio_cnn", Json::object(), spec(Kind::audio));
  EXPECT_EQ(encoder->max_tokens(), 4);  // 13 frames
  const Input input = batch(spec(Kind::audio), 1);
  for (int64_t length = 1; length <= 13; ++length)
    EXPECT_EQ(encoder->forward(row_of(input, 0, length)).tokens.size(1), (length + 3) / 4)
        << length;
}

TEST(audio_cnn, norms_look_at_real_frames_only) {
  // A short clip in a batch padded twentyfold: with the padding's zeros in the statistics this
  // would move by tenths.
  ModalitySpec longer = spec(Kind::audio);
  longer.max_length = 100;
  auto encoder = made("audio_cnn", Json::object(), longer);
  const Input clip = row_of(batch(longer, 1), 0, /*length=*/5);
  Input padded = clip;
  padded.values = at::constant_pad_nd(clip.values, {0, 0, 0, 95}, 0);
  padded.mask = at::constant_pad_nd(clip.mask, {0, 95}, 0);
  EXPECT_TRUE(close(encoder->forward(padded).pooled, encoder->forward(clip).pooled));
}

TEST(audio_cnn, normalises_each_group_to_zero_mean_and_unit_deviation) {
  // One stage of one channel whose kernel is 1 at its centre: relu((x - mean) / deviation) of the
  // clip.
  ModalitySpec one = spec(Kind::audio);
  one.features = 1;
  auto encoder = made(
      "audio_cnn", {{"channels", {1}}, {"width", 1}, {"band_groups", 1}, {"time_parts", 2}}, one);
  Tensor kernel = at::zeros({1, 1, 3, 3});
  kernel[0][0][1][1] = 1;
  set(*encoder, "convolutions.0.weight", kernel);
  set(*encoder, "projection.weight", at::ones({1}));
  set(*encoder, "projection.bias", at::zeros({1}));
  Input input;
  input.values = at::tensor({1.0f, 5.0f, 99.0f}).view({1, 3, 1});
  input.mask = at::tensor({1, 1, 0}).to(at::kBool).view({1, 3});
  input.present = all_true({1});
  set(*encoder, "pool.weight", at::tensor({10.0, 1.0}));
  set(*encoder, "pool.bias", at::zeros({1}));
  // Real frames 1 and 5: mean 3, deviation 2 -> -1 and 1 -> relu 0 and 1. Tokens add their place:
  // sin 0, sin 1.
  const Encoded out = encoder->forward(input);
  EXPECT_TRUE(close(out.tokens.flatten(), at::tensor({0.0, 1 + std::sin(1.0), 0.0})));
  // Two frames in two parts: 10 * 0 + 1 * 1.
  EXPECT_TRUE(close(out.pooled.flatten(), at::tensor({1.0})));
}

TEST(audio_cnn, loudness_in_linear_units_does_not_matter) {
  auto encoder = made("audio_cnn", Json::object(), spec(Kind::audio));
  const Input input = batch(spec(Kind::audio), 2);
  Input louder = input;
  louder.values = input.values * 7;
  EXPECT_TRUE(close(encoder->forward(louder).pooled, encoder->forward(input).pooled, 1e-3));
}

TEST(audio_cnn, stages_are_counted) {
  expect_error(ErrorKind::config, "encoders.example: channels: expected 1 to 8 stages, got 0", [] {
    made("audio_cnn", {{"channels", Json::array()}}, spec(Kind::audio));
  });
}

TEST(audio_cnn, taps_are_what_the_stages_hand_on) {
  // Two bands at the end of three stages, so two groups at every stage.
  auto encoder = made("audio_cnn", {{"channels", {2, 4, 8}}, {"time_parts", 2}}, spec(Kind::audio));
  encoder->wants_taps = true;
  EXPECT_EQ(encoder->tap_widths(), (std::vector<int64_t>{2 * 2 * 2, 2 * 4 * 2}));
  const Input input = batch(spec(Kind::audio), 3);
  const Encoded out = encoder->forward(input);
  const auto parameters = encoder->named_parameters();
  // The first, of row 0's 13 frames: parts of 7 frames (the middle one in both) and of 3 bands.
  const Tensor x =
      at::conv2d(at::constant_pad_nd(input.values[0], {0, 0, 0, 3}, 0).view({1, 1, 16, 6}),
                 parameters["convolutions.0.weight"], {}, /*stride=*/2, /*padding=*/2);
  const Tensor real = x.slice(/*dim=*/2, 0, 7);  // [1, 2, 7, 3]: of 8 frames 7 hold a real one
  const Tensor normed = at::group_norm(real, /*num_groups=*/2, parameters["norms.0.weight"],
                                       parameters["norms.0.bias"])
                            .relu();
  const Tensor parts =
      at::adaptive_avg_pool2d(normed, {2, 2});  // [1, 2 channels, 2 parts, 2 groups]
  EXPECT_TRUE(close(out.taps[0][0], parts[0].permute({1, 0, 2}).flatten()));
  // The second: what an encoder of two stages pools where its last map hands everything on.
  auto shorter = made("audio_cnn",
                      {{"channels", {2, 4}}, {"time_parts", 2}, {"band_groups", 2}, {"width", 16}},
                      spec(Kind::audio));
  for (const char* name : {"convolutions.0.weight", "convolutions.1.weight", "norms.0.weight",
                           "norms.0.bias", "norms.1.weight", "norms.1.bias"})
    set(*shorter, name, parameters[name]);
  set(*shorter, "pool.weight", at::eye(16));
  set(*shorter, "pool.bias", at::zeros({1}));
  EXPECT_TRUE(close(out.taps[1], shorter->forward(input).pooled));
}

}  // namespace
}  // namespace braid::encoders
