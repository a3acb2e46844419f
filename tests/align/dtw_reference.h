// Warping the slow and obvious way, and sequences to warp.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "align/dtw.h"
#include "core/error.h"
#include "core/rng.h"

namespace braid::align::reference {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Whether a path may visit (i, j).
using Allowed = std::function<bool(int64_t i, int64_t j)>;

/// The bands as dtw.h defines them, cell by cell.
inline Allowed allowed(const Band& band, int64_t num_rows, int64_t num_columns) {
  const int64_t longer = std::max(num_rows, num_columns), shorter = std::min(num_rows, num_columns);
  const auto is_near = [=](int64_t i, int64_t j, int64_t radius) {
    const int64_t q = num_rows >= num_columns ? i : j, p = num_rows >= num_columns ? j : i;
    return std::abs(2 * p * (longer - 1) - 2 * q * (shorter - 1)) <=
           (2 * radius + 1) * (longer - 1);
  };
  if (band.kind == Band::Kind::sakoe_chiba)
    return [=](int64_t i, int64_t j) { return is_near(i, j, band.radius); };
  if (band.kind == Band::Kind::none) return [](int64_t, int64_t) { return true; };
  const auto is_steep = [=](int64_t i, int64_t j) {
    return static_cast<double>(i) <= (band.slope + 1e-9) * static_cast<double>(j) &&
           static_cast<double>(j) <= (band.slope + 1e-9) * static_cast<double>(i);
  };
  return [=](int64_t i, int64_t j) {
    return is_near(i, j, 0) || (is_steep(i, j) && is_steep(num_rows - 1 - i, num_columns - 1 - j));
  };
}

inline double cost_of(const Sequence& a, const Sequence& b, int64_t i, int64_t j, Cost cost) {
  double sum = 0;
  for (int64_t d = 0; d < a.width; ++d) {
    const double apart = a.values[i * a.width + d] - b.values[j * b.width + d];
    sum += cost == Cost::squared ? apart * apart : std::fabs(apart);
  }
  return sum;
}

/// The definition: the cheapest of all paths to (i, j), each tried.
inline double recursion(const Sequence& a, const Sequence& b, Cost cost, const Allowed& may,
                        int64_t i, int64_t j) {
  if (i < 0 || j < 0 || !may(i, j)) return kInfinity;
  const double here = cost_of(a, b, i, j, cost);
  if (i == 0 && j == 0) return here;
  return here +
         std::min({recursion(a, b, cost, may, i - 1, j - 1), recursion(a, b, cost, may, i - 1, j),
                   recursion(a, b, cost, may, i, j - 1)});
}

/// The same by a whole table; returns its last row.
inline std::vector<double> last_row(const Sequence& a, const Sequence& b, Cost cost,
                                    const Allowed& may, bool is_free_start = false) {
  const auto at = [&](int64_t i, int64_t j) {
    return static_cast<size_t>((i + 1) * (b.length + 1) + j + 1);
  };
  std::vector<double> table(at(a.length, -1), kInfinity);
  table[0] = 0;
  for (int64_t j = 0; is_free_start && j < b.length; ++j) table[at(-1, j)] = 0;
  for (int64_t i = 0; i < a.length; ++i)
    for (int64_t j = 0; j < b.length; ++j)
      if (may(i, j))
        table[at(i, j)] =
            cost_of(a, b, i, j, cost) +
            std::min({table[at(i - 1, j - 1)], table[at(i - 1, j)], table[at(i, j - 1)]});
  return {table.end() - b.length, table.end()};
}

inline double distance(const Sequence& a, const Sequence& b, Cost cost, const Allowed& may) {
  return last_row(a, b, cost, may).back();
}

inline std::vector<double> random_walk(int64_t length, int64_t width, uint64_t seed) {
  Rng random(seed);
  std::vector<double> values;
  for (int64_t k = 0; k < length * width; ++k)
    values.push_back(random.normal() + (k >= width ? values[static_cast<size_t>(k - width)] : 0));
  return values;
}

/// Steps of (1, 1), (1, 0) or (0, 1) from corner to corner through allowed cells; returns its cost.
inline double walked(const Path& path, const Sequence& a, const Sequence& b, Cost cost,
                     const Allowed& may) {
  EXPECT_EQ(path.front(), (std::pair<int64_t, int64_t>(0, 0)));
  EXPECT_EQ(path.back(), (std::pair<int64_t, int64_t>(a.length - 1, b.length - 1)));
  double sum = 0;
  for (size_t k = 0; k < path.size(); ++k) {
    const auto [i, j] = path[k];
    EXPECT_TRUE(may(i, j)) << i << ", " << j;
    sum += cost_of(a, b, i, j, cost);
    if (k == 0) continue;
    const int64_t di = i - path[k - 1].first, dj = j - path[k - 1].second;
    EXPECT_TRUE(di >= 0 && di <= 1 && dj >= 0 && dj <= 1 && di + dj >= 1) << "step " << k;
  }
  return sum;
}

inline void expect_error(ErrorKind kind, const std::string& part,
                         const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "expected an Error with: " << part;
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

}  // namespace braid::align::reference
