// The class behind both early fusions: vectors side by side, one classifier on top.
#pragma once
#include <vector>

#include "fusion/vectors.h"

namespace braid::fusion {

/// output = classifier([z_1; ...; z_M]).
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * hidden * sum of D multiply-adds.
/// Source   the usual feature-level fusion; Baltrusaitis et al. 2019, arXiv:1705.09406, section 6.
class Concat : public VectorFusion {
 public:
  Concat(const Context& context, const VectorConfig& config)
      : VectorFusion(context, config, total_width(context)) {}

 protected:
  Tensor join(const std::vector<Tensor>& vectors, const Tensor&, Fused*) override {
    return at::cat(vectors, /*dim=*/1);  // [B, sum D]
  }
};

}  // namespace braid::fusion
