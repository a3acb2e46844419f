// One axis of a resize: Pillow's triangle filter, which widens when shrinking.
#pragma once
#include <vector>

namespace braid::formats {

/// The source samples of each output sample along one axis, and their weights (sum 1).
struct Taps {
  std::vector<int> first, count;
  std::vector<float> weights;  // `stride` per output sample
  int stride = 0;
};

/// `size_out` samples of [start, start + length) of an axis of `size_in` samples, with the centres,
/// support and cut at the border of Pillow's precompute_coeffs().
Taps make_taps(int size_in, double start, double length, int size_out);

}  // namespace braid::formats
