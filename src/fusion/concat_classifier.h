// The class behind both early fusions: vectors side by side, one classifier on top.
#pragma once
#include <string>
#include <vector>

#include "fusion/missing.h"
#include "layers/layers.h"

namespace braid::fusion {

struct ConcatConfig {
  std::vector<int64_t> hidden = {128};
  double dropout = 0.3;
  std::string missing = "learned";
  template <class V>
  void visit(V& v) {
    v("hidden", hidden, at_least(1), "hidden widths of the classifier");
    v("dropout", dropout, between(0, 0.95), "dropout before the classifier and inside it");
    v("missing", missing, one_of({"learned", "zero"}), "vector that stands for an absent modality");
  }
};

/// output = classifier([z_1; ...; z_M]).
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * hidden * sum of D multiply-adds.
/// Source   the usual feature-level fusion; Baltrusaitis et al. 2019, arXiv:1705.09406, section 6.
class Concat : public Fusion {
 public:
  Concat(const Context& context, const ConcatConfig& config) : Fusion(context) {
    missing_ = register_module("missing", MissingVectors(context, config.missing));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    classifier_ = register_module("classifier", layers::Mlp(total_width(context), config.hidden,
                                                            context.num_outputs, config.dropout));
  }

 protected:
  bool reads_tokens() const override { return false; }
  Fused compute(const std::vector<Encoded>& encoded) override {
    Fused fused;
    fused.output = classifier_->forward(dropout_->forward(missing_->concat(encoded)));  // [B, O]
    return fused;
  }

 private:
  MissingVectors missing_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Mlp classifier_{nullptr};
};

}  // namespace braid::fusion
