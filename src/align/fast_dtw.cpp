// FastDTW: the path at half the resolution says where to look.
#include <algorithm>

#include "align/dtw.h"
#include "core/error.h"

namespace braid::align {
namespace {

// The means of neighbours; an odd last row stays as it is. (T, D) -> (ceil(T / 2), D)
std::vector<double> halved(const Sequence& sequence) {
  const int64_t width = sequence.width;
  std::vector<double> means(static_cast<size_t>((sequence.length + 1) / 2 * width));
  for (int64_t t = 0; t < sequence.length; t += 2) {
    const double* now = sequence.values + t * width;
    const double* next = t + 1 < sequence.length ? now + width : now;
    double* mean = &means[static_cast<size_t>(t / 2 * width)];
    for (int64_t d = 0; d < width; ++d) mean[d] = now[d] / 2 + next[d] / 2;
  }
  return means;
}

// The cells within `radius` of those that a path at half the resolution covers.
Window around(const Path& path, int64_t radius, int64_t num_rows, int64_t num_columns) {
  std::vector<ColumnRange> covered(static_cast<size_t>(num_rows), {num_columns, -1});
  for (const auto& [i, j] : path)
    for (int64_t row = 2 * i; row < std::min(2 * i + 2, num_rows); ++row) {
      ColumnRange& columns = covered[static_cast<size_t>(row)];
      columns.first = std::min(columns.first, 2 * j);
      columns.last = std::max(columns.last, std::min(2 * j + 1, num_columns - 1));
    }
  // Both ends ascend along a path, so that the rows `radius` away hold the outermost.
  std::vector<ColumnRange> rows(covered.size());
  for (int64_t i = 0; i < num_rows; ++i) {
    const int64_t above = std::max<int64_t>(0, i - radius);
    const int64_t below = i + std::min(radius, num_rows - 1 - i);
    const int64_t first = covered[static_cast<size_t>(above)].first;
    const int64_t last = covered[static_cast<size_t>(below)].last;
    rows[static_cast<size_t>(i)] = {std::max<int64_t>(0, first - radius),
                                    last + std::min(radius, num_columns - 1 - last)};
  }
  return Window(std::move(rows), num_columns);
}

}  // namespace

Warping fast_warp(const Sequence& a, const Sequence& b, int64_t radius, Cost cost) {
  BRAID_CHECK(radius >= 0, usage, "fast dtw: radius: expected 0 or more, got {}", radius);
  check(a, b);
  if (std::min(a.length, b.length) - 2 <= radius) {
    WarpOptions options;
    options.cost = cost;
    return warp_path(a, b, options);
  }
  const Path coarse = [&] {
    const std::vector<double> half_a = halved(a), half_b = halved(b);
    return fast_warp({half_a, a.width}, {half_b, b.width}, radius, cost).path;
  }();
  return warp_path(a, b, around(coarse, radius, a.length, b.length), cost);
}

}  // namespace braid::align
