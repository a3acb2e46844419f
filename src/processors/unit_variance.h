// Waves of mean 0 and variance 1.
#pragma once
#include <cstdint>
#include <vector>

namespace braid::processors {

/// (x - mean) / sqrt(variance + 1e-7), the variance being that of a population; silence stays 0.
///
/// Shapes   samples [size], at least 1 -> [size].
std::vector<float> unit_variance(const float* samples, int64_t size);

}  // namespace braid::processors
