#include "metrics/shared_space.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/thread_pool.h"
#include "core/unit_rows.h"

namespace braid::metrics {
namespace {

std::vector<double> mean_row(const UnitRows& rows) {
  BRAID_CHECK(rows.size >= 1, shape, "modality gap: expected at least one row, got none");
  std::vector<double> mean(static_cast<size_t>(rows.width), 0.0);
  for (int64_t i = 0; i < rows.size; ++i)
    for (int64_t d = 0; d < rows.width; ++d) mean[static_cast<size_t>(d)] += rows.row(i)[d];
  for (double& value : mean) value /= static_cast<double>(rows.size);
  return mean;
}

// The sum of exp(-2 |x - x'|^2) over rows of a block and all rows after each of them.
double sum_of_block(const UnitRows& rows, int64_t begin, int64_t end) {
  constexpr int64_t kColumns = 16;
  std::vector<float> products(static_cast<size_t>((end - begin) * kColumns));
  double sum = 0;
  for (int64_t j = begin; j < rows.size; j += kColumns) {
    const int64_t count = std::min(kColumns, rows.size - j);
    row_products(rows.row(begin), end - begin, rows.row(j), count, rows.stride, products.data());
    for (int64_t i = begin; i < end; ++i)
      for (int64_t c = std::max<int64_t>(0, i + 1 - j); c < count; ++c) {
        // |x - x'|^2 = 2 - 2 x x' on the sphere.
        const double product = products[static_cast<size_t>((i - begin) * count + c)];
        sum += std::exp(std::min(0.0, 4 * product - 4));
      }
  }
  return sum;
}

}  // namespace

double modality_gap(const std::vector<float>& a, const std::vector<float>& b, int64_t width) {
  const std::vector<double> mean_a = mean_row(unit_rows(a, width, "modality gap: a"));
  const std::vector<double> mean_b = mean_row(unit_rows(b, width, "modality gap: b"));
  double squares = 0;
  for (size_t d = 0; d < mean_a.size(); ++d)
    squares += (mean_a[d] - mean_b[d]) * (mean_a[d] - mean_b[d]);
  return std::sqrt(squares);
}

double alignment(const std::vector<float>& a, const std::vector<float>& b, int64_t width) {
  const UnitRows rows_a = unit_rows(a, width, "alignment: a");
  const UnitRows rows_b = unit_rows(b, width, "alignment: b");
  BRAID_CHECK(rows_a.size == rows_b.size && rows_a.size >= 1, shape,
              "alignment: expected pairs, got {} and {} rows", rows_a.size, rows_b.size);
  double sum = 0;
  for (int64_t i = 0; i < rows_a.size; ++i)
    for (int64_t d = 0; d < width; ++d) {
      const double difference = static_cast<double>(rows_a.row(i)[d]) - rows_b.row(i)[d];
      sum += difference * difference;
    }
  return sum / static_cast<double>(rows_a.size);
}

double uniformity(const std::vector<float>& a, int64_t width, int num_threads) {
  const UnitRows rows = unit_rows(a, width, "uniformity");
  BRAID_CHECK(rows.size >= 2, shape, "uniformity: expected at least two rows, got {}", rows.size);
  constexpr int64_t kRows = 64;
  std::vector<double> sums(static_cast<size_t>((rows.size + kRows - 1) / kRows));
  parallel_for(static_cast<int64_t>(sums.size()), resolve_threads(num_threads), [&](int64_t i) {
    sums[static_cast<size_t>(i)] =
        sum_of_block(rows, i * kRows, std::min((i + 1) * kRows, rows.size));
  });
  const double size = static_cast<double>(rows.size);
  return std::log(std::accumulate(sums.begin(), sums.end(), 0.0) / (0.5 * size * (size - 1)));
}

}  // namespace braid::metrics
