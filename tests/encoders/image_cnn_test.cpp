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
  // Two poolings: 8 -> 2, 9 -> 4 -> 2, 28 -> 7. From 36 on the first step is 2: 64 -> 32 -> 8, 65
  // -> 33 -> 8; 128 takes 4.
  const std::vector<std::pair<int64_t, int64_t>> side_and_grid = {
      {8, 2}, {9, 2}, {28, 7}, {35, 8}, {36, 4}, {64, 8}, {65, 8}, {128, 8}};
  for (const auto& [side, grid] : side_and_grid) {
    auto encoder = made("image_cnn", {{"channels", {2, 2, 2}}}, square(side));
    EXPECT_EQ(encoder->max_tokens(), grid * grid) << side;
    EXPECT_EQ(encoder->forward(batch(square(side), 1)).tokens.size(1), grid * grid) << side;
  }
}

TEST(image_cnn, pooled_is_the_mean_of_the_tokens) {
  auto encoder = made("image_cnn", Json::object(), square(12));
  const Encoded out = encoder->forward(batch(square(12), 2));
  EXPECT_TRUE(close(out.pooled, out.tokens.mean(/*dim=*/1)));
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

}  // namespace
}  // namespace braid::encoders
