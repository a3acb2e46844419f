// What is special about roberta.
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

TEST(roberta, counts_positions_from_the_paddings_id) {
  Json config = config_of("roberta", kPublished);
  EXPECT_EQ(config["padding_id"], 1);
  auto counted = made("roberta", config, spec(Kind::text));
  config["padding_id"] = -1;
  auto plain = made("roberta", config, spec(Kind::text));
  copy_state(*counted, *plain);
  const at::Tensor table = counted->named_parameters()["positions.weight"].detach().clone();
  set(*plain, "positions.weight", table.roll(-2, /*dims=*/0));  // the first place is row 2
  const Input input = texts({{3, 4, 5}, {6, 7}});
  EXPECT_TRUE(close(counted->forward(input).tokens, plain->forward(input).tokens));
  // A padding inside the text has row 1 and is not counted.
  set(*plain, "positions.weight",
      at::stack({table[2], table[1], table[3], table[4], table[5], table[6], table[7], table[8],
                 table[0]}));
  EXPECT_TRUE(close(counted->forward(texts({{3, 1, 5}})).tokens,
                    plain->forward(texts({{3, 1, 5}})).tokens));
}

TEST(roberta, two_positions_are_lost_to_the_padding) {
  data::ModalitySpec text = spec(Kind::text);
  text.max_length = 8;
  expect_error(ErrorKind::config, "8 tokens: expected at most 7",
               [&] { made("roberta", config_of("roberta", kPublished), text); });
}

}  // namespace
}  // namespace braid::encoders
