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

TEST(audio_transformer, a_tap_is_the_mean_after_a_block) {
  // 12 frames in groups of 4; row 1 has 5 real ones, so 2 tokens.
  ModalitySpec audio = spec(Kind::audio);
  audio.max_length = 12;
  auto encoder = made("audio_transformer", {{"width", 8}, {"heads", 2}}, audio);
  encoder->wants_taps = true;
  EXPECT_EQ(encoder->tap_widths(), (std::vector<int64_t>{8}));
  Input input = batch(audio, 2);
  input.mask = all_true({2, 12});
  input.mask[1].slice(/*dim=*/0, 5).fill_(false);
  const Tensor real = keep_where(input.mask, input.values);
  const auto parameters = encoder->named_parameters();
  const Tensor x = at::linear(real.reshape({2, 3, 4 * 6}), parameters["patches.weight"],
                              parameters["patches.bias"]);
  const Tensor mask = at::tensor({1, 1, 1, 1, 1, 0}).to(at::kBool).view({2, 3});
  EXPECT_TRUE(close(encoder->forward(input).taps[0],
                    mean_after_first_block(*encoder, x + layers::sinusoid(3, 8, x), mask)));
}

}  // namespace
}  // namespace braid::encoders
