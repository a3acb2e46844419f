#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

TEST(audio_transformer, a_token_stands_for_a_group_of_frames) {
  auto encoder = made("audio_transformer", {{"patch_frames", 5}}, spec(Kind::audio));
  EXPECT_EQ(encoder->max_tokens(), 3);  // 13 frames
  const Encoded out = encoder->forward(row_of(batch(spec(Kind::audio), 1), 0, /*length=*/6));
  EXPECT_EQ(out.tokens.size(1), 2);
}

TEST(audio_transformer, a_group_is_real_when_one_of_its_frames_is) {
  auto encoder = made("audio_transformer", {{"patch_frames", 4}}, spec(Kind::audio));
  Input input = batch(spec(Kind::audio), 1);
  input.mask = at::tensor({1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}).to(at::kBool).view({1, 13});
  const Encoded out = encoder->forward(input);
  EXPECT_TRUE(checks::same_bits(out.mask, at::tensor({1, 1, 0, 0}).to(at::kBool).view({1, 4})));
}

TEST(audio_transformer, knows_the_order_of_frames) {
  auto encoder = made("audio_transformer", {{"patch_frames", 1}}, spec(Kind::audio));
  const Input input = batch(spec(Kind::audio), 1);
  Input backwards = input;
  backwards.values = input.values.flip(1);
  EXPECT_GT((encoder->forward(input).pooled - encoder->forward(backwards).pooled)
                .abs()
                .max()
                .item<double>(),
            1e-3);
}

}  // namespace
}  // namespace braid::encoders
