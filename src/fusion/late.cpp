#include "fusion/late.h"

#include "core/error.h"

namespace braid::fusion {

Late::Late(const Context& context, const LateConfig& config) : Fusion(context) {
  auto heads = register_folder(this, "heads");
  const std::vector<std::string> names = module_names(context.modalities);
  for (size_t m = 0; m < names.size(); ++m) {
    auto head = register_folder(heads.get(), names[m]);
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
    // With gradients every parameter takes part, so that each has one.
    const bool is_whole = !at::GradMode::is_enabled() && is_known_true(here);
    outputs.push_back(is_whole                ? own
                      : missing_[m].defined() ? at::where(here.unsqueeze(1), own, missing_[m])
                                              : keep_where(here, own));  // [B, O]
    present.push_back(here);
  }
  const Tensor per_modality = at::stack(outputs, /*dim=*/1);  // [B, M, O]
  Fused fused = combine(per_modality, at::stack(present, /*dim=*/1));
  fused.per_modality = per_modality;
  return fused;
}

ops::AverageOf Late::probabilities() const {
  switch (context_.activation) {
    case Activation::softmax:
      return ops::AverageOf::softmax;
    case Activation::sigmoid:
      return ops::AverageOf::sigmoid;
    case Activation::identity:
      return ops::AverageOf::values;
  }
  fail(ErrorKind::internal, "late fusion: unknown activation");
}

ops::AverageOf Late::log_probabilities() const {
  return context_.activation == Activation::softmax ? ops::AverageOf::log_softmax
                                                    : ops::AverageOf::values;
}

Averaging::Averaging(const Context& context, const AveragingConfig& config)
    : Late(context, config),
      of_(config.of == "probabilities" ? probabilities() : log_probabilities()) {}

Fused Averaging::average(const Tensor& per_modality, const Tensor& present,
                         const Tensor& numbers) const {
  const ops::WeightedAverage made = ops::weighted_average(per_modality, present, numbers, of_);
  Fused fused;
  fused.output = made.output;
  fused.weights = made.weights;
  return fused;
}

}  // namespace braid::fusion
