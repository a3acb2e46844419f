#include "formats/volume_grid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using Values = std::vector<float>;

/// Two voxels along i, three along j, one along k.
VoxelGrid small_grid(const std::array<Vector3, 3>& directions) {
  VoxelGrid grid;
  grid.size = {2, 3, 1};
  grid.spacing_mm = {4, 5, 6};
  grid.directions = directions;
  return grid;
}

// Values as they lie: j 0: 0 1; j 1: 2 3; j 2: 4 5.
const Values kValues = {0, 1, 2, 3, 4, 5};

TEST(volume_grid, axes_that_lie_right_stay) {
  const Volume volume = turned(small_grid({{{-1, 0, 0}, {0, -1, 0}, {0, 0, 1}}}), kValues, "a");
  EXPECT_EQ(volume.depth, 1);
  EXPECT_EQ(volume.height, 3);
  EXPECT_EQ(volume.width, 2);
  EXPECT_EQ(volume.spacing_mm, (Vector3{6, 5, 4}));
  EXPECT_EQ(volume.values, kValues);
}

TEST(volume_grid, axes_are_reversed_and_swapped) {
  // i to the right: columns from the right to the left run against it.
  EXPECT_EQ(turned(small_grid({{{1, 0, 0}, {0, -1, 0}, {0, 0, 1}}}), kValues, "a").values,
            (Values{1, 0, 3, 2, 5, 4}));
  // j to the front: rows from the front to the back run against it.
  EXPECT_EQ(turned(small_grid({{{-1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}), kValues, "a").values,
            (Values{4, 5, 2, 3, 0, 1}));
  // i to the head, j to the left, k to the back: (D, H, W) = (2, 1, 3).
  const Volume volume = turned(small_grid({{{0, 0, 1}, {-1, 0, 0}, {0, -1, 0}}}), kValues, "a");
  EXPECT_EQ(volume.depth, 2);
  EXPECT_EQ(volume.height, 1);
  EXPECT_EQ(volume.width, 3);
  EXPECT_EQ(volume.spacing_mm, (Vector3{4, 6, 5}));
  EXPECT_EQ(volume.values, (Values{0, 2, 4, 1, 3, 5}));
}

TEST(volume_grid, oblique_axes_go_to_the_nearest) {
  // 30 degrees about x: j between back and feet, nearer to the back.
  const double c = std::cos(M_PI / 6), s = std::sin(M_PI / 6);
  const Volume volume = turned(small_grid({{{-2, 0, 0}, {0, -c, -s}, {0, -s, c}}}), kValues, "a");
  EXPECT_EQ(volume.height, 3);
  EXPECT_EQ(volume.values, kValues);
  // 60 degrees: j is nearer to the feet, so slices from the feet run against it.
  const Volume steep = turned(small_grid({{{-2, 0, 0}, {0, -s, -c}, {0, -c, s}}}), kValues, "a");
  EXPECT_EQ(steep.depth, 3);
  EXPECT_EQ(steep.values, (Values{4, 5, 2, 3, 0, 1}));
}

TEST(volume_grid, refuses_what_is_no_grid) {
  VoxelGrid grid = small_grid({{{1, 0, 0}, {0, 1, 0}, {0, 0, 0}}});
  expect_error(ErrorKind::format, "a: orientation: expected a direction for every axis, got (0, 0",
               [&] { turned(grid, kValues, "a"); });
  grid.directions[2] = {1, 1, 0};
  expect_error(ErrorKind::format, "a: orientation: expected three directions that span space",
               [&] { turned(grid, kValues, "a"); });
  grid.directions[2] = {0, 0, NAN};
  expect_error(ErrorKind::format, "orientation", [&] { turned(grid, kValues, "a"); });
  grid.spacing_mm[1] = -1;
  expect_error(ErrorKind::format,
               "a: spacing: expected positive millimetres, got -1; correct the file's spacing",
               [&] { turned(grid, kValues, "a"); });
}

TEST(volume_grid, sizes_keep_the_limit) {
  VolumeLimits limits;
  limits.max_voxels = 24;
  EXPECT_EQ(checked_voxels({2, 3, 4}, limits, "a"), 24u);
  expect_error(ErrorKind::format, "a: size: expected at most 24 voxels, got 5 x 5 x 1", [&] {
    checked_voxels({5, 5, 1}, limits, "a");
  });
  expect_error(ErrorKind::format, "a: size: expected positive lengths, got 0 x 1 x 1", [&] {
    checked_voxels({0, 1, 1}, limits, "a");
  });
  // 2^32 squared is 0 in 64 bits.
  expect_error(ErrorKind::format, "a: size: expected at most", [&] {
    checked_voxels({int64_t{1} << 32, int64_t{1} << 32, 1}, limits, "a");
  });
}

TEST(volume_grid, values_become_finite) {
  const float infinity = std::numeric_limits<float>::infinity();
  Values values = {2, NAN, -infinity, infinity, -1};
  make_finite(&values, "a");
  EXPECT_EQ(values, (Values{2, -1, -1, 2, -1}));
  EXPECT_EQ(to_float(1e39), infinity);
  EXPECT_EQ(to_float(-1e39), -infinity);
  EXPECT_EQ(to_float(0.1), 0.1f);
  EXPECT_TRUE(std::isnan(to_float(NAN)));
}

}  // namespace
}  // namespace braid::formats
