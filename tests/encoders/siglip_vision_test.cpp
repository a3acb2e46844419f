// What is special about siglip_vision.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 8},         {"num_hidden_layers", 1},
                         {"num_attention_heads", 2}, {"intermediate_size", 6},
                         {"patch_size", 4},          {"image_size", 8},
                         {"projection_dim", 5}};

TEST(siglip_vision, a_learned_query_pools) {
  const Json config = config_of("siglip_vision", kPublished, {"head.probe"});
  EXPECT_EQ(config["pooled"], "pooler");
  auto encoder = made("siglip_vision", config, picture(8, 8));
  EXPECT_EQ(encoder->max_tokens(), 4);
  // A query of zeros, without biases, sees all tokens alike: the values of their mean.
  for (const char* name : {"probe", "pool_in_bias", "pool_down.weight", "pool_down.bias"})
    set(*encoder, name, at::zeros({1}));
  const Encoded out = encoder->forward(batch(picture(8, 8), 2));
  const auto p = encoder->named_parameters();
  const at::Tensor values = at::linear(out.tokens.mean(1), p["pool_in_weight"].slice(0, 16, 24));
  EXPECT_TRUE(close(out.pooled, at::linear(values, p["pool_out.weight"], p["pool_out.bias"])));
  Json without = config;
  without["pooled"] = "cls";
  expect_error(ErrorKind::config, "got 'cls': this family has no class token",
               [&] { made("siglip_vision", without, picture(8, 8)); });
}

}  // namespace
}  // namespace braid::encoders
