// What stands for an absent modality's vector: a learned one, the same in training and inference,
// or zeros.
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "fusion/fusion.h"

namespace braid::fusion {

/// One vector per modality under "<modality>"; zero vectors (and no parameters) with kind "zero".
class MissingVectorsImpl : public torch::nn::Module {
 public:
  /// kind: "learned" or "zero".
  MissingVectorsImpl(const Context& context, const std::string& kind);
  /// Pooled vectors with absent rows replaced. Shapes -> (B, D) of each modality.
  std::vector<Tensor> replace(const std::vector<Encoded>& encoded) const;
  /// The same, concatenated. Shapes -> (B, sum of D).
  Tensor concat(const std::vector<Encoded>& encoded) const;

 private:
  std::vector<Tensor> vectors_;  // undefined for "zero"
};
TORCH_MODULE(MissingVectors);

int64_t total_width(const Context& context);

}  // namespace braid::fusion
