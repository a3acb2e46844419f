// Softmax cross-entropy, for exclusive classes.
#include "ops/cross_entropy.h"

#include <torch/torch.h>

#include "core/config.h"
#include "heads/checks.h"
#include "heads/softmax.h"

namespace braid::heads {

extern const Method cross_entropy;

namespace {

struct Config {
  double label_smoothing = 0;
  template <class V>
  void visit(V& v) {
    v("label_smoothing", label_smoothing, between(0, 0.99),
      "share of the target spread evenly over all classes; keeps a small model from "
      "overconfidence");
  }
};

/// loss = -(1 - s) c_y log p_y - s / K sum_k c_k log p_k with p = softmax(output), smoothing s and
/// class weights c; the mean divides by the sum of c_y (and of the rows' weights), as PyTorch does.
///
/// Shapes   output (B, K).
/// Source   Szegedy et al. 2016, arXiv:1512.00567 (label smoothing).
class CrossEntropy : public Softmax {
 public:
  CrossEntropy(const Config& config, Context context)
      : Softmax("cross_entropy", std::move(context)), smoothing_(config.label_smoothing) {}

  Tensor loss(const Tensor& output, const Tensor& target, const Tensor& weight) const override {
    check_loss(name_, output, target, weight, num_outputs());
    return ops::cross_entropy(output, target.to(output.device(), at::kLong),
                              weight.to(output.options()), class_weights(context_, output),
                              smoothing_);
  }

 private:
  double smoothing_;
};

std::unique_ptr<Head> make(const Json& json, const std::string& where, const Context& context) {
  Config config;
  read_config(json, where, config);
  check_context(cross_entropy, where, context);
  return std::make_unique<CrossEntropy>(config, context);
}

}  // namespace

const Method cross_entropy = {"cross_entropy",
                              "Softmax and cross-entropy over exclusive classes.",
                              "Szegedy et al. 2016, arXiv:1512.00567 (label smoothing)",
                              applies_to_classes,
                              describe_config<Config>,
                              make};

}  // namespace braid::heads
