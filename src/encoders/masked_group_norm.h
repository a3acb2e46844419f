// Group norm of the real frames alone, which the encoders of sound and video share.
#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <numeric>

#include "layers/encoded.h"
#include "ops/group_norm.h"

namespace braid::encoders {

/// GroupNorm and relu, of the real frames alone. Shapes   x (B, C, T, F), real (B, T) -> the same,
/// zeros in masked frames.
class MaskedGroupNormImpl : public torch::nn::Module {
 public:
  explicit MaskedGroupNormImpl(int64_t channels) : groups_(std::gcd(channels, int64_t{8})) {
    weight_ = register_parameter("weight", torch::ones({channels}));
    bias_ = register_parameter("bias", torch::zeros({channels}));
  }
  Tensor forward(const Tensor& x, const Tensor& real) {
    return ops::group_norm_relu(x, is_known_true(real) ? Tensor() : real, groups_, weight_, bias_);
  }

 private:
  const int64_t groups_;
  Tensor weight_, bias_;
};
TORCH_MODULE(MaskedGroupNorm);

}  // namespace braid::encoders
