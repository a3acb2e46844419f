#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

TEST(volume_cnn, tokens_are_places_of_the_last_grid) {
  ModalitySpec volume = spec(Kind::volume);
  volume.depth = volume.height = volume.width = 48;
  EXPECT_EQ(made("volume_cnn", Json::object(), volume)->max_tokens(), 27);  // 48 24 12 6 3
  EXPECT_EQ(made("volume_cnn", {{"channels", {4}}}, volume)->max_tokens(), 64);
}

TEST(volume_cnn, one_stage_is_a_convolution_with_group_norm) {
  auto encoder =
      made("volume_cnn", {{"channels", {4}}, {"regions", 1}, {"width", 3}}, spec(Kind::volume));
  const Input input = batch(spec(Kind::volume), 2);
  const auto p = encoder->named_parameters();
  Tensor x = at::conv3d(input.values, p["convolutions.0.weight"], {}, 2, 1);
  x = at::group_norm(x, 4, p["norms.0.weight"], p["norms.0.bias"]).relu();
  const Tensor pooled = at::linear(x.flatten(2).mean(2), p["pooling.weight"], p["pooling.bias"]);
  EXPECT_TRUE(close(encoder->forward(input).pooled, pooled, 1e-5));
}

TEST(volume_cnn, no_stage_is_an_error) {
  expect_error(ErrorKind::config, "channels: expected 1 to 8 stages, got 0", [] {
    made("volume_cnn", {{"channels", Json::array()}}, spec(Kind::volume));
  });
}

}  // namespace
}  // namespace braid::encoders
