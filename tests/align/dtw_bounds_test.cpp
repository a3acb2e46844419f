// Bounds that are never above the distance, and a search that never misses.
#include "align/dtw_bounds.h"

#include "align/dtw_reference.h"

namespace braid::align {
namespace {

using namespace reference;

TEST(dtw_bounds, an_envelope_by_hand) {
  // Within 1 row: of 3 1 4 1 5 the least are 1 1 1 1 1, the greatest 3 4 4 5 5.
  const std::vector<double> x = {3, 1, 4, 1, 5};
  const Envelope around = envelope(x, 1);
  EXPECT_EQ(around.lower, (std::vector<double>{1, 1, 1, 1, 1}));
  EXPECT_EQ(around.upper, (std::vector<double>{3, 4, 4, 5, 5}));
  EXPECT_EQ(envelope(x, 0).lower, x);
  EXPECT_EQ(envelope(x, INT64_MAX).upper, std::vector<double>(5, 5));
}

TEST(dtw_bounds, an_envelope_is_the_least_and_greatest_of_its_rows) {
  for (uint64_t seed = 0; seed < 50; ++seed)
    for (const int64_t width : {1, 3}) {
      const auto n = static_cast<int64_t>(1 + seed % 31), radius = static_cast<int64_t>(seed % 11);
      auto x = random_walk(n, width, seed);
      if (seed % 2 == 0)
        for (double& value : x) value = std::round(value);  // equal neighbours
      const Envelope around = envelope({x, width}, radius);
      for (int64_t t = 0; t < n; ++t)
        for (int64_t d = 0; d < width; ++d) {
          double least = kInfinity, greatest = -kInfinity;
          for (int64_t k = std::max<int64_t>(0, t - radius); k <= std::min(n - 1, t + radius);
               ++k) {
            least = std::min(least, x[static_cast<size_t>(k * width + d)]);
            greatest = std::max(greatest, x[static_cast<size_t>(k * width + d)]);
          }
          EXPECT_EQ(around.lower[static_cast<size_t>(t * width + d)], least);
          EXPECT_EQ(around.upper[static_cast<size_t>(t * width + d)], greatest);
        }
    }
}

TEST(dtw_bounds, worked_examples) {
  // y = 0 0 0 4, radius 1: between 0 and 0 0 4 4. x = 1 -1 2 6 is outside by 1, 1, 0, 2.
  const std::vector<double> x = {1, -1, 2, 6}, y = {0, 0, 0, 4};
  const Envelope of_y = envelope(y, 1);
  EXPECT_EQ(lb_keogh(x, of_y), 1 + 1 + 0 + 4);
  EXPECT_EQ(lb_keogh(x, of_y, Cost::absolute), 1 + 1 + 0 + 2);
  // Moved into it, x is 0 0 2 4: between 0 0 0 2 and 0 2 4 4. y is inside.
  EXPECT_EQ(lb_improved(x, y, of_y, 1), 6);
  // x = 3 3 3 3 moved into 0 .. 0 0 4 4 is 0 0 3 3: between 0 0 0 3 and 0 3 3 3; y's 4 is 1
  // outside.
  const std::vector<double> flat(4, 3);
  EXPECT_EQ(lb_keogh(flat, of_y), 9 + 9);
  EXPECT_EQ(lb_improved(flat, y, of_y, 1), 18 + 1);
}

TEST(dtw_bounds, never_above_the_distance_and_improved_never_below) {
  int64_t num_tighter = 0;
  for (uint64_t seed = 0; seed < 400; ++seed)
    for (const Cost cost : {Cost::squared, Cost::absolute})
      for (const int64_t width : {1, 2}) {
        const auto n = static_cast<int64_t>(1 + seed % 70),
                   radius = static_cast<int64_t>(seed % 13);
        const auto x = random_walk(n, width, seed), y = random_walk(n, width, seed + 1000);
        const Sequence a(x, width), b(y, width);
        const Envelope of_b = envelope(b, radius);
        WarpOptions options;
        options.cost = cost;
        options.band = Band::sakoe_chiba(radius);
        const double keogh = lb_keogh(a, of_b, cost), exact = warp_distance(a, b, options);
        const double improved = lb_improved(a, b, of_b, radius, cost);
        EXPECT_LE(keogh, exact * (1 + 1e-13));
        EXPECT_LE(improved, exact * (1 + 1e-13));
        EXPECT_GE(improved, keogh);
        num_tighter += improved > keogh ? 1 : 0;
        // Of radius 0, both are the distance.
        if (radius == 0) {
          EXPECT_NEAR(keogh, exact, 1e-13 * exact);
        }
        if (keogh > 0) {
          EXPECT_GT(lb_keogh(a, of_b, cost, keogh / 2), keogh / 2);
        }
      }
  EXPECT_GT(num_tighter, 100);
}

TEST(dtw_bounds, the_search_finds_what_warping_all_finds) {
  int64_t by_keogh = 0, by_improved = 0, stopped = 0;
  for (uint64_t seed = 0; seed < 60; ++seed)
    for (const Cost cost : {Cost::squared, Cost::absolute}) {
      const int64_t width = seed % 3 == 0 ? 2 : 1, n = 64;
      const auto radius = static_cast<int64_t>(seed % 9);
      std::vector<std::vector<double>> all;
      for (uint64_t c = 0; c < 40; ++c) all.push_back(random_walk(n, width, 1000 * seed + c));
      all.push_back(all[7]);  // equal ones: the first counts
      const auto query = random_walk(n, width, 1000 * seed + 999);
      const std::vector<Sequence> candidates = [&] {
        std::vector<Sequence> views;
        for (const auto& each : all) views.emplace_back(each, width);
        return views;
      }();
      WarpOptions options;
      options.cost = cost;
      options.band = Band::sakoe_chiba(radius);
      int64_t index = -1;
      double least = kInfinity;
      for (size_t c = 0; c < candidates.size(); ++c) {
        const double each = warp_distance(candidates[c], {query, width}, options);
        if (each >= least) continue;
        least = each;
        index = static_cast<int64_t>(c);
      }
      const Nearest found = nearest_sequence({query, width}, candidates, radius, cost);
      EXPECT_EQ(found.index, index);
      EXPECT_EQ(found.distance, least);
      EXPECT_EQ(found.num_by_keogh + found.num_by_improved + found.num_stopped + found.num_warped,
                41);
      by_keogh += found.num_by_keogh;
      by_improved += found.num_by_improved;
      stopped += found.num_stopped;
    }
  EXPECT_GT(by_keogh, 0);
  EXPECT_GT(by_improved, 0);
  EXPECT_GT(stopped, 0);
}

TEST(dtw_bounds, of_equal_candidates_the_first_is_found) {
  const std::vector<double> query = {1, 2, 3, 4}, far = {9, 9, 9, 9}, same = query;
  const Nearest found = nearest_sequence(query, {far, same, same, far}, 1);
  EXPECT_EQ(found.index, 1);
  EXPECT_EQ(found.distance, 0);
  EXPECT_EQ(found.num_by_keogh, 2);
  EXPECT_EQ(found.num_warped, 2);
}

TEST(dtw_bounds, errors_name_what_is_wrong) {
  const std::vector<double> good = {1, 2, 3, 4}, shorter = {1, 2, 3}, gap = {1, 2, NAN, 4};
  expect_error(ErrorKind::usage, "radius: expected 0 or more, got -1", [&] { envelope(good, -1); });
  expect_error(ErrorKind::data, "envelope: row 2", [&] { envelope(gap, 1); });
  expect_error(ErrorKind::shape, "lower bound: expected [4, 1], got [3, 1]",
               [&] { lb_keogh(shorter, envelope(good, 1)); });
  expect_error(ErrorKind::shape, "lower bound: expected [4, 1], got [3, 1]",
               [&] { lb_improved(good, shorter, envelope(good, 1), 1); });
  expect_error(ErrorKind::usage, "at least one candidate", [&] { nearest_sequence(good, {}, 1); });
  expect_error(ErrorKind::shape, "candidate 1: expected [4, 1], got [3, 1]", [&] {
    nearest_sequence(good, {good, shorter}, 1);
  });
  expect_error(ErrorKind::data, "candidate 0: row 2", [&] { nearest_sequence(good, {gap}, 1); });
}

}  // namespace
}  // namespace braid::align
