#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

TEST(video_cnn, a_token_is_a_frame_or_a_run_of_them) {
  ModalitySpec video = spec(Kind::video);
  EXPECT_EQ(made("video_cnn", Json::object(), video)->max_tokens(), 5);
  video.max_length = 100;
  EXPECT_EQ(made("video_cnn", Json::object(), video)->max_tokens(), 50);
}

TEST(video_cnn, knows_the_direction_of_time) {
  auto encoder = made("video_cnn", {{"time_parts", 1}}, spec(Kind::video));
  Input input = batch(spec(Kind::video), 1);
  input.mask = all_true({1, 5});
  Input backwards = input;
  backwards.values = input.values.flip(1);
  EXPECT_FALSE(close(encoder->forward(backwards).pooled, encoder->forward(input).pooled, 1e-3));
}

TEST(video_cnn, one_stage_is_a_convolution_in_space_and_one_in_time) {
  auto encoder =
      made("video_cnn", {{"channels", {4}}, {"regions", 1}, {"width", 3}}, spec(Kind::video));
  Input input = batch(spec(Kind::video), 1);
  input.mask = all_true({1, 5});
  const auto p = encoder->named_parameters();
  const auto norm = [&](const Tensor& x, const std::string& name) {  // [1, 4, T, h w]
    return at::group_norm(x, 4, p["stages.0." + name + ".weight"], p["stages.0." + name + ".bias"])
        .relu();
  };
  const Tensor space = at::conv2d(input.values[0], p["stages.0.space.weight"], {}, 2, 1);
  Tensor x = space.transpose(0, 1).flatten(2).unsqueeze(0);  // [1, 4, T, h w]
  x = norm(x, "norm_space");
  x = norm(at::conv2d(x, p["stages.0.time.weight"], {}, 1, at::IntArrayRef{1, 0}), "norm_time");
  const Tensor frames = x.mean(/*dim=*/3).transpose(1, 2);  // [1, T, 4]
  const Tensor tokens = at::linear(frames, p["projection.weight"], p["projection.bias"]);
  EXPECT_TRUE(close(encoder->forward(input).tokens, tokens + layers::sinusoid(5, 3, tokens), 1e-5));
}

TEST(video_cnn, no_stage_is_an_error) {
  expect_error(ErrorKind::config, "channels: expected 1 to 8 stages, got 0", [] {
    made("video_cnn", {{"channels", Json::array()}}, spec(Kind::video));
  });
}

}  // namespace
}  // namespace braid::encoders
