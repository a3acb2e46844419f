// The same models out of libtorch's stock modules, with the methods' own parameters wherever both
// have them.
#include <cmath>
#include <numeric>

#include "bench/cases.h"
#include "core/error.h"
#include "encoders/encoder.h"
#include "layers/layers.h"
#include "ops/random.h"

namespace braid::bench {
namespace {

namespace nn = torch::nn;

void expect_close(const char* name, const at::Tensor& stock, const at::Tensor& ours) {
  const double worst = (stock - ours).abs().max().item<double>();
  BRAID_CHECK(worst < 1e-4, internal, "stock {}: expected the method's outputs, got {} beside them",
              name, worst);
}

void copy_into(at::Tensor target, const at::Tensor& source) {
  torch::NoGradGuard no_grad;
  target.copy_(source);
}

nn::Linear linear_of(const at::Tensor& weight, const at::Tensor& bias) {
  nn::Linear linear(weight.size(1), weight.size(0));
  copy_into(linear->weight, weight);
  copy_into(linear->bias, bias);
  return linear;
}

// Dropout, Linear, ReLU, Dropout, Linear on the concatenated vectors.
Case stock_concat(const Size& size) {
  const fusion::Context context = fusion_context();
  const std::vector<Encoded> encoded = encoded_for(context, size);
  ops::InitScope init(1);
  const auto ours = fusion::find("concat").make(Json::object(), "fusion", context);
  const auto weights = ours->named_parameters();
  nn::Linear hidden = linear_of(weights["classifier.0.weight"], weights["classifier.0.bias"]);
  nn::Linear out = linear_of(weights["classifier.2.weight"], weights["classifier.2.bias"]);
  nn::Sequential stock(nn::Dropout(0.3), hidden, nn::ReLU(), nn::Dropout(0.3), out);
  auto forward = [stock, encoded]() mutable {
    std::vector<at::Tensor> parts;
    for (const Encoded& e : encoded) parts.push_back(e.pooled);
    return stock->forward(at::cat(parts, /*dim=*/1));  // [B, O]
  };
  torch::NoGradGuard no_grad;
  ours->eval();
  stock->eval();
  expect_close("concat", forward(), ours->forward(encoded).output);
  return {stock.ptr(), forward};
}

// Conv2d, GroupNorm, ReLU with MaxPool2d between; a Linear and positions for the tokens,
// AdaptiveAvgPool2d and a Linear for the pooled vector.
Case stock_image_cnn(const Size& size) {
  const data::ModalitySpec spec = spec_for(data::Kind::image, size);
  const Input input = input_for(spec, size);
  ops::InitScope init(1);
  const auto ours = encoders::find("image_cnn").make(Json::object(), "encoder", spec);
  const auto weights = ours->named_parameters();
  nn::Sequential grid;
  for (int64_t i = 0; weights.contains("convolutions." + std::to_string(i) + ".weight"); ++i) {
    const std::string index = std::to_string(i);
    const at::Tensor weight = weights["convolutions." + index + ".weight"];  // [out, in, k, k]
    const int64_t step = weight.size(2) / 2,
                  channels = weight.size(0);  // the kernel is 2 * step + 1 wide
    nn::Conv2d convolution(nn::Conv2dOptions(weight.size(1), channels, weight.size(2))
                               .stride(step)
                               .padding(step)
                               .bias(false));
    nn::GroupNorm norm(nn::GroupNormOptions(std::gcd(channels, int64_t{8}), channels));
    copy_into(convolution->weight, weight);
    copy_into(norm->weight, weights["norms." + index + ".weight"]);
    copy_into(norm->bias, weights["norms." + index + ".bias"]);
    if (i > 1) grid->push_back(nn::MaxPool2d(2));  // the first convolution halves by itself
    grid->push_back(convolution);
    grid->push_back(norm);
    grid->push_back(nn::ReLU());
  }
  nn::Linear tokens = linear_of(weights["projection.weight"], weights["projection.bias"]);
  nn::Linear pooled = linear_of(weights["pooling.weight"], weights["pooling.bias"]);
  const int64_t channels = weights["projection.weight"].size(1);
  const auto regions = static_cast<int64_t>(
      std::lround(std::sqrt(weights["pooling.weight"].size(1) / static_cast<double>(channels))));
  nn::Sequential parts(nn::AdaptiveAvgPool2d(regions), nn::Flatten(), nn::Dropout(0.2), pooled);
  nn::Dropout dropout(0.2);
  auto all = std::make_shared<nn::Module>();
  all->register_module("grid", grid.ptr());
  all->register_module("tokens", tokens);
  all->register_module("parts", parts.ptr());
  all->register_module("dropout", dropout);
  const at::Tensor position =
      all->register_parameter("position", weights["position"].detach().clone());
  auto forward = [=]() mutable {
    const at::Tensor x = grid->forward(input.values);                      // [B, C, h, w]
    const at::Tensor places = x.flatten(/*start_dim=*/2).transpose(1, 2);  // [B, h * w, C]
    const at::Tensor own = tokens(dropout(places)) + position;             // [B, h * w, D]
    return at::cat({own.flatten(), parts->forward(x).flatten()});
  };
  torch::NoGradGuard no_grad;
  ours->eval();
  all->eval();
  const Encoded encoded = ours->forward(input);
  expect_close("image_cnn", forward(),
               at::cat({encoded.tokens.flatten(), encoded.pooled.flatten()}));
  return {all, forward};
}

// libtorch 1.13 has post-norm layers only: the same width, heads, layers and cost, but not the same
// outputs.
nn::TransformerEncoder stock_blocks() {
  return nn::TransformerEncoder(nn::TransformerEncoderOptions(
      nn::TransformerEncoderLayerOptions(64, 4).dim_feedforward(128).dropout(0.1).activation(
          torch::kGELU),
      2));
}

Case stock_text_transformer(const Size& size) {
  const data::ModalitySpec spec = spec_for(data::Kind::text, size);
  const Input input = input_for(spec, size);
  ops::InitScope init(1);
  nn::Embedding embedding(spec.vocabulary, 64);
  nn::TransformerEncoder blocks = stock_blocks();
  auto both = std::make_shared<nn::Module>();
  both->register_module("embedding", embedding);
  both->register_module("blocks", blocks);
  const at::Tensor padding = input.mask.logical_not();  // [B, T]
  return {both, [embedding, blocks, input, padding]() mutable {
            const at::Tensor x = embedding(input.ids);  // [B, T, D]
            const at::Tensor placed =
                (x + layers::sinusoid(x.size(1), x.size(2), x)).transpose(0, 1);
            const at::Tensor tokens =
                blocks(placed, at::Tensor(), padding).transpose(0, 1);  // [B, T, D]
            return at::cat({tokens.flatten(), tokens.mean(/*dim=*/1).flatten()});
          }};
}

Case stock_merged(const Size& size) {
  const fusion::Context context = fusion_context();
  const std::vector<Encoded> encoded = encoded_for(context, size);
  ops::InitScope init(1);
  auto all = std::make_shared<nn::Module>();
  std::vector<nn::Linear> projections;
  for (size_t m = 0; m < encoded.size(); ++m)
    projections.push_back(
        all->register_module(context.modalities[m], nn::Linear(context.widths[m], 64)));
  nn::TransformerEncoder blocks = all->register_module("blocks", stock_blocks());
  nn::Linear classifier = all->register_module("classifier", nn::Linear(64, context.num_outputs));
  const at::Tensor token = all->register_parameter("token", torch::randn({1, 1, 64}));
  return {all, [=]() mutable {
            std::vector<at::Tensor> parts = {token.expand({size.rows, 1, 64})},
                                    masks = {at::zeros({size.rows, 1}, at::kBool)};
            for (size_t m = 0; m < encoded.size(); ++m) {
              parts.push_back(projections[m](encoded[m].tokens));
              masks.push_back(encoded[m].mask.logical_not());
            }
            const at::Tensor x = at::cat(parts, /*dim=*/1).transpose(0, 1);  // [1 + T_all, B, D]
            return classifier(blocks(x, at::Tensor(), at::cat(masks, /*dim=*/1))[0]);  // [B, O]
          }};
}

}  // namespace

std::vector<Plan> stock_plans() {
  std::vector<Plan> plans;
  for (const Size& size : sizes()) {
    plans.push_back({"stock/concat", size.name, [=] { return stock_concat(size); }});
    plans.push_back({"stock/image_cnn", size.name, [=] { return stock_image_cnn(size); }});
    plans.push_back({"stock/text_transformer (post-norm)", size.name,
                     [=] { return stock_text_transformer(size); }});
    plans.push_back({"stock/merged (post-norm)", size.name, [=] { return stock_merged(size); }});
  }
  return plans;
}

}  // namespace braid::bench
