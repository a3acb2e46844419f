// FastDTW: a path near the cheapest, and the cheapest where the radius allows it.
#include "align/dtw_reference.h"

namespace braid::align {
namespace {

using namespace reference;

bool anywhere(int64_t, int64_t) { return true; }

TEST(fast_dtw, a_worked_example) {
  // Halved, 0 0 4 4 and 0 4 4 4 are 0 4 and 2 4. They have two rows, so they are warped exactly:
  // squared costs 4 16 / 4 0, the path (0, 0), (1, 1). At radius 0 its window is rows 0 and 1 with
  // columns 0 and 1 (costs 0 16 / 0 16), rows 2 and 3 with 2 and 3 (all 0). The one way from the
  // first block to the second is (1, 1), so 0 + 16 + 0 + 0.
  const std::vector<double> a = {0, 0, 4, 4}, b = {0, 4, 4, 4};
  EXPECT_EQ(fast_warp(a, b, /*radius=*/0).distance, 16);
  EXPECT_EQ(fast_warp(a, b, /*radius=*/1).distance, 0);
}

TEST(fast_dtw, a_radius_of_the_length_is_exact) {
  for (uint64_t seed = 0; seed < 20; ++seed)
    for (const Cost cost : {Cost::squared, Cost::absolute}) {
      const auto x = random_walk(50, 2, seed), y = random_walk(37, 2, seed + 100);
      EXPECT_EQ(fast_warp({x, 2}, {y, 2}, 50, cost).distance,
                distance({x, 2}, {y, 2}, cost, anywhere));
    }
}

TEST(fast_dtw, every_length_and_radius_gives_a_path_not_below_the_cheapest) {
  for (int64_t n = 1; n <= 33; n += 2)
    for (int64_t m = 1; m <= 34; m += 3)
      for (const int64_t radius : {0, 1, 3}) {
        const auto x = random_walk(n, 1, static_cast<uint64_t>(n));
        const auto y = random_walk(m, 1, static_cast<uint64_t>(m + 50));
        const Warping warping = fast_warp(x, y, radius);
        EXPECT_EQ(walked(warping.path, x, y, Cost::squared, anywhere), warping.distance);
        EXPECT_GE(warping.distance, distance(x, y, Cost::squared, anywhere));
      }
}

TEST(fast_dtw, the_error_falls_with_the_radius) {
  double errors[3] = {};
  const int64_t radii[] = {1, 5, 20};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto x = random_walk(300, 1, seed), y = random_walk(300, 1, seed + 100);
    const double exact = warp_distance(x, y);
    for (int r = 0; r < 3; ++r) errors[r] += fast_warp(x, y, radii[r]).distance / exact - 1;
  }
  EXPECT_LE(errors[1], errors[0]);
  EXPECT_LE(errors[2], errors[1]);
  EXPECT_LT(errors[2] / 20, 0.05);
}

TEST(fast_dtw, errors_name_what_is_wrong) {
  const std::vector<double> good = {1, 2, 3, 4, 5}, gap = {1, 2, NAN};
  expect_error(ErrorKind::usage, "radius: expected 0 or more, got -2",
               [&] { fast_warp(good, good, -2); });
  expect_error(ErrorKind::data, "second sequence: row 2", [&] { fast_warp(good, gap); });
}

}  // namespace
}  // namespace braid::align
