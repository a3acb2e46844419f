// What is special about vit.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 8},         {"num_hidden_layers", 1},
                         {"num_attention_heads", 2}, {"intermediate_size", 6},
                         {"patch_size", 4},          {"image_size", 8},
                         {"projection_dim", 5}};

TEST(vit, has_a_class_token_and_whole_patches) {
  auto encoder = made("vit", config_of("vit", kPublished), picture(9, 11));
  EXPECT_EQ(encoder->max_tokens(), 1 + 2 * 2);
  Input input = batch(picture(9, 11), 2);
  const Encoded out = encoder->forward(input);
  EXPECT_TRUE(same_bits(out.pooled, out.tokens.select(1, 0)));
  input.values.slice(2, 8, 9).fill_(7);  // beyond whole patches
  EXPECT_TRUE(same_bits(encoder->forward(input).tokens, out.tokens));
  expect_error(ErrorKind::config, "patch: expected at most the picture's size (3 x 8), got 4",
               [] { made("vit", config_of("vit", kPublished), picture(3, 8)); });
}

TEST(vit, positions_are_resized_to_another_grid) {
  // Positions that grow along the height alone still do, and only there, on another grid.
  const Json config = config_of("vit", kPublished);
  auto encoder = made("vit", config, picture(12, 8));  // 3 x 2 patches, positions 2 x 2
  at::Tensor positions = at::zeros({1, 5, 8});
  positions.slice(1, 3, 5).fill_(1);  // the second row of the grid
  set(*encoder, "positions", positions);
  Input input;
  input.values = at::zeros({1, 2, 12, 8});
  input.present = at::ones({1}, at::kBool);
  const at::Tensor x = with_everything(*encoder, input).hidden.at(0)[0];  // [7, D]
  EXPECT_TRUE(close(x[1], x[2]));
  EXPECT_TRUE(close(x[5] + x[1] - 2 * x[3], at::zeros({8})));  // symmetric about the middle
  EXPECT_GT((x[5] - x[1]).min().item<double>(), 0.5);
}

TEST(vit, pools_by_its_own_layer_or_the_mean_of_the_patches) {
  Json config = config_of("vit", kPublished);
  const Input input = batch(picture(8, 8), 2);
  config["pooled"] = "pooler";
  auto encoder = made("vit", config, picture(8, 8));
  const Encoded out = encoder->forward(input);
  const auto p = encoder->named_parameters();
  EXPECT_TRUE(close(out.pooled, at::tanh(at::linear(out.tokens.select(1, 0), p["pooler.weight"],
                                                    p["pooler.bias"]))));
  config["pooled"] = "mean";
  const Encoded mean = made("vit", config, picture(8, 8))->forward(input);
  EXPECT_TRUE(close(mean.pooled, mean.tokens.slice(1, 1).mean(/*dim=*/1)));
}

}  // namespace
}  // namespace braid::encoders
