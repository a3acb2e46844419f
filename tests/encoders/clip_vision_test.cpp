// What is special about clip_vision.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 8},         {"num_hidden_layers", 1},
                         {"num_attention_heads", 2}, {"intermediate_size", 6},
                         {"patch_size", 4},          {"image_size", 8},
                         {"projection_dim", 5}};

TEST(clip_vision, the_last_norm_is_for_the_pooled_vector_alone) {
  const Json config =
      config_of("clip_vision", {{"vision_config", kPublished}, {"projection_dim", 5}},
                {"visual_projection.weight"});
  EXPECT_EQ(config["activation"], "quick_gelu");
  auto encoder = made("clip_vision", config, picture(8, 8));
  EXPECT_EQ(encoder->embedding_width(), 5);
  const Encoded out = with_everything(*encoder, batch(picture(8, 8), 2));
  EXPECT_TRUE(same_bits(out.tokens, out.hidden.back()));
  const auto p = encoder->named_parameters();
  EXPECT_TRUE(close(
      out.pooled, at::layer_norm(out.tokens.select(1, 0), {8}, p["norm.weight"], p["norm.bias"])));
  EXPECT_TRUE(close(out.embedding, at::linear(out.pooled, p["projection.weight"])));
  expect_published_names("clip_vision", config, picture(8, 8),
                         {"pre_layrnorm.weight", "embeddings.class_embedding",
                          "embeddings.position_embedding.weight", "visual_projection.weight"});
}

}  // namespace
}  // namespace braid::encoders
