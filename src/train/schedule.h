// The learning rate of every step.
#pragma once
#include <cstdint>
#include <string>

namespace braid::train {

/// Linear rise over warmup * total_steps steps, then cosine to zero (Loshchilov and Hutter 2017) or
/// constant. `step` counts from 0.
double learning_rate(const std::string& schedule, double peak, double warmup, int64_t step,
                     int64_t total_steps);

}  // namespace braid::train
