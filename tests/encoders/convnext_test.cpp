// What is special about convnext.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"patch_size", 2},
                         {"hidden_sizes", {4, 6}},
                         {"depths", {1, 1}},
                         {"layer_scale_init_value", 0.5}};

// LayerNorm over the channels of x (B, C, H, W), by its formula.
at::Tensor norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                double epsilon) {
  const at::Tensor centred = x - x.mean(/*dim=*/1, /*keepdim=*/true);
  const at::Tensor variance = centred.square().mean(/*dim=*/1, /*keepdim=*/true);
  return centred / (variance + epsilon).sqrt() * weight.view({-1, 1, 1}) + bias.view({-1, 1, 1});
}

TEST(convnext, is_its_formula) {
  auto encoder = made("convnext", config_of("convnext", kPublished), picture(9, 12), at::kDouble);
  const Input input = batch(picture(9, 12), 2, /*seed=*/1, at::kDouble);
  const Encoded out = with_everything(*encoder, input);
  const auto p = encoder->named_parameters();
  const auto normed = [&](const std::string& name, const at::Tensor& x, double epsilon = 1e-6) {
    return norm(x, p[name + ".weight"], p[name + ".bias"], epsilon);
  };
  const auto convolved = [&](const std::string& name, const at::Tensor& x, int64_t step) {
    return at::conv2d(x, p[name + ".weight"], p[name + ".bias"], step);
  };
  // An MLP at each place is a 1x1 convolution.
  const auto placed = [&](const std::string& name, const at::Tensor& x) {
    return at::conv2d(x, p[name + ".weight"].unsqueeze(2).unsqueeze(3), p[name + ".bias"]);
  };
  const auto block = [&](const std::string& name, const at::Tensor& x) {
    at::Tensor y = at::conv2d(x, p[name + ".dwconv.weight"], p[name + ".dwconv.bias"], 1, 3, 1,
                              /*groups=*/x.size(1));
    y = at::gelu(placed(name + ".pwconv1", normed(name + ".layernorm", y)));
    const at::Tensor scale = p[name + ".layer_scale_parameter"].view({-1, 1, 1});
    return x + scale * placed(name + ".pwconv2", y);
  };
  at::Tensor x = normed("norm_patches", convolved("patches", input.values, 2));
  EXPECT_EQ(x.sizes().vec(), (std::vector<int64_t>{2, 4, 4, 6}));
  EXPECT_TRUE(close(out.hidden.at(0), x));
  x = block("stages.0.blocks.0", x);
  EXPECT_TRUE(close(out.hidden.at(1), x));
  x = block("stages.1.blocks.0", convolved("stages.1.halving", normed("stages.1.norm", x), 2));
  EXPECT_TRUE(close(out.hidden.at(2), x));
  EXPECT_TRUE(close(out.tokens, x.flatten(2).transpose(1, 2)));
  EXPECT_TRUE(close(out.pooled, normed("norm", x.mean({2, 3}, true), 1e-12).flatten(1)));
}

TEST(convnext, blocks_without_a_scale_add_all) {
  Json published = kPublished;
  published["layer_scale_init_value"] = 0;
  auto plain = made("convnext", config_of("convnext", published), picture(8, 8));
  EXPECT_FALSE(plain->named_parameters().contains("stages.0.blocks.0.layer_scale_parameter"));
  published["layer_scale_init_value"] = 1;
  auto scaled = made("convnext", config_of("convnext", published), picture(8, 8));
  const Input input = batch(picture(8, 8), 2);
  EXPECT_TRUE(close(plain->forward(input).pooled, scaled->forward(input).pooled));
}

TEST(convnext, the_patch_leaves_the_last_grid_some_places) {
  // Three stages halve twice: 32 / 4 = 8 -> 2 a side; 28 / 4 = 7 -> 1, 28 / 2 = 14 -> 3.
  EXPECT_EQ(made("convnext", Json::object(), picture(32, 48))->max_tokens(), 2 * 3);
  EXPECT_EQ(made("convnext", Json::object(), picture(28, 28))->max_tokens(), 3 * 3);
  expect_error(ErrorKind::config, "patch: expected a picture of at least 16 pixels a side", [] {
    made("convnext", {{"patch", 4}}, picture(15, 32));
  });
  expect_error(ErrorKind::config, "depths: expected one for each stage of channels (3), got 1", [] {
    made("convnext", {{"depths", {1}}}, picture(32, 32));
  });
}

TEST(convnext, writes_the_published_names) {
  const Json config = config_of("convnext", kPublished);
  EXPECT_EQ(config["epsilon"], 1e-12);
  expect_published_names(
      "convnext", config, picture(8, 8),
      {"embeddings.patch_embeddings.weight", "embeddings.layernorm.bias",
       "encoder.stages.1.downsampling_layer.0.weight", "encoder.stages.1.downsampling_layer.1.bias",
       "encoder.stages.1.layers.0.dwconv.weight", "encoder.stages.0.layers.0.layer_scale_parameter",
       "layernorm.weight"});
}

}  // namespace
}  // namespace braid::encoders
