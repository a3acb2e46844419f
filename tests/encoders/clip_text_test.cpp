// What is special about clip_text.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 8},         {"num_hidden_layers", 1},
                         {"num_attention_heads", 2}, {"intermediate_size", 6},
                         {"vocab_size", 12},         {"max_position_embeddings", 9},
                         {"projection_dim", 5}};

TEST(clip_text, no_token_sees_what_comes_after_it) {
  auto encoder = made("clip_text", config_of("clip_text", kPublished), spec(Kind::text));
  const at::Tensor a = encoder->forward(texts({{3, 4, 5}})).tokens;
  const at::Tensor b = encoder->forward(texts({{3, 4, 7}})).tokens;
  EXPECT_TRUE(same_bits(a[0][1], b[0][1]));
  EXPECT_FALSE(close(a[0][2], b[0][2]));
}

TEST(clip_text, pools_at_the_end_of_the_text) {
  Json published = kPublished;
  EXPECT_EQ(config_of("clip_text", published)["pooled"], "largest");  // eos_token_id is 2 or absent
  published["eos_token_id"] = 4;
  Json config = config_of("clip_text", published, {"text_projection.weight"});
  EXPECT_EQ(config["pooled"], "end");
  EXPECT_EQ(config["projection"], 5);
  const Input input = texts({{3, 4, 9, 5}, {6, 8, 4}});
  auto encoder = made("clip_text", config, spec(Kind::text));
  const Encoded end = with_everything(*encoder, input);
  EXPECT_TRUE(same_bits(end.pooled[0], end.tokens[0][1]));
  EXPECT_TRUE(same_bits(end.pooled[1], end.tokens[1][2]));
  EXPECT_TRUE(close(end.embedding,
                    at::linear(end.pooled, encoder->named_parameters()["projection.weight"])));
  config["pooled"] = "largest";
  const Encoded largest = made("clip_text", config, spec(Kind::text))->forward(input);
  EXPECT_TRUE(same_bits(largest.pooled[0], largest.tokens[0][2]));
  EXPECT_TRUE(same_bits(largest.pooled[1], largest.tokens[1][1]));
  config["pooled"] = "last";
  const Encoded last = made("clip_text", config, spec(Kind::text))->forward(input);
  EXPECT_TRUE(same_bits(last.pooled[0], last.tokens[0][3]));
  EXPECT_TRUE(same_bits(last.pooled[1], last.tokens[1][2]));
}

TEST(clip_text, has_the_published_names) {
  expect_published_names(
      "clip_text", config_of("clip_text", kPublished, {"text_projection.weight"}), spec(Kind::text),
      {"embeddings.token_embedding.weight", "text_projection.weight",
       "encoder.layers.0.self_attn.out_proj.bias", "final_layer_norm.weight"});
}

}  // namespace
}  // namespace braid::encoders
