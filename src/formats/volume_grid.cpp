#include "formats/volume_grid.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "core/error.h"
#include "core/file.h"
#include "formats/bytes.h"

namespace braid::formats {
namespace {

/// Which axis of the file becomes depth, height and width, and whether it runs the other way.
struct Turn {
  std::array<int, 3> axis = {2, 1, 0};
  std::array<bool, 3> is_reversed = {false, false, false};

  bool is_nothing() const {
    return axis == std::array<int, 3>{2, 1, 0} && !is_reversed[0] && !is_reversed[1] &&
           !is_reversed[2];
  }
};

/// The assignment whose cosines sum to the most; of equal ones the one that moves the least.
Turn nearest_turn(const std::array<Vector3, 3>& directions) {
  constexpr std::array<std::array<int, 3>, 6> kOrders = {
      {{2, 1, 0}, {2, 0, 1}, {1, 2, 0}, {0, 1, 2}, {1, 0, 2}, {0, 2, 1}}};
  Turn turn;
  double best = -1;
  for (const auto& order : kOrders) {
    const double score = std::abs(directions[order[0]][2]) + std::abs(directions[order[1]][1]) +
                         std::abs(directions[order[2]][0]);
    if (score <= best + 1e-6) continue;
    best = score;
    turn.axis = order;
  }
  turn.is_reversed = {directions[turn.axis[0]][2]<0, directions[turn.axis[1]][1]> 0,
                      directions[turn.axis[2]][0] > 0};
  return turn;
}

std::array<Vector3, 3> unit_directions(const VoxelGrid& grid, const std::string& name) {
  std::array<Vector3, 3> units = grid.directions;
  for (Vector3& direction : units) {
    const double norm = length(direction);
    BRAID_CHECK(std::isfinite(norm) && norm > 0, format,
                "{}: orientation: expected a direction for every axis, got ({:.4g}, {:.4g}, "
                "{:.4g}); correct the file's orientation",
                name, direction[0], direction[1], direction[2]);
    for (double& part : direction) part /= norm;
  }
  const double volume = std::abs(dot(cross(units[0], units[1]), units[2]));
  BRAID_CHECK(volume > 1e-3, format,
              "{}: orientation: expected three directions that span space, got a determinant of "
              "{:.4g}; correct the file's orientation",
              name, volume);
  return units;
}

}  // namespace

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double length(const Vector3& a) { return std::sqrt(dot(a, a)); }

uint64_t checked_voxels(const std::array<int64_t, 3>& size, const VolumeLimits& limits,
                        const std::string& name) {
  uint64_t count = 1;
  bool fits = true;
  for (const int64_t n : size) {
    BRAID_CHECK(n > 0, format, "{}: size: expected positive lengths, got {} x {} x {}", name,
                size[0], size[1], size[2]);
    fits = fits && multiply(count, static_cast<uint64_t>(n), &count);
  }
  BRAID_CHECK(fits && count <= static_cast<uint64_t>(std::max<int64_t>(limits.max_voxels, 0)),
              format, "{}: size: expected at most {} voxels, got {} x {} x {}", name,
              limits.max_voxels, size[0], size[1], size[2]);
  return count;
}

float to_float(double value) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (std::abs(value) > std::numeric_limits<float>::max())
    return value > 0 ? kInfinity : -kInfinity;
  return static_cast<float>(value);
}

void make_finite(std::vector<float>* values, const std::string& name) {
  float least = std::numeric_limits<float>::infinity(), most = -least;
  bool is_finite = true;
  for (const float value : *values) {
    if (!std::isfinite(value)) {
      is_finite = false;
      continue;
    }
    least = std::min(least, value);
    most = std::max(most, value);
  }
  if (is_finite) return;
  BRAID_CHECK(least <= most, format, "{}: voxels: expected numbers, got none that is finite", name);
  for (float& value : *values)
    if (!std::isfinite(value)) value = value > 0 ? most : least;
}

Volume turned(const VoxelGrid& grid, std::vector<float> values, const std::string& name) {
  for (const double spacing : grid.spacing_mm)
    BRAID_CHECK(std::isfinite(spacing) && spacing > 0, format,
                "{}: spacing: expected positive millimetres, got {:.6g}; correct the file's "
                "spacing",
                name, spacing);
  BRAID_ASSERT(values.size() == static_cast<uint64_t>(grid.size[0] * grid.size[1] * grid.size[2]));
  const Turn turn = nearest_turn(unit_directions(grid, name));
  Volume volume;
  volume.depth = grid.size[turn.axis[0]];
  volume.height = grid.size[turn.axis[1]];
  volume.width = grid.size[turn.axis[2]];
  for (int axis = 0; axis < 3; ++axis) volume.spacing_mm[axis] = grid.spacing_mm[turn.axis[axis]];
  if (turn.is_nothing()) {
    volume.values = std::move(values);
    return volume;
  }
  const std::array<int64_t, 3> strides = {1, grid.size[0], grid.size[0] * grid.size[1]};
  std::array<int64_t, 3> step;
  int64_t origin = 0;
  for (int axis = 0; axis < 3; ++axis) {
    const int source = turn.axis[axis];
    step[axis] = turn.is_reversed[axis] ? -strides[source] : strides[source];
    if (turn.is_reversed[axis]) origin += (grid.size[source] - 1) * strides[source];
  }
  volume.values.resize(values.size());
  float* target = volume.values.data();
  for (int64_t d = 0; d < volume.depth; ++d)
    for (int64_t h = 0; h < volume.height; ++h) {
      const int64_t row = origin + d * step[0] + h * step[1];
      for (int64_t w = 0; w < volume.width; ++w)
        *target++ = values[static_cast<size_t>(row + w * step[2])];
    }
  return volume;
}

std::string read_volume_file(const std::string& path, const VolumeLimits& limits) {
  std::error_code code;
  const uint64_t bytes = std::filesystem::file_size(path, code);
  BRAID_CHECK(code || bytes <= limits.max_bytes, format,
              "{}: expected a file of at most {} bytes, got {}", path, limits.max_bytes, bytes);
  return read_file(path);
}

}  // namespace braid::formats
