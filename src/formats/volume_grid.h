// What the readers of volumes share: sizes within limits, values that are finite, axes turned.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "formats/volume.h"

namespace braid::formats {

using Vector3 = std::array<double, 3>;

/// Voxels as they lie in a file: i runs fastest, then j, then k.
struct VoxelGrid {
  std::array<int64_t, 3> size = {0, 0, 0};  // along i, j, k
  Vector3 spacing_mm = {1, 1, 1};           // along i, j, k
  /// Where a step along i, j and k goes in the patient, RAS+: +x right, +y front, +z head. Lengths
  /// do not matter.
  std::array<Vector3, 3> directions = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
};

/// i * j * k. Errors: format, where a size is not positive or the product is above the limit.
uint64_t checked_voxels(const std::array<int64_t, 3>& size, const VolumeLimits& limits,
                        const std::string& name);

/// Rounded; beyond a float's range an infinity.
float to_float(double value);

/// NaN becomes the least finite value and an infinity the nearest one. Errors: format, where no
/// value is finite.
void make_finite(std::vector<float>* values, const std::string& name);

/// The volume with slices from feet to head, rows from front to back, columns from the patient's
/// right to the left: axes swapped and reversed, nothing resampled.
///
/// Shapes   values (k, j, i) -> (D, H, W).
/// Errors   format: a spacing that is no positive number, directions that span no space.
/// Cost     none but the checks where the voxels lie so already, else a second array.
Volume turned(const VoxelGrid& grid, std::vector<float> values, const std::string& name);

/// The whole file. Errors: io; format, where it is larger than the limit.
std::string read_volume_file(const std::string& path, const VolumeLimits& limits);

double dot(const Vector3& a, const Vector3& b);
Vector3 cross(const Vector3& a, const Vector3& b);
double length(const Vector3& a);

}  // namespace braid::formats
