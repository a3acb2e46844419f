// What is special about videomae.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"hidden_size", 8},         {"num_hidden_layers", 1},
                         {"num_attention_heads", 2}, {"intermediate_size", 6},
                         {"patch_size", 3},          {"image_size", 6},
                         {"tubelet_size", 2}};

TEST(videomae, tokens_are_tubelets_in_the_order_of_time_rows_and_columns) {
  const data::ModalitySpec spec = examples::spec(Kind::video);  // 5 frames of 7 x 6
  auto encoder = made("videomae", config_of("videomae", kPublished), spec);
  EXPECT_EQ(encoder->max_tokens(), 3 * 2 * 2);
  set(*encoder, "tubelets.bias", at::zeros({1}));
  set(*encoder, "tubelets.weight", at::ones({1}));
  Input input = batch(spec, 1);
  const at::Tensor x = with_everything(*encoder, input).hidden.at(0)[0];  // [12, D]
  for (int64_t t : {0, 1, 2})
    for (int64_t row : {0, 1})
      for (int64_t column : {0, 1}) {
        const int64_t at = (t * 2 + row) * 2 + column;
        const double sum = input.values[0]
                               .slice(0, 2 * t, std::min<int64_t>(2 * t + 2, 5))
                               .slice(2, 3 * row, 3 * row + 3)
                               .slice(3, 3 * column, 3 * column + 3)
                               .sum()
                               .item<double>();
        for (int64_t j = 0; j < 8; ++j) {
          // Vaswani et al. 2017: sines at even places, cosines at odd ones.
          const double angle = static_cast<double>(at) / std::pow(10000.0, (j / 2 * 2) / 8.0);
          EXPECT_NEAR(x[at][j].item<double>(),
                      sum + (j % 2 == 0 ? std::sin(angle) : std::cos(angle)), 1e-4);
        }
      }
}

TEST(videomae, a_tubelet_counts_where_one_of_its_frames_is_real) {
  const data::ModalitySpec spec = examples::spec(Kind::video);
  auto encoder = made("videomae", config_of("videomae", kPublished), spec);
  Input input = batch(spec, 1);
  input.mask = torch::tensor({1, 1, 1, 0, 0}, at::kLong).ne(0).unsqueeze(0);
  const Encoded out = encoder->forward(input);
  EXPECT_TRUE(out.mask[0].slice(0, 0, 8).all().item<bool>());
  EXPECT_FALSE(out.mask[0].slice(0, 8, 12).any().item<bool>());
  // The masked half of the second tubelet is as good as zeros.
  input.mask.fill_(true);
  input.values.slice(1, 3).fill_(0);
  const Encoded first = encoder->forward(row_of(input, 0, /*length=*/4));
  EXPECT_TRUE(close(first.tokens[0], out.tokens[0].slice(0, 0, 8)));
  EXPECT_TRUE(close(first.pooled, out.pooled));
}

TEST(videomae, the_last_norm_stands_where_the_checkpoint_has_it) {
  const data::ModalitySpec spec = examples::spec(Kind::video);
  EXPECT_EQ(config_of("videomae", kPublished, {"fc_norm.weight"})["norm"], "mean");
  EXPECT_EQ(config_of("videomae", kPublished)["norm"], "none");
  Json published = kPublished;
  published["use_mean_pooling"] = false;
  Json config = config_of("videomae", published);
  EXPECT_EQ(config["norm"], "tokens");
  const Input input = row_of(batch(spec, 1), 0, /*length=*/5);
  for (const char* norm : {"tokens", "mean", "none"}) {
    config["norm"] = norm;
    const Encoded out = with_everything(*made("videomae", config, spec), input);
    const at::Tensor last = out.hidden.at(1);
    const bool is_of_tokens = norm == std::string("tokens");
    const auto normed = [&](const at::Tensor& x) {
      return at::layer_norm(x, {8}, {}, {}, is_of_tokens ? 1e-12 : 1e-5);
    };
    EXPECT_TRUE(close(out.tokens, is_of_tokens ? normed(last) : last)) << norm;
    const at::Tensor mean = out.tokens.mean(/*dim=*/1);
    EXPECT_TRUE(close(out.pooled, norm == std::string("mean") ? normed(mean) : mean)) << norm;
  }
}

TEST(videomae, reads_the_published_config_and_writes_the_published_names) {
  const data::ModalitySpec spec = examples::spec(Kind::video);
  const Json config = config_of("videomae", kPublished, {"fc_norm.weight"});
  expect_published_names(
      "videomae", config, spec,
      {"embeddings.patch_embeddings.projection.weight", "fc_norm.weight",
       "encoder.layer.0.attention.attention.q_bias", "encoder.layer.0.attention.attention.v_bias",
       "encoder.layer.0.attention.attention.key.weight"});
  Json plain = kPublished;
  plain["qkv_bias"] = false;
  expect_error(ErrorKind::config, "qkv_bias: expected true, got false",
               [&] { config_of("videomae", plain); });
  Json large = config;
  large["patch"] = 7;
  expect_error(ErrorKind::config, "patch: expected at most the frame's size (7 x 6), got 7",
               [&] { made("videomae", large, spec); });
}

}  // namespace
}  // namespace braid::encoders
