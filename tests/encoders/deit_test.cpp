// What is special about deit.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 8},         {"num_hidden_layers", 1},
                         {"num_attention_heads", 2}, {"intermediate_size", 6},
                         {"patch_size", 4},          {"image_size", 8},
                         {"projection_dim", 5}};

TEST(deit, has_a_second_token) {
  const Json config = config_of("deit", kPublished);
  auto encoder = made("deit", config, picture(8, 8));
  EXPECT_EQ(encoder->max_tokens(), 2 + 4);
  set(*encoder, "distillation_token", 3 * at::ones({1}));
  set(*encoder, "positions", at::zeros({1}));
  const Encoded out = with_everything(*encoder, batch(picture(8, 8), 1));
  EXPECT_TRUE(close(out.hidden.at(0)[0][1], 3 * at::ones({8})));
  expect_published_names("deit", config, picture(8, 8),
                         {"embeddings.distillation_token", "embeddings.cls_token"});
}

}  // namespace
}  // namespace braid::encoders
