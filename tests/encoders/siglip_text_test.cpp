// What is special about siglip_text.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 8},         {"num_hidden_layers", 1},
                         {"num_attention_heads", 2}, {"intermediate_size", 6},
                         {"vocab_size", 12},         {"max_position_embeddings", 9},
                         {"projection_dim", 5}};

TEST(siglip_text, every_token_sees_all_and_the_last_is_projected) {
  const Json config = config_of("siglip_text", kPublished);
  EXPECT_EQ(config["projection"], 8);
  EXPECT_EQ(config["activation"], "gelu_new");
  auto encoder = made("siglip_text", config, spec(Kind::text));
  const Encoded a = with_everything(*encoder, texts({{3, 4, 5}}));
  const Encoded b = with_everything(*encoder, texts({{3, 4, 7}}));
  EXPECT_FALSE(close(a.tokens[0][0], b.tokens[0][0]));
  const auto p = encoder->named_parameters();
  EXPECT_TRUE(same_bits(a.pooled[0], a.tokens[0][2]));
  EXPECT_TRUE(
      close(a.embedding, at::linear(a.pooled, p["projection.weight"], p["projection.bias"])));
  expect_published_names("siglip_text", config, spec(Kind::text), {"head.weight", "head.bias"});
}

}  // namespace
}  // namespace braid::encoders
