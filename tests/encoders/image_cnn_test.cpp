#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

ModalitySpec square(int64_t side) {
  ModalitySpec image = spec(Kind::image);
  image.height = image.width = side;
  return image;
}

TEST(image_cnn, the_grid_stays_small_for_every_size) {
  // Steps of 2, then one pooling: 8 -> 4 -> 2, 28 -> 14 -> 7. From 35 on the first step is 4: 35 ->
  // 9
  // -> 4, 64 -> 16 -> 8; 128 takes 8.
  const std::vector<std::pair<int64_t, int64_t>> side_and_grid = {
      {8, 2}, {9, 2}, {28, 7}, {34, 8}, {35, 4}, {36, 4}, {64, 8}, {65, 8}, {128, 8}};
  for (const auto& [side, grid] : side_and_grid) {
    auto encoder = made("image_cnn", {{"channels", {2, 2, 2}}}, square(side));
    EXPECT_EQ(encoder->max_tokens(), grid * grid) << side;
    EXPECT_EQ(encoder->forward(batch(square(side), 1)).tokens.size(1), grid * grid) << side;
  }
}

TEST(image_cnn, one_region_pools_the_whole_grid) {
  auto encoder = made("image_cnn", {{"regions", 1}}, square(12));
  // With the same map for both and no positions, the pooled vector is the mean of the tokens.
  const auto parameters = encoder->named_parameters();
  set(*encoder, "pooling.weight", parameters["projection.weight"]);
  set(*encoder, "pooling.bias", parameters["projection.bias"]);
  set(*encoder, "position", at::zeros({1}));
  const Encoded out = encoder->forward(batch(square(12), 2));
  EXPECT_TRUE(close(out.pooled, out.tokens.mean(/*dim=*/1)));
}

TEST(image_cnn, regions_tell_where_something_is) {
  // A flat image with one bright corner, and its mirror image. Pooled over one region they differ
  // by edges alone.
  Input input;
  input.values = at::zeros({2, 2, 16, 16});
  input.values[0].slice(/*dim=*/1, 2, 6).slice(/*dim=*/2, 2, 6).fill_(1);
  input.values[1].slice(/*dim=*/1, 10, 14).slice(/*dim=*/2, 10, 14).fill_(1);
  input.present = all_true({2});
  const auto distance = [&](int64_t regions) {
    const Tensor pooled =
        made("image_cnn", {{"regions", regions}}, square(16))->forward(input).pooled;
    return (pooled[0] - pooled[1]).norm().item<double>();
  };
  EXPECT_GT(distance(4), 2 * distance(1));
}

TEST(image_cnn, keeps_no_statistics_of_batches) {
  EXPECT_TRUE(made("image_cnn", Json::object(), square(8))->buffers().empty());
}

TEST(image_cnn, too_many_stages_are_an_error) {
  expect_error(ErrorKind::config,
               "encoders.example: channels: expected few enough stages for 8 x 8 pixels, got 5",
               [] {
                 made("image_cnn", {{"channels", {4, 4, 4, 4, 4}}}, square(8));
               });
  expect_error(ErrorKind::config, "channels: expected at least one stage", [] {
    made("image_cnn", {{"channels", Json::array()}}, square(8));
  });
}

TEST(image_cnn, taps_are_what_the_stages_hand_on) {
  const ModalitySpec image = square(16);
  auto encoder = made("image_cnn", {{"channels", {2, 4, 8}}, {"regions", 2}}, image);
  encoder->wants_taps = true;
  EXPECT_EQ(encoder->tap_widths(), (std::vector<int64_t>{2 * 2 * 2, 4 * 2 * 2}));
  const Input input = batch(image, 3);
  const Encoded out = encoder->forward(input);
  // The first: convolution, norm, relu and the means of 4 x 4 of the 8 x 8 places, by libtorch.
  const auto parameters = encoder->named_parameters();
  const Tensor x = at::conv2d(input.values, parameters["convolutions.0.weight"], {}, /*stride=*/2,
                              /*padding=*/2);
  const Tensor normed =
      at::group_norm(x, /*num_groups=*/2, parameters["norms.0.weight"], parameters["norms.0.bias"]);
  EXPECT_TRUE(close(out.taps[0], at::avg_pool2d(normed.relu(), 4).flatten(1)));
  // The second: what an encoder of two stages pools where its last map hands everything on.
  auto shorter =
      made("image_cnn", {{"channels", {2, 4}}, {"regions", 2}, {"width", 4 * 2 * 2}}, image);
  for (const char* name : {"convolutions.0.weight", "convolutions.1.weight", "norms.0.weight",
                           "norms.0.bias", "norms.1.weight", "norms.1.bias"})
    set(*shorter, name, parameters[name]);
  set(*shorter, "pooling.weight", at::eye(16));
  set(*shorter, "pooling.bias", at::zeros({1}));
  EXPECT_TRUE(close(out.taps[1], shorter->forward(input).pooled));
}

}  // namespace
}  // namespace braid::encoders
