// One small body for the tests: the same voxels out of NIfTI, DICOM and .npy files.
#pragma once
#include <vector>

namespace braid::testing {

/// (D, H, W) = (2, 3, 4), 3 mm between slices, 2 between rows, 1 between columns; a voxel's value
/// tells its place.
constexpr int kBodyDepth = 2, kBodyHeight = 3, kBodyWidth = 4;

inline int body(int d, int h, int w) { return 100 * d + 10 * h + w; }

inline std::vector<float> body_values() {
  std::vector<float> values;
  for (int d = 0; d < kBodyDepth; ++d)
    for (int h = 0; h < kBodyHeight; ++h)
      for (int w = 0; w < kBodyWidth; ++w) values.push_back(static_cast<float>(body(d, h, w)));
  return values;
}

}  // namespace braid::testing
