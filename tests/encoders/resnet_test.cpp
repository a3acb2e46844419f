// What is special about resnet.
#include "encoders/published.h"

namespace braid::encoders {
namespace {

using namespace checks;
using namespace examples;

const Json kPublished = {{"embedding_size", 4},
                         {"hidden_sizes", {8, 12}},
                         {"depths", {2, 1}},
                         {"layer_type", "bottleneck"},
                         {"downsample_in_first_stage", true}};

// Every statistic, weight and bias of the norms at random, as after training.
void randomize_norms(Encoder& encoder) {
  const torch::NoGradGuard no_grad;
  auto random = at::detail::createCPUGenerator(7);
  for (auto& item : encoder.named_buffers()) item.value().uniform_(0.5, 2, random);
  for (auto& item : encoder.named_parameters())
    if (item.value().dim() == 1) item.value().uniform_(-1, 2, random);
}

// A convolution and libtorch's own batch norm, of the parameters that begin with `name`.
at::Tensor reference(Encoder& encoder, const std::string& name, const at::Tensor& x, int64_t step) {
  const auto p = encoder.named_parameters();
  const auto b = encoder.named_buffers();
  const at::Tensor weight = p[name + ".convolution.weight"];
  return at::batch_norm(
      at::conv2d(x, weight, {}, step, weight.size(2) / 2), p[name + ".normalization.weight"],
      p[name + ".normalization.bias"], b[name + ".normalization.running_mean"],
      b[name + ".normalization.running_var"], /*training=*/false, 0.1, 1e-5, false);
}

at::Tensor reference_bottleneck(Encoder& encoder, const std::string& name, const at::Tensor& x,
                                std::vector<int64_t> steps) {
  at::Tensor y = x;
  for (size_t i = 0; i < 3; ++i) {
    if (i > 0) y = at::relu(y);
    y = reference(encoder, name + ".layer." + std::to_string(i), y, steps[i]);
  }
  const bool is_plain = !encoder.named_parameters().contains(name + ".shortcut.convolution.weight");
  return at::relu(y + (is_plain ? x : reference(encoder, name + ".shortcut", x, 2)));
}

TEST(resnet, is_convolutions_and_batch_norms_of_libtorch) {
  const data::ModalitySpec spec = examples::spec(Kind::image);
  const Input input = batch(spec, 2, /*seed=*/1, at::kDouble);
  for (bool is_first : {false, true}) {
    Json published = kPublished;
    published["downsample_in_bottleneck"] = is_first;
    auto encoder = made("resnet", config_of("resnet", published), spec, at::kDouble);
    randomize_norms(*encoder);
    encoder->wants_taps = true;
    const Encoded out = with_everything(*encoder, input);
    at::Tensor x = at::max_pool2d(at::relu(reference(*encoder, "stem", input.values, 2)), 3, 2, 1);
    EXPECT_TRUE(close(out.hidden.at(0), x));
    const std::vector<int64_t> steps =
        is_first ? std::vector<int64_t>{2, 1, 1} : std::vector<int64_t>{1, 2, 1};
    x = reference_bottleneck(*encoder, "stages.0.0", x, steps);
    x = reference_bottleneck(*encoder, "stages.0.1", x, {1, 1, 1});
    EXPECT_TRUE(close(out.hidden.at(1), x));
    EXPECT_TRUE(close(out.taps.at(0), x.mean({2, 3})));
    x = reference_bottleneck(*encoder, "stages.1.0", x, steps);
    EXPECT_TRUE(close(out.hidden.at(2), x));
    EXPECT_TRUE(close(out.tokens, x.flatten(2).transpose(1, 2)));
    EXPECT_TRUE(close(out.pooled, x.mean({2, 3})));
  }
}

TEST(resnet, training_applies_the_statistics_and_leaves_them) {
  const data::ModalitySpec spec = examples::spec(Kind::image);
  auto encoder = made("resnet", Json::object(), spec);
  randomize_norms(*encoder);
  const Input input = batch(spec, 3);
  const at::Tensor pooled = encoder->forward(input).pooled;
  const at::Tensor mean = encoder->named_buffers()["stem.normalization.running_mean"].clone();
  encoder->train();
  EXPECT_TRUE(same_bits(encoder->forward(input).pooled, pooled));
  EXPECT_TRUE(close(encoder->forward(row_of(input, 1)).pooled[0], pooled[1]));
  EXPECT_TRUE(same_bits(encoder->named_buffers()["stem.normalization.running_mean"], mean));
}

TEST(resnet, inference_notices_changed_parameters_and_statistics) {
  const data::ModalitySpec spec = examples::spec(Kind::image);
  auto encoder = made("resnet", Json::object(), spec);
  const Input input = batch(spec, 2);
  const auto inferred = [&] {
    const c10::InferenceMode inference;
    return encoder->forward(input).pooled + 0;
  };
  for (int round = 0; round < 2; ++round) {
    const at::Tensor pooled = inferred();
    EXPECT_TRUE(same_bits(inferred(), pooled));
    EXPECT_TRUE(close(encoder->forward(input).pooled, pooled));
    randomize_norms(*encoder);
    EXPECT_FALSE(round == 0 && close(inferred(), pooled));
  }
}

TEST(resnet, many_blocks_keep_the_size_of_the_numbers_from_scratch) {
  // Each of n blocks adds about 1 / n of the variance: (1 + 1 / n)^n < e in all, not 2^n.
  data::ModalitySpec spec = examples::spec(Kind::image);
  spec.height = spec.width = 32;
  const Encoded out = with_everything(*made("resnet", {{"channels", {16}}, {"depths", {24}}}, spec),
                                      batch(spec, 4));
  const auto size = [](const at::Tensor& x) { return x.square().mean().item<double>(); };
  EXPECT_LT(size(out.hidden.at(1)), 10 * size(out.hidden.at(0)));
}

TEST(resnet, reads_the_published_config_and_writes_the_published_names) {
  const data::ModalitySpec spec = examples::spec(Kind::image);
  const Json config = config_of("resnet", kPublished);
  EXPECT_EQ(config["layer"], "bottleneck");
  expect_published_names("resnet", config, spec,
                         {"embedder.embedder.convolution.weight",
                          "encoder.stages.0.layers.1.layer.2.normalization.running_var",
                          "encoder.stages.1.layers.0.shortcut.normalization.weight"});
  expect_error(ErrorKind::config, "depths: expected one for each stage of channels (3), got 2",
               [&] {
                 made("resnet", {{"depths", {1, 1}}}, spec);
               });
  expect_error(ErrorKind::config, "channels: expected at least 4 for bottlenecks, got 3", [&] {
    made("resnet", {{"layer", "bottleneck"}, {"channels", {3}}, {"depths", {1}}}, spec);
  });
}

}  // namespace
}  // namespace braid::encoders
