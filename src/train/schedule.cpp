#include "train/schedule.h"

#include <algorithm>
#include <cmath>

namespace braid::train {

double learning_rate(const std::string& schedule, double peak, double warmup, int64_t step,
                     int64_t total_steps) {
  const double rise = std::floor(warmup * static_cast<double>(total_steps));
  const double at = static_cast<double>(step);
  if (at < rise) return peak * (at + 1) / rise;
  if (schedule == "constant") return peak;
  const double rest = std::max(1.0, static_cast<double>(total_steps) - rise);
  return peak * 0.5 * (1.0 + std::cos(3.14159265358979323846 * std::min(1.0, (at - rise) / rest)));
}

}  // namespace braid::train
