#include "fusion/late.h"

#include <limits>

#include "core/error.h"

namespace braid::fusion {
namespace {

// Keeps logarithms finite; far below any probability that a model can mean.
constexpr double kTiny = 1e-12;

}  // namespace

Late::Late(const Context& context, const LateConfig& config) : Fusion(context) {
  auto heads = register_module("heads", std::make_shared<torch::nn::Module>());
  const std::vector<std::string> names = module_names(context.modalities);
  for (size_t m = 0; m < names.size(); ++m) {
    auto head = heads->register_module(names[m], std::make_shared<torch::nn::Module>());
    classifiers_.push_back(head->register_module(
        "classifier",
        layers::Mlp(context.widths[m], config.hidden, context.num_outputs, config.dropout)));
    missing_.push_back(
        config.missing == "learned"
            ? head->register_parameter("missing", torch::zeros({context.num_outputs}))
            : Tensor());
  }
  dropout_ = register_module("dropout", layers::Dropout(config.dropout));
}

Fused Late::compute(const std::vector<Encoded>& encoded) {
  std::vector<Tensor> outputs, present;
  for (size_t m = 0; m < encoded.size(); ++m) {
    const Tensor own = classifiers_[m]->forward(dropout_->forward(encoded[m].pooled));  // [B, O]
    const Tensor& here = encoded[m].present;
    outputs.push_back(missing_[m].defined() ? at::where(here.unsqueeze(1), own, missing_[m])
                                            : keep_where(here, own));  // [B, O]
    present.push_back(here);
  }
  const Tensor per_modality = at::stack(outputs, /*dim=*/1);  // [B, M, O]
  Fused fused = combine(per_modality, at::stack(present, /*dim=*/1));
  fused.per_modality = per_modality;
  return fused;
}

Tensor Late::to_probabilities(const Tensor& outputs) const {
  switch (context_.activation) {
    case Activation::softmax:
      return outputs.softmax(/*dim=*/-1);
    case Activation::sigmoid:
      return outputs.sigmoid();
    case Activation::identity:
      return outputs;
  }
  fail(ErrorKind::internal, "late fusion: unknown activation");
}

Tensor Late::to_outputs(const Tensor& probabilities) const {
  switch (context_.activation) {
    case Activation::softmax:
      return (probabilities + kTiny).log();
    case Activation::sigmoid:
      return (probabilities + kTiny).log() - (1.0 - probabilities + kTiny).log();
    case Activation::identity:
      return probabilities;
  }
  fail(ErrorKind::internal, "late fusion: unknown activation");
}

Tensor weighted_mean(const Tensor& values, const Tensor& weights) {
  return (values * weights.unsqueeze(2)).sum(/*dim=*/1);
}

Tensor equal_weights(const Tensor& present, const Tensor& like) {
  const Tensor counted = present.logical_or(present.any(/*dim=*/1, /*keepdim=*/true).logical_not())
                             .to(like.scalar_type());  // [B, M]
  return counted / counted.sum(/*dim=*/1, /*keepdim=*/true);
}

Tensor learned_weights(const Tensor& numbers, const Tensor& present) {
  const Tensor counted =
      present.logical_or(present.any(/*dim=*/1, /*keepdim=*/true).logical_not());  // [B, M]
  return numbers.unsqueeze(0)
      .expand(present.sizes())
      .masked_fill(counted.logical_not(), -std::numeric_limits<double>::infinity())
      .softmax(/*dim=*/1);  // [B, M]
}

Tensor Averaging::average(const Tensor& per_modality, const Tensor& weights) const {
  if (of_ == "probabilities")
    return to_outputs(weighted_mean(to_probabilities(per_modality), weights));
  const Tensor normalised = context_.activation == Activation::softmax
                                ? per_modality.log_softmax(/*dim=*/-1)
                                : per_modality;
  return weighted_mean(normalised, weights);
}

}  // namespace braid::fusion
