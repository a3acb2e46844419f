// What is special about bert.
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

TEST(bert, reads_its_config) {
  const Json config = config_of("bert", kPublished);
  EXPECT_EQ(config["width"], 8);
  EXPECT_EQ(config["mlp_width"], 6);
  EXPECT_EQ(config["activation"], "gelu_new");
  EXPECT_EQ(config["epsilon"], 1e-12);
  EXPECT_EQ(config["types"], 2);
  Json relative = kPublished;
  relative["position_embedding_type"] = "relative_key";
  expect_error(ErrorKind::config,
               "checkpoint: config.json: position_embedding_type: expected \"absolute\", got "
               "\"relative_key\"; this variant is not supported",
               [&] { config_of("bert", relative); });
  Json without = kPublished;
  without.erase("hidden_size");
  expect_error(ErrorKind::config, "config.json: hidden_size: expected a whole number, got nothing",
               [&] { config_of("bert", without); });
}

TEST(bert, pools_the_first_token_through_tanh_or_averages) {
  Json config = config_of("bert", kPublished);
  const Input input = texts({{3, 4, 5}, {6}});
  config["pooled"] = "pooler";
  auto encoder = made("bert", config, spec(Kind::text));
  const Encoded out = encoder->forward(input);
  const auto parameters = encoder->named_parameters();
  const at::Tensor first = out.tokens.select(1, 0);
  EXPECT_TRUE(close(out.pooled, at::tanh(at::linear(first, parameters["pooler.weight"],
                                                    parameters["pooler.bias"]))));
  config["pooled"] = "mean";
  const Encoded mean = made("bert", config, spec(Kind::text))->forward(input);
  EXPECT_TRUE(close(mean.pooled[0], mean.tokens[0].mean(/*dim=*/0)));
  EXPECT_TRUE(close(mean.pooled[1], mean.tokens[1][0]));
}

TEST(bert, a_second_text_has_another_type) {
  auto encoder = made("bert", config_of("bert", kPublished), spec(Kind::text));
  Input input = texts({{3, 4, 5}});
  const Encoded first = encoder->forward(input);
  input.types = at::zeros_like(input.ids);
  EXPECT_TRUE(same_bits(encoder->forward(input).tokens, first.tokens));
  input.types[0][2].fill_(1);
  EXPECT_FALSE(close(encoder->forward(input).tokens, first.tokens));
}

TEST(bert, has_the_published_names) {
  expect_published_names(
      "bert", config_of("bert", kPublished), spec(Kind::text),
      {"embeddings.word_embeddings.weight", "embeddings.LayerNorm.bias",
       "encoder.layer.0.attention.self.query.weight", "encoder.layer.0.attention.self.key.bias",
       "encoder.layer.0.output.LayerNorm.weight"});
}

TEST(bert, a_tokenizer_or_texts_that_do_not_fit_are_errors) {
  data::ModalitySpec text = spec(Kind::text);
  text.vocabulary = 13;
  expect_error(ErrorKind::config, "the tokenizer has 13 ids, the embedding 12 rows",
               [&] { made("bert", config_of("bert", kPublished), text); });
  text.vocabulary = 12;
  text.max_length = 10;
  expect_error(ErrorKind::config, "10 tokens: expected at most 9",
               [&] { made("bert", config_of("bert", kPublished), text); });
}

}  // namespace
}  // namespace braid::encoders
