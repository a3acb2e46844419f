#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

ModalitySpec image(int64_t height, int64_t width) {
  ModalitySpec image = spec(Kind::image);
  image.height = height;
  image.width = width;
  return image;
}

TEST(image_vit, patches_default_to_a_seventh_of_the_longer_side) {
  EXPECT_EQ(made("image_vit", Json::object(), image(28, 28))->max_tokens(), 49);  // patches of 4
  EXPECT_EQ(made("image_vit", Json::object(), image(64, 64))->max_tokens(),
            64);  // patches of 9, filled up to 72
  EXPECT_EQ(made("image_vit", Json::object(), image(3, 2))->max_tokens(), 6);  // patches of 1
}

TEST(image_vit, edges_are_filled_up_with_zeros) {
  auto encoder = made("image_vit", {{"patch", 4}}, image(10, 8));
  EXPECT_EQ(encoder->max_tokens(), 3 * 2);
  EXPECT_EQ(encoder->forward(batch(image(10, 8), 2)).tokens.size(1), 6);
  // The same weights on the image filled up by hand give the same tokens.
  auto whole = made("image_vit", {{"patch", 4}}, image(12, 8));
  const Input input = batch(image(10, 8), 2);
  Input filled = input;
  filled.values = at::constant_pad_nd(input.values, {0, 0, 0, 2}, 0);
  EXPECT_TRUE(close(encoder->forward(input).tokens, whole->forward(filled).tokens));
}

TEST(image_vit, knows_where_a_patch_was) {
  auto encoder = made("image_vit", {{"patch", 4}}, image(8, 8));
  const Input input = batch(image(8, 8), 1);
  Input mirrored = input;
  mirrored.values = at::cat({input.values.slice(3, 4, 8), input.values.slice(3, 0, 4)},
                            /*dim=*/3);  // halves swapped
  EXPECT_GT((encoder->forward(input).pooled - encoder->forward(mirrored).pooled)
                .abs()
                .max()
                .item<double>(),
            1e-4);
}

TEST(image_vit, a_tap_is_the_mean_after_a_block) {
  // 10 x 8 pixels in patches of 2: 20 of them.
  auto encoder = made("image_vit", {{"width", 8}, {"heads", 2}, {"patch", 2}, {"layers", 3}},
                      spec(Kind::image));
  encoder->wants_taps = true;
  EXPECT_EQ(encoder->tap_widths(), (std::vector<int64_t>{8, 8}));
  const Input input = batch(spec(Kind::image), 3);
  const auto parameters = encoder->named_parameters();
  const Tensor grid =
      at::conv2d(input.values, parameters["patches.weight"], parameters["patches.bias"], 2);
  const Tensor x = grid.flatten(/*start_dim=*/2).transpose(1, 2) + parameters["positions"];
  EXPECT_TRUE(close(encoder->forward(input).taps[0],
                    mean_after_first_block(*encoder, x, all_true({3, 20}))));
}

}  // namespace
}  // namespace braid::encoders
