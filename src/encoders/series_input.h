// What the encoders of series see of a tick: values, which are there, and how long after the last.
#pragma once
#include <cstdint>

#include "data/modality_spec.h"
#include "layers/encoded.h"

namespace braid::encoders {

/// Features of a tick: 2 C + 1.
int64_t series_features(const data::ModalitySpec& spec);

/// Time since the tick before, in steps of `step_s`; 0 for the first. Shapes   times (B, T), mask
/// (B, T) -> (B, T).
Tensor time_steps(const Tensor& times, const Tensor& mask, double step_s);

/// Values (0 where missing), their indicators, and log(1 + the time step), less that of an even
/// step. Shapes   -> (B, T, 2 C + 1); zeros in masked ticks.
Tensor series_input(const Input& input, double step_s);

}  // namespace braid::encoders
