#include "encoders/series_input.h"

#include <torch/torch.h>

#include <cmath>

namespace braid::encoders {

int64_t series_features(const data::ModalitySpec& spec) { return 2 * spec.features + 1; }

Tensor time_steps(const Tensor& times, const Tensor& mask, double step_s) {
  const Tensor before =
      at::cat({times.narrow(/*dim=*/1, 0, 1), times.narrow(/*dim=*/1, 0, times.size(1) - 1)},
              /*dim=*/1);
  return keep_where(mask, ((times - before) / (step_s > 0 ? step_s : 1)).clamp_min(0));
}

Tensor series_input(const Input& input, double step_s) {
  const auto type = input.values.dtype();
  const Tensor steps = time_steps(input.times.to(type), input.mask, step_s);  // [B, T]
  const Tensor later = keep_where(input.mask, steps.log1p() - std::log(2.0));
  return at::cat({input.values, input.observed.to(type), later.unsqueeze(2)}, /*dim=*/2);
}

}  // namespace braid::encoders
