// What every late fusion shares: one head per modality on its pooled vector, and a combination of
// their outputs.
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "fusion/fusion.h"
#include "layers/layers.h"

namespace braid::fusion {

struct LateConfig {
  std::vector<int64_t> hidden;  // of each modality's own head
  double dropout = 0.1;
  std::string missing = "learned";
  template <class V>
  void visit(V& v) {
    v("hidden", hidden, at_least(1), "hidden widths of each modality's own head; empty = linear");
    v("dropout", dropout, between(0, 0.95),
      "dropout before each modality's own head and inside it");
    v("missing", missing, one_of({"learned", "zero"}), "output that stands for an absent modality");
  }
};

/// Parameters per modality: heads.<modality>.classifier.<i>.* and heads.<modality>.missing (O), its
/// output where it is absent (it learns the prior). With missing = "zero" that output is zeros and
/// there is no such parameter.
class Late : public Fusion {
 protected:
  Late(const Context& context, const LateConfig& config);
  bool reads_tokens() const override { return false; }
  /// per_modality (B, M, O) and combine() of it.
  Fused compute(const std::vector<Encoded>& encoded) override;
  /// The modalities' own predictions: probabilities, or the value for regression. Shapes (B, M, O)
  /// -> (B, M, O).
  Tensor to_probabilities(const Tensor& outputs) const;
  /// Back to outputs whose activation gives these predictions. Shapes (B, O) -> (B, O).
  Tensor to_outputs(const Tensor& probabilities) const;

 private:
  std::vector<layers::Mlp> classifiers_;
  std::vector<Tensor> missing_;  // undefined for "zero"
  layers::Dropout dropout_{nullptr};
};

/// Mean of `values` (B, M, O) with weights (B, M) that sum to 1 over the present modalities.
Tensor weighted_mean(const Tensor& values, const Tensor& weights);

/// Equal weights over the present modalities; over all where none is. Shapes (B, M) bool -> (B, M),
/// dtype of `like`.
Tensor equal_weights(const Tensor& present, const Tensor& like);

/// softmax of one number per modality over the present ones; over all where none is. Shapes numbers
/// (M), present (B, M) bool -> (B, M).
Tensor learned_weights(const Tensor& numbers, const Tensor& present);

struct AveragingConfig : LateConfig {
  std::string of = "logits";
  template <class V>
  void visit(V& v) {
    LateConfig::visit(v);
    v("of", of, one_of({"probabilities", "logits"}),
      "mean of probabilities, or of log-probabilities (a geometric mean)");
  }
};

/// Mean of predictions ("probabilities") or of normalised outputs ("logits": a geometric mean), as
/// outputs. Shapes per_modality (B, M, O) -> (B, O).
class Averaging : public Late {
 protected:
  Averaging(const Context& context, const AveragingConfig& config)
      : Late(context, config), of_(config.of) {}
  Tensor average(const Tensor& per_modality, const Tensor& weights) const;

 private:
  std::string of_;
};

}  // namespace braid::fusion
