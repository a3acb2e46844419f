#include "fusion/vectors.h"

namespace braid::fusion {

VectorFusion::VectorFusion(const Context& context, const VectorConfig& config, int64_t joined)
    : Fusion(context) {
  missing_ = register_module("missing", MissingVectors(context, config.missing));
  dropout_ = register_module("dropout", layers::Dropout(config.dropout));
  classifier_ = register_module(
      "classifier", layers::Mlp(joined, config.hidden, context.num_outputs, config.dropout));
}

Fused VectorFusion::compute(const std::vector<Encoded>& encoded) {
  Fused fused;
  const Tensor joined = join(missing_->replace(encoded), presence(encoded), &fused);
  fused.output = classifier_->forward(dropout_->forward(joined));  // [B, O]
  return fused;
}

std::vector<layers::Linear> register_maps(torch::nn::Module* parent, const std::string& name,
                                          const Context& context, int64_t width, bool has_bias) {
  auto folder = register_folder(parent, name);
  const std::vector<std::string> names = module_names(context.modalities);
  std::vector<layers::Linear> maps;
  for (size_t m = 0; m < names.size(); ++m)
    maps.push_back(folder->register_module(
        names[m],
        layers::Linear(torch::nn::LinearOptions(context.widths[m], width).bias(has_bias))));
  return maps;
}

std::vector<Tensor> map_each(std::vector<layers::Linear>& maps, const std::vector<Tensor>& vectors,
                             ops::Activation activation) {
  std::vector<Tensor> mapped;
  for (size_t m = 0; m < maps.size(); ++m)
    mapped.push_back(maps[m]->forward(vectors[m], activation));
  return mapped;
}

Tensor product_of(const std::vector<Tensor>& parts) {
  Tensor product = parts[0];
  for (size_t m = 1; m < parts.size(); ++m) product = product * parts[m];
  return product;
}

Tensor with_one(const Tensor& x) {
  return at::cat({at::ones_like(x.narrow(/*dim=*/1, 0, 1)), x}, /*dim=*/1);
}

Tensor signed_sqrt(const Tensor& x) {
  // Linear close to 0, where the root's slope has no bound and rounding errors would become
  // visible.
  constexpr double kLinear = 1e-6;
  return x / (x.abs() + kLinear).sqrt();
}

Tensor unit_rows(const Tensor& x) {
  constexpr double kTiny = 1e-12;
  return x / (x.square().sum(/*dim=*/1, /*keepdim=*/true) + kTiny).sqrt();
}

Tensor presence(const std::vector<Encoded>& encoded) {
  std::vector<Tensor> present;
  for (const Encoded& e : encoded) present.push_back(e.present);
  return at::stack(present, /*dim=*/1);  // [B, M]
}

}  // namespace braid::fusion
