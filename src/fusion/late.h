// What every late fusion shares: one head per modality on its pooled vector, and a combination of
// their outputs.
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "fusion/fusion.h"
#include "layers/layers.h"
#include "ops/weighted_average.h"

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
  /// What to average so that it is the modalities' own predictions: probabilities, or the value for
  /// regression.
  ops::AverageOf probabilities() const;
  /// What to average, or to combine otherwise, so that it is log-probabilities of classes; outputs
  /// as they are for labels and values.
  ops::AverageOf log_probabilities() const;

 private:
  std::vector<layers::Mlp> classifiers_;
  std::vector<Tensor> missing_;  // undefined for "zero"
  layers::Dropout dropout_{nullptr};
};

struct AveragingConfig : LateConfig {
  std::string of = "logits";
  template <class V>
  void visit(V& v) {
    LateConfig::visit(v);
    v("of", of, one_of({"probabilities", "logits"}),
      "mean of probabilities, or of log-probabilities (a geometric mean)");
  }
};

/// Mean of predictions ("probabilities") or of normalised outputs ("logits": a geometric mean).
class Averaging : public Late {
 protected:
  Averaging(const Context& context, const AveragingConfig& config);
  /// Shapes   per_modality (B, M, O), present (B, M), numbers behind the weights (M), or undefined:
  /// equal weights -> output (B, O), weights (B, M).
  Fused average(const Tensor& per_modality, const Tensor& present, const Tensor& numbers) const;

 private:
  ops::AverageOf of_;
};

}  // namespace braid::fusion
