// Sigmoids with the focal loss, for independent labels.
#include <torch/torch.h>

#include "core/config.h"
#include "heads/checks.h"
#include "heads/head.h"

namespace braid::heads {

extern const Method binary_focal;

namespace {

struct Config {
  double gamma = 2;
  template <class V>
  void visit(V& v) {
    v("gamma", gamma, between(0, 10),
      "how much less a label counts that is already right; 0 = cross-entropy");
  }
};

/// loss = -(1 - q)^gamma log q for each label, q the probability given to its truth.
///
/// Shapes   output (B, L), target (B, L).
/// Source   Lin et al. 2017, arXiv:1708.02002.
class BinaryFocal : public Head {
 public:
  BinaryFocal(const Config& config, Context context)
      : gamma_(config.gamma), context_(std::move(context)) {}

  Tensor loss(const Tensor& output, const Tensor& target, const Tensor& weight) const override {
    check_loss("binary_focal", output, target, weight, num_outputs(), context_.num_labels);
    const Tensor signs = 2 * target.to(output.options()) - 1;  // [B, L]
    const Tensor log_q = at::log_sigmoid(signs * output);
    return weighted_mean(focal_factor(log_q, gamma_) * -log_q,
                         class_weights(context_, output).expand_as(output) *
                             weight.to(output.options()).unsqueeze(1));
  }

  Tensor scores(const Tensor& output) const override {
    check_output("binary_focal", output, num_outputs());
    return at::sigmoid(output);
  }

  int64_t num_outputs() const override { return context_.num_labels; }
  Activation activation() const override { return Activation::sigmoid; }

 private:
  double gamma_;
  Context context_;
};

bool applies(metrics::Task task) { return task == metrics::Task::multilabel; }

std::unique_ptr<Head> make(const Json& json, const std::string& where, const Context& context) {
  Config config;
  read_config(json, where, config);
  check_context(binary_focal, where, context);
  return std::make_unique<BinaryFocal>(config, context);
}

}  // namespace

const Method binary_focal = {"binary_focal",
                             "One sigmoid per label; labels that are already right count less.",
                             "Lin et al. 2017, arXiv:1708.02002",
                             applies,
                             describe_config<Config>,
                             make};

}  // namespace braid::heads
