// What is special about dinov2.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 8},         {"num_hidden_layers", 1},
                         {"num_attention_heads", 2}, {"intermediate_size", 6},
                         {"patch_size", 4},          {"image_size", 8},
                         {"projection_dim", 5}};

TEST(dinov2, scales_what_each_half_of_a_block_adds) {
  const Json config = config_of("dinov2", kPublished);
  EXPECT_EQ(config["mlp_width"], 32);  // mlp_ratio 4
  auto encoder = made("dinov2", config, picture(8, 8));
  const Input input = batch(picture(8, 8), 1);
  EXPECT_FALSE(
      close(with_everything(*encoder, input).hidden.at(1), encoder->forward(input).hidden.at(0)));
  set(*encoder, "stack.blocks.0.scale1", at::zeros({1}));
  set(*encoder, "stack.blocks.0.scale2", at::zeros({1}));
  const Encoded out = encoder->forward(input);
  EXPECT_TRUE(same_bits(out.hidden.at(1), out.hidden.at(0)));
  expect_published_names("dinov2", config, picture(8, 8),
                         {"encoder.layer.0.layer_scale1.lambda1", "encoder.layer.0.norm1.weight"});
  Json gated = kPublished;
  gated["use_swiglu_ffn"] = true;
  expect_error(ErrorKind::config, "use_swiglu_ffn: expected false, got true",
               [&] { config_of("dinov2", gated); });
}

}  // namespace
}  // namespace braid::encoders
