// What is special about mpnet.
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

TEST(mpnet, adds_a_bias_for_each_distance) {
  const Json config = config_of("mpnet", kPublished);
  auto encoder = made("mpnet", config, spec(Kind::text));
  auto roberta = made("roberta", config, spec(Kind::text));
  set(*encoder, "relative_bias.weight", at::zeros({1}));
  for (const auto& item : roberta->named_parameters())
    set(*roberta, item.key(), encoder->named_parameters()[item.key()].detach());
  const Input input = texts({{3, 4, 5}, {6}});
  EXPECT_TRUE(close(encoder->forward(input).tokens, roberta->forward(input).tokens));
  // A key in front of the query by 1 is bucket 1, one behind it 16 + 1: so little else is seen that
  // the last token's output is that of a text of the two last tokens at their places.
  at::Tensor bias = at::zeros({32, 2});
  bias[2].fill_(-1e4);
  bias[18].fill_(-1e4);
  set(*encoder, "relative_bias.weight", bias);
  const Encoded near = encoder->forward(texts({{3, 4, 5}}));
  const Encoded other = encoder->forward(texts({{7, 4, 5}}));
  EXPECT_TRUE(close(near.tokens[0][2], other.tokens[0][2]));
  EXPECT_FALSE(close(near.tokens[0][1], other.tokens[0][1]));
}

}  // namespace
}  // namespace braid::encoders
