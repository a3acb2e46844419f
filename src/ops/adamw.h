// One parameter's update by AdamW, in one pass over it.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace braid::ops {

struct AdamWRates {
  double lr, beta1, beta2, epsilon, weight_decay;
  int64_t steps;  // this one included
};

/// m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
/// parameter = (1 - lr weight_decay) parameter - lr m' / (sqrt(v') + epsilon), m' = m / (1 -
/// beta1^steps), v' alike. All in place.
///
/// Shapes   parameter, gradient, m, v: the same.
/// Cost     one pass over the four.   Source   Loshchilov and Hutter 2019, arXiv:1711.05101.
void adamw(const AdamWRates& rates, const at::Tensor& gradient, at::Tensor* parameter,
           at::Tensor* m, at::Tensor* v);

/// The same out of libtorch's operators, on any device and dtype: the oracle of adamw().
void adamw_reference(const AdamWRates& rates, const at::Tensor& gradient, at::Tensor* parameter,
                     at::Tensor* m, at::Tensor* v);

}  // namespace braid::ops
