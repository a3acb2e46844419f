// Sigmoid cross-entropy on logits, for independent labels and yes-no tasks.
#include <torch/torch.h>

#include "core/config.h"
#include "heads/checks.h"
#include "heads/head.h"

namespace braid::heads {

extern const Method binary_cross_entropy;

namespace {

struct Config {
  template <class V>
  void visit(V&) {}
};

/// loss = max(x, 0) - x t + log(1 + exp(-|x|)) on logits x: finite for every finite x.
///
/// Shapes   multilabel: output (B, L), target (B, L); binary: output (B, 1), target (B).
/// Source   the stable form of PyTorch's binary_cross_entropy_with_logits.
class BinaryCrossEntropy : public Head {
 public:
  explicit BinaryCrossEntropy(Context context) : context_(std::move(context)) {}

  Tensor loss(const Tensor& output, const Tensor& target, const Tensor& weight) const override {
    check_loss("binary_cross_entropy", output, target, weight, num_outputs(),
               is_binary() ? 0 : context_.num_labels);
    const Tensor t = target.to(output.options()).reshape(output.sizes());  // [B, O]
    // Not max(x, 0) + log1p(exp(-|x|)) by hand: autograd has no gradient for its two kinks at x =
    // 0.
    const Tensor each = -(t * at::log_sigmoid(output) + (1 - t) * at::log_sigmoid(-output));
    const Tensor weights = class_weights(context_, output);
    // Binary: the weight of the row's class. Multilabel: the weight of each label.
    const Tensor by_class =
        is_binary() ? weights.index_select(/*dim=*/0, t.squeeze(1).to(at::kLong)).unsqueeze(1)
                    : weights.expand_as(output);  // [B, O]
    return weighted_mean(each, by_class * weight.to(output.options()).unsqueeze(1));
  }

  Tensor scores(const Tensor& output) const override {
    check_output("binary_cross_entropy", output, num_outputs());
    const Tensor p = at::sigmoid(output);
    return is_binary() ? at::cat({1 - p, p}, /*dim=*/1) : p;
  }

  int64_t num_outputs() const override { return is_binary() ? 1 : context_.num_labels; }
  Activation activation() const override { return Activation::sigmoid; }

 private:
  bool is_binary() const { return context_.task == metrics::Task::binary; }
  Context context_;
};

bool applies(metrics::Task task) {
  return task == metrics::Task::multilabel || task == metrics::Task::binary;
}

std::unique_ptr<Head> make(const Json& json, const std::string& where, const Context& context) {
  Config config;
  read_config(json, where, config);
  check_context(binary_cross_entropy, where, context);
  return std::make_unique<BinaryCrossEntropy>(context);
}

}  // namespace

const Method binary_cross_entropy = {"binary_cross_entropy",
                                     "One sigmoid per label, or a single one for a yes-no task.",
                                     "",
                                     applies,
                                     describe_config<Config>,
                                     make};

}  // namespace braid::heads
