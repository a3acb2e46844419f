#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

TEST(flatten, images_are_averaged_by_area) {
  ModalitySpec image = spec(Kind::image);
  image.channels = 1;
  image.height = image.width = 4;
  auto encoder = made("flatten", {{"image_size", 2}}, image);
  EXPECT_EQ(encoder->width(), 4);
  Input input;
  input.values = at::arange(16, at::kFloat).view({1, 1, 4, 4});
  input.present = all_true({1});
  // Upper left 0, 1, 4, 5: mean 2.5; right of it + 2; below + 8.
  EXPECT_TRUE(close(encoder->forward(input).pooled.flatten(), at::tensor({2.5, 4.5, 10.5, 12.5})));
}

TEST(flatten, small_images_keep_their_pixels) {
  auto encoder = made("flatten", Json::object(), spec(Kind::image));
  EXPECT_EQ(encoder->width(), 2 * 10 * 8);
  const Input input = batch(spec(Kind::image), 2);
  EXPECT_TRUE(close(encoder->forward(input).pooled, input.values.flatten(1)));
}

TEST(flatten, sound_is_averaged_over_its_real_frames) {
  ModalitySpec sound = spec(Kind::audio);
  sound.features = 1;
  auto encoder = made("flatten", {{"frames", 2}}, sound);
  Input input;
  input.values = at::tensor({3.0f, 5.0f, 9.0f, 77.0f}).view({1, 4, 1});
  input.mask = at::tensor({1, 1, 1, 0}).to(at::kBool).view({1, 4});
  input.present = all_true({1});
  // Three frames in two parts: frames 0 and 1, frames 1 and 2.
  EXPECT_TRUE(close(encoder->forward(input).pooled.flatten(), at::tensor({4.0, 7.0})));
  // Fewer frames than parts: each part repeats the frame it falls into.
  EXPECT_TRUE(close(encoder->forward(row_of(input, 0, /*length=*/1)).pooled.flatten(),
                    at::tensor({3.0, 3.0})));
}

TEST(flatten, sound_without_gaps_agrees_with_adaptive_pooling) {
  auto encoder = made("flatten", {{"frames", 4}, {"bands", 4}}, spec(Kind::audio));
  EXPECT_EQ(encoder->width(), 16);
  Input input = batch(spec(Kind::audio), 3);
  input.mask.fill_(true);
  const Tensor expected = at::adaptive_avg_pool2d(input.values.unsqueeze(1), {4, 4}).flatten(1);
  EXPECT_TRUE(close(encoder->forward(input).pooled, expected));
}

TEST(flatten, tables_become_numbers_indicators_and_one_hot_places) {
  Input input;
  input.values = at::tensor({2.0f, 8.0f, -1.0f}).view({1, 3});
  input.observed = at::tensor({1, 0, 1}).to(at::kBool).view({1, 3});
  input.ids = at::tensor({3, 0}, at::kLong).view({1, 2});
  input.present = all_true({1});
  auto encoder = made("flatten", Json::object(), spec(Kind::tabular));
  EXPECT_TRUE(
      close(encoder->forward(input).pooled.flatten(),
            at::tensor({2.0, 0.0, -1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0})));
}

TEST(flatten, embeddings_are_averaged_over_their_real_rows) {
  auto encoder = made("flatten", Json::object(), spec(Kind::embedding));
  Input input = batch(spec(Kind::embedding), 3);
  const Tensor expected =
      input.values[1].slice(/*dim=*/0, 0, 3).mean(/*dim=*/0);  // row 1 has 3 of 4 real
  EXPECT_TRUE(close(encoder->forward(input).pooled[1], expected));
}

}  // namespace
}  // namespace braid::encoders
