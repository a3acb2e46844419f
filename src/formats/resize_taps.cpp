#include "formats/resize_taps.h"

#include <algorithm>
#include <cmath>

namespace braid::formats {

Taps make_taps(int size_in, double start, double length, int size_out) {
  const double scale = length / size_out;
  const double support = std::max(scale, 1.0);  // half width of the triangle
  Taps taps;
  taps.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.weights.resize(static_cast<size_t>(taps.stride) * size_out);
  for (int i = 0; i < size_out; ++i) {
    const double centre = start + (i + 0.5) * scale;
    const int low = std::max(0, static_cast<int>(centre - support + 0.5));
    const int high = std::min(size_in, static_cast<int>(centre + support + 0.5));
    float* weights = taps.weights.data() + static_cast<size_t>(i) * taps.stride;
    double sum = 0;
    for (int j = low; j < high; ++j)
      sum += std::max(0.0, 1.0 - std::abs((j - centre + 0.5) / support));
    for (int j = low; j < high; ++j)
      weights[j - low] =
          static_cast<float>(std::max(0.0, 1.0 - std::abs((j - centre + 0.5) / support)) / sum);
    taps.first.push_back(low);
    taps.count.push_back(high - low);
  }
  return taps;
}

}  // namespace braid::formats
