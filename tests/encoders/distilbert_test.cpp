// What is special about distilbert.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

TEST(distilbert, is_a_bert_under_other_names) {
  const Json config = config_of("distilbert", {{"dim", 8},
                                               {"n_layers", 1},
                                               {"n_heads", 2},
                                               {"hidden_dim", 6},
                                               {"vocab_size", 12},
                                               {"max_position_embeddings", 9}});
  EXPECT_EQ(config["types"], 0);
  EXPECT_EQ(config["activation"], "gelu");
  expect_published_names(
      "distilbert", config, spec(Kind::text),
      {"transformer.layer.0.attention.q_lin.weight", "transformer.layer.0.sa_layer_norm.bias",
       "transformer.layer.0.ffn.lin2.weight"});
  auto ours = made("distilbert", config, spec(Kind::text));
  auto bert = made("bert", config, spec(Kind::text));
  copy_state(*ours, *bert);
  const Input input = texts({{3, 4, 5}, {6}});
  EXPECT_TRUE(same_bits(ours->forward(input).tokens, bert->forward(input).tokens));
}

}  // namespace
}  // namespace braid::encoders
