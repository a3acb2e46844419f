#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

TEST(video_transformer, any_encoder_of_pictures_reads_the_frames) {
  const Input input = batch(spec(Kind::video), 2);
  for (const Method* method : methods()) {
    if (!method->reads(Kind::image)) continue;
    auto encoder = made("video_transformer", {{"frame_encoder", method->name}}, spec(Kind::video));
    EXPECT_EQ(encoder->forward(input).tokens.size(1), 5) << method->name;
  }
}

TEST(video_transformer, a_token_starts_from_its_frame_s_pooled_vector_and_mean_token) {
  const Json frame = {{"width", 8}, {"channels", {4}}};
  auto encoder =
      made("video_transformer", {{"frame", frame}, {"layers", 1}, {"width", 8}}, spec(Kind::video));
  ModalitySpec image = spec(Kind::video);
  image.kind = Kind::image;
  image.max_length = 1;
  auto frames = find("image_cnn").make(frame, "encoders.example", image);
  checks::copy_state(*encoder->named_children()["frame"], *frames);
  frames->eval();
  Input input = batch(spec(Kind::video), 1);
  input.mask = all_true({1, 5});
  Input pictures;
  pictures.values = input.values[0];
  pictures.present = all_true({5});
  const auto p = encoder->named_parameters();
  const Encoded each = frames->forward(pictures);
  const Tensor joined = at::cat({each.pooled, each.tokens.mean(/*dim=*/1)}, /*dim=*/1);
  const Tensor x = at::linear(joined.unsqueeze(0), p["projection.weight"], p["projection.bias"]);
  const auto block = encoder->named_modules()["blocks.blocks.0"];
  const Tensor placed = x + layers::sinusoid(5, 8, x);
  const Tensor y = block->as<layers::TransformerBlock>()->forward(placed, placed, input.mask);
  EXPECT_TRUE(close(encoder->forward(input).tokens,
                    at::layer_norm(y, {8}, p["blocks.norm.weight"], p["blocks.norm.bias"]), 1e-5));
}

TEST(video_transformer, errors_name_the_frame_encoder) {
  expect_error(ErrorKind::config, "unknown encoder 'image_cn'; did you mean 'image_cnn'?", [] {
    made("video_transformer", {{"frame_encoder", "image_cn"}}, spec(Kind::video));
  });
  expect_error(ErrorKind::config, "frame: encoder ngram: expected a kind that it reads, got image",
               [] {
                 made("video_transformer", {{"frame_encoder", "ngram"}}, spec(Kind::video));
               });
}

}  // namespace
}  // namespace braid::encoders
