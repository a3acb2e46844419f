// What is special about clap_text.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 8},
                         {"num_hidden_layers", 1},
                         {"num_attention_heads", 2},
                         {"intermediate_size", 6},
                         {"vocab_size", 12},
                         {"max_position_embeddings", 9},
                         {"hidden_act", "gelu_pytorch_tanh"}};

TEST(clap_text, projects_the_pooled_vector_twice) {
  Json published = {{"text_config", kPublished}, {"projection_dim", 5}};
  const Json config = config_of("clap_text", published);
  EXPECT_EQ(config["projection"], 5);
  auto encoder = made("clap_text", config, spec(Kind::text));
  EXPECT_EQ(encoder->embedding_width(), 5);
  const Encoded out = with_everything(*encoder, texts({{3, 4, 5}, {6}}));
  const auto p = encoder->named_parameters();
  const at::Tensor inner =
      at::relu(at::linear(out.pooled, p["projection1.weight"], p["projection1.bias"]));
  EXPECT_TRUE(
      close(out.embedding, at::linear(inner, p["projection2.weight"], p["projection2.bias"])));
  expect_published_names("clap_text", config, spec(Kind::text),
                         {"text_projection.linear1.weight", "pooler.dense.weight"});
}

}  // namespace
}  // namespace braid::encoders
