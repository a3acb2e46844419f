// Distances, paths and matches against arithmetic by hand, the definition tried out, and a whole
// table.
#include "align/dtw.h"

#include <sys/resource.h>

#include "align/dtw_reference.h"

namespace braid::align {
namespace {

using namespace reference;

const Cost kCosts[] = {Cost::squared, Cost::absolute};

std::vector<Band> bands() {
  return {Band(),           Band::sakoe_chiba(0), Band::sakoe_chiba(1), Band::sakoe_chiba(3),
          Band::itakura(2), Band::itakura(1.5),   Band::itakura(3)};
}

bool is_feasible(const Band& band, int64_t n, int64_t m) {
  return band.kind != Band::Kind::itakura ||
         static_cast<double>(std::max(n, m) - 1) <=
             band.slope * static_cast<double>(std::min(n, m) - 1);
}

WarpOptions with(Cost cost, const Band& band) {
  WarpOptions options;
  options.cost = cost;
  options.band = band;
  return options;
}

// The greatest memory that this process has had, bytes.
int64_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

TEST(dtw, a_worked_example) {
  // |x - y| of a = 1 2 3 5 (down) and b = 1 3 3 4 (across), and the least sums:
  //   0 2 2 3      0 2 4 7
  //   1 1 1 2      1 1 2 4
  //   2 0 0 1      3 1 1 2
  //   4 2 2 1      7 3 3 2
  const std::vector<double> a = {1, 2, 3, 5}, b = {1, 3, 3, 4};
  EXPECT_EQ(warp_distance(a, b, with(Cost::absolute, Band())), 2);
  // Back from the end: 2 <- 1 (2, 2) <- 1 (2, 1) or (1, 1): straight 1 -> (1, 1) = 1 and (2, 1) = 1
  // are equal, so (1, 1); then (0, 0).
  const Path path = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};
  EXPECT_EQ(warp_path(a, b, with(Cost::absolute, Band())).path, path);
  // Squared, the costs are 0 4 4 9 / 1 1 1 4 / 4 0 0 1 / 16 4 4 1: 0 + 1 + 0 + 1.
  EXPECT_EQ(warp_distance(a, b), 2);
}

TEST(dtw, a_delay_costs_nothing_but_its_ends) {
  // b is a one step later: 0 0 1 2 3 against 0 1 2 3 3 warps exactly.
  const std::vector<double> a = {0, 0, 1, 2, 3}, b = {0, 1, 2, 3, 3};
  EXPECT_EQ(warp_distance(a, b), 0);
  const Path path = {{0, 0}, {1, 0}, {2, 1}, {3, 2}, {4, 3}, {4, 4}};
  EXPECT_EQ(warp_path(a, b).path, path);
  // Held to the diagonal: 0 + 1 + 1 + 1 + 0.
  EXPECT_EQ(warp_distance(a, b, with(Cost::squared, Band::sakoe_chiba(0))), 3);
}

TEST(dtw, several_dimensions_are_one_cost) {
  // (0, 0), (3, 4) against (0, 0), (0, 0), (3, 3): 0 + 0 + (0 + 1).
  const std::vector<double> a = {0, 0, 3, 4}, b = {0, 0, 0, 0, 3, 3};
  EXPECT_EQ(warp_distance({a, 2}, {b, 2}), 1);
  EXPECT_EQ(warp_distance({a, 2}, {b, 2}, with(Cost::absolute, Band())), 1);
}

TEST(dtw, one_row_meets_every_row) {
  const std::vector<double> a = {2}, b = {1, 2, 5};
  EXPECT_EQ(warp_distance(a, b), 1 + 0 + 9);
  EXPECT_EQ(warp_distance(b, a, with(Cost::absolute, Band::sakoe_chiba(0))), 1 + 0 + 3);
  EXPECT_EQ(warp_path(a, b).path, (Path{{0, 0}, {0, 1}, {0, 2}}));
  EXPECT_EQ(warp_path(b, a).path, (Path{{0, 0}, {1, 0}, {2, 0}}));
  EXPECT_EQ(warp_path(a, a).path, (Path{{0, 0}}));
}

TEST(dtw, equals_the_definition_for_every_band_and_cost) {
  uint64_t seed = 0;
  for (int64_t n = 1; n <= 6; ++n)
    for (int64_t m = 1; m <= 6; ++m)
      for (const Band& band : bands())
        for (const Cost cost : kCosts)
          for (const int64_t width : {1, 3}) {
            if (!is_feasible(band, n, m)) continue;
            const auto x = random_walk(n, width, ++seed), y = random_walk(m, width, ++seed);
            const Sequence a(x, width), b(y, width);
            const Allowed may = allowed(band, n, m);
            const double expected = recursion(a, b, cost, may, n - 1, m - 1);
            ASSERT_LT(expected, kInfinity) << "no path: " << n << " x " << m;
            EXPECT_EQ(distance(a, b, cost, may), expected);
            EXPECT_EQ(warp_distance(a, b, with(cost, band)), expected) << n << " x " << m;
            EXPECT_EQ(warp_distance(b, a, with(cost, band)), expected) << n << " x " << m;
            const Warping warping = warp_path(a, b, with(cost, band));
            EXPECT_EQ(warping.distance, expected);
            EXPECT_EQ(walked(warping.path, a, b, cost, may), expected);
          }
}

TEST(dtw, equals_the_table_at_lengths_that_fill_no_vector) {
  const std::pair<int64_t, int64_t> shapes[] = {
      {65, 64}, {97, 130}, {131, 70}, {40, 201}, {128, 128}};
  uint64_t seed = 100;
  for (const auto& [n, m] : shapes)
    for (Band band : bands())
      for (const Cost cost : kCosts)
        for (const int64_t width : {1, 2}) {
          if (!is_feasible(band, n, m)) continue;
          if (band.radius == 3) band.radius = 17;
          const auto x = random_walk(n, width, ++seed), y = random_walk(m, width, ++seed);
          const Sequence a(x, width), b(y, width);
          const Allowed may = allowed(band, n, m);
          const double expected = distance(a, b, cost, may);
          EXPECT_EQ(warp_distance(a, b, with(cost, band)), expected) << n << " x " << m;
          EXPECT_EQ(warp_distance(b, a, with(cost, band)), expected) << n << " x " << m;
          // Kept whole, in parts of a few rows, and down to single rows.
          for (const int64_t limit : {kTraceLimitBytes, int64_t{4096}, int64_t{1}}) {
            const Warping warping = warp_path(a, b, with(cost, band), limit);
            EXPECT_NEAR(warping.distance, expected, 1e-12 * expected) << "limit " << limit;
            EXPECT_EQ(walked(warping.path, a, b, cost, may), warping.distance);
          }
        }
}

TEST(dtw, stops_above_a_bound_and_nowhere_else) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const auto x = random_walk(100, 1, seed), y = random_walk(90, 1, seed + 1000);
    const WarpOptions options = with(Cost::squared, Band::sakoe_chiba(10));
    const double whole = warp_distance(x, y, options);
    EXPECT_EQ(warp_distance(x, y, options, whole), whole);
    EXPECT_EQ(warp_distance(x, y, options, whole * 2), whole);
    EXPECT_EQ(warp_distance(x, y, options, std::nextafter(whole, 0)), kInfinity);
    EXPECT_EQ(warp_distance(x, y, options, whole / 1000), kInfinity);
  }
}

TEST(dtw, a_query_is_found_inside_a_series) {
  // 1 2 3 stands at rows 3 to 6 of the series, with its 2 held.
  const std::vector<double> query = {1, 2, 3}, series = {9, 9, 0, 1, 2, 2, 3, 9, 1, 9};
  const Match match = warp_subsequence(query, series);
  EXPECT_EQ(match.distance, 0);
  EXPECT_EQ(match.first, 3);
  EXPECT_EQ(match.last, 6);
  EXPECT_EQ(match.path, (Path{{0, 3}, {1, 4}, {1, 5}, {2, 6}}));
  // A series shorter than the query, and of one row.
  EXPECT_EQ(warp_subsequence(series, query).last, 2);
  const Match single = warp_subsequence(query, std::vector<double>{2});
  EXPECT_EQ(single.distance, 2);
  EXPECT_EQ(single.path, (Path{{0, 0}, {1, 0}, {2, 0}}));
}

TEST(dtw, a_subsequence_costs_what_the_best_of_all_parts_does) {
  for (uint64_t seed = 0; seed < 60; ++seed)
    for (const Cost cost : kCosts)
      for (const int64_t width : {1, 2}) {
        const auto n = static_cast<int64_t>(1 + seed % 9), m = static_cast<int64_t>(1 + seed % 23);
        const auto x = random_walk(n, width, seed), y = random_walk(m, width, seed + 500);
        const Sequence query(x, width), series(y, width);
        double least = kInfinity;
        for (int64_t first = 0; first < m; ++first)
          for (int64_t last = first; last < m; ++last)
            least =
                std::min(least, distance(query, {y.data() + first * width, last - first + 1, width},
                                         cost, allowed(Band(), n, last - first + 1)));
        const Match match = warp_subsequence(query, series, cost);
        EXPECT_EQ(match.distance, least);
        const Sequence part(y.data() + match.first * width, match.last - match.first + 1, width);
        Path path = match.path;
        for (auto& [i, j] : path) j -= match.first;
        EXPECT_EQ(walked(path, query, part, cost, [](int64_t, int64_t) { return true; }), least);
      }
}

TEST(dtw, memory_grows_with_the_length_alone) {
  constexpr int64_t kLength = 10000;
  const auto x = random_walk(kLength, 1, 7), y = random_walk(kLength, 1, 8);
  const int64_t before = peak_bytes();
  const double banded = warp_distance(x, y, with(Cost::squared, Band::sakoe_chiba(1000)));
  warp_distance(x, y, with(Cost::squared, Band::itakura()));
  const double whole = warp_distance(x, y);
  EXPECT_LE(whole, banded);
  // Four diagonals of 80 kB each; a table of bytes in the band alone is 20 MB.
  EXPECT_LE(peak_bytes() - before, 4 << 20);
  const Warping in_band = warp_path(x, y, with(Cost::squared, Band::sakoe_chiba(1000)));
  EXPECT_NEAR(in_band.distance, banded, 1e-12 * banded);
  const Warping anywhere = warp_path(x, y);
  EXPECT_NEAR(anywhere.distance, whole, 1e-12 * whole);
  // The trace of 16 MiB, twice where a sanitizer keeps what was freed; a table of bytes is 100 MB.
  EXPECT_LE(peak_bytes() - before, 64 << 20);
  const Allowed may = allowed(Band::sakoe_chiba(1000), kLength, kLength);
  EXPECT_EQ(walked(in_band.path, x, y, Cost::squared, may), in_band.distance);
}

TEST(dtw, errors_name_what_is_wrong) {
  const std::vector<double> good = {1, 2, 3, 4}, none, gap = {1, 2, 3, NAN},
                            endless = {1, INFINITY};
  expect_error(ErrorKind::data, "second sequence: row 1, dimension 1: expected a finite number",
               [&] {
                 warp_distance({good, 2}, {gap, 2});
               });
  expect_error(ErrorKind::data, "first sequence: row 3", [&] { warp_path(gap, good); });
  expect_error(ErrorKind::data, "row 1, dimension 0: expected a finite number, got inf",
               [&] { warp_subsequence(endless, good); });
  expect_error(ErrorKind::data, "first sequence: expected at least one row, got none",
               [&] { warp_distance(none, good); });
  expect_error(ErrorKind::shape, "one width, got 2 and 1", [&] { warp_distance({good, 2}, good); });
  expect_error(ErrorKind::shape, "whole rows of 3 numbers, got 4", [&] { Sequence(good, 3); });
  expect_error(ErrorKind::usage, "trace limit",
               [&] { warp_path(good, good, {}, /*trace_limit_bytes=*/0); });
  expect_error(ErrorKind::usage, "window: expected lengths 4 and 4, got 3 and 4",
               [&] { warp_path(good, good, Window(Band(), 3, 4), Cost::squared); });
  const std::vector<double> high = {1e200, 1}, low = {-1e200, 1};
  expect_error(ErrorKind::numeric, "scale the sequences", [&] { warp_distance(high, low); });
  for (const int64_t limit : {kTraceLimitBytes, int64_t{1}})
    expect_error(ErrorKind::numeric, "scale the sequences",
                 [&] { warp_path(high, low, {}, limit); });
}

}  // namespace
}  // namespace braid::align
