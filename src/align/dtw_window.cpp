// Bands as rows of columns, and what a sequence has to be.
#include <algorithm>
#include <cmath>

#include "align/dtw.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr int64_t kLongest = 1 << 30;  // products of two lengths stay within 64 bits
// So that 1.15 * 20 = 22.999999999999996 still reaches 23.
constexpr double kSlopeRounding = 1 + 1e-12;

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
int64_t ceil_divide(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

void check_band(const Band& band, int64_t num_rows, int64_t num_columns) {
  if (band.kind == Band::Kind::sakoe_chiba)
    BRAID_CHECK(band.radius >= 0, usage, "dtw: radius: expected 0 or more, got {}", band.radius);
  if (band.kind != Band::Kind::itakura) return;
  BRAID_CHECK(band.slope >= 1 && std::isfinite(band.slope), usage,
              "dtw: slope: expected 1 or more, got {}", band.slope);
  const auto longer = static_cast<double>(std::max(num_rows, num_columns) - 1);
  const auto shorter = static_cast<double>(std::min(num_rows, num_columns) - 1);
  BRAID_CHECK(
      longer <= band.slope * kSlopeRounding * shorter, usage,
      "dtw: itakura band of slope {}: expected lengths whose steps differ by that factor at "
      "most, got {} and {}; raise the slope or take the Sakoe-Chiba band",
      band.slope, num_rows, num_columns);
}

}  // namespace

Sequence::Sequence(const std::vector<double>& numbers, int64_t width_of)
    : values(numbers.data()), width(width_of) {
  BRAID_CHECK(width >= 1, shape, "sequence: expected a width of 1 or more, got {}", width);
  length = static_cast<int64_t>(numbers.size()) / width;
  BRAID_CHECK(static_cast<size_t>(length * width) == numbers.size(), shape,
              "sequence: expected whole rows of {} numbers, got {} numbers", width, numbers.size());
}

void check(const Sequence& sequence, const char* where) {
  BRAID_CHECK(sequence.width >= 1, shape, "{}: expected a width of 1 or more, got {}", where,
              sequence.width);
  BRAID_CHECK(sequence.length >= 1, data, "{}: expected at least one row, got none", where);
  BRAID_CHECK(sequence.length <= kLongest, data, "{}: expected at most {} rows, got {}", where,
              kLongest, sequence.length);
  for (int64_t i = 0; i < sequence.length * sequence.width; ++i)
    BRAID_CHECK(
        std::isfinite(sequence.values[i]), data,
        "{}: row {}, dimension {}: expected a finite number, got {}; fill the gap or cut it "
        "out first",
        where, i / sequence.width, i % sequence.width, sequence.values[i]);
}

void check(const Sequence& a, const Sequence& b) {
  check(a, "dtw: first sequence");
  check(b, "dtw: second sequence");
  BRAID_CHECK(a.width == b.width, shape, "dtw: expected sequences of one width, got {} and {}",
              a.width, b.width);
}

Window::Window(const Band& band, int64_t num_rows, int64_t num_columns)
    : band_(band), num_rows_(num_rows), num_columns_(num_columns) {
  BRAID_CHECK(num_rows >= 1 && num_columns >= 1 && std::max(num_rows, num_columns) <= kLongest,
              usage, "dtw: window: expected lengths from 1 to {}, got {} and {}", kLongest,
              num_rows, num_columns);
  check_band(band, num_rows, num_columns);
  band_.radius = std::min(band.radius, std::max(num_rows, num_columns));
  band_.slope *= kSlopeRounding;
}

Window::Window(std::vector<ColumnRange> rows, int64_t num_columns)
    : num_rows_(static_cast<int64_t>(rows.size())),
      num_columns_(num_columns),
      rows_(std::move(rows)) {
  BRAID_CHECK(num_rows_ >= 1 && num_columns >= 1 && std::max(num_rows_, num_columns) <= kLongest,
              usage, "dtw: window: expected lengths from 1 to {}, got {} and {}", kLongest,
              num_rows_, num_columns);
  BRAID_CHECK(
      rows_.front().first == 0 && rows_.back().last == num_columns - 1, usage,
      "dtw: window: expected it to hold (0, 0) and ({}, {}), got first column {} and last {}",
      num_rows_ - 1, num_columns - 1, rows_.front().first, rows_.back().last);
  for (size_t i = 0; i < rows_.size(); ++i) {
    const ColumnRange now = rows_[i], before = rows_[i == 0 ? 0 : i - 1];
    BRAID_CHECK(
        now.first <= now.last && now.first >= before.first && now.last >= before.last &&
            now.first <= before.last + 1,
        usage,
        "dtw: window: row {}: expected ends that ascend and meet columns {} to {} of the row "
        "before, got {} to {}",
        i, before.first, before.last, now.first, now.last);
  }
}

ColumnRange Window::row(int64_t i) const {
  if (!rows_.empty()) return rows_[static_cast<size_t>(i)];
  if (band_.kind == Band::Kind::sakoe_chiba) return sakoe_chiba(i, band_.radius);
  if (band_.kind == Band::Kind::itakura) return itakura(i);
  return {0, num_columns_ - 1};
}

int64_t Window::num_cells() const {
  int64_t count = 0;
  for (int64_t i = 0; i < num_rows_; ++i) count += row(i).last - row(i).first + 1;
  return count;
}

// Column j is in row i where |2 j (N - 1) - 2 i (M - 1)| <= (2 radius + 1) (max(N, M) - 1): the
// band's formula times 2 (max(N, M) - 1), one for both ways round.
ColumnRange Window::sakoe_chiba(int64_t i, int64_t radius) const {
  const int64_t rows = num_rows_ - 1, columns = num_columns_ - 1;
  if (rows == 0) return {0, columns};
  if (rows == columns) return {std::max<int64_t>(0, i - radius), std::min(columns, i + radius)};
  const int64_t reach = (2 * radius + 1) * std::max(rows, columns), middle = 2 * i * columns;
  return {std::max<int64_t>(0, ceil_divide(middle - reach, 2 * rows)),
          std::min(columns, floor_divide(middle + reach, 2 * rows))};
}

ColumnRange Window::itakura(int64_t i) const {
  const double slope = band_.slope;
  // The first column with row <= slope * column. The quotient alone could round across it.
  const auto first_of = [&](int64_t row) {
    auto j = static_cast<int64_t>(std::ceil(static_cast<double>(row) / slope));
    if (slope * static_cast<double>(j - 1) >= static_cast<double>(row)) --j;
    if (slope * static_cast<double>(j) < static_cast<double>(row)) ++j;
    return j;
  };
  const auto last_of = [&](int64_t row) {
    const double j = std::floor(slope * static_cast<double>(row));
    return static_cast<int64_t>(std::min(j, static_cast<double>(num_columns_ - 1)));
  };
  const int64_t left = num_rows_ - 1 - i, end = num_columns_ - 1;
  const ColumnRange inside = {std::max(first_of(i), end - last_of(left)),
                              std::min(last_of(i), end - first_of(left))};
  const ColumnRange middle = sakoe_chiba(i, /*radius=*/0);
  // At some lengths a row has no whole number inside, and first > last.
  if (inside.first > inside.last) return middle;
  return {std::min(inside.first, middle.first), std::max(inside.last, middle.last)};
}

}  // namespace braid::align
