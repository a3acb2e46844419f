#include "align/dtw_sweep.h"

#include <algorithm>
#include <cmath>

#include "core/clones.h"

namespace braid::align {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int64_t kBlock = 512;      // cells whose costs are computed at once
constexpr int64_t kCheckEvery = 16;  // diagonals between two looks whether to stop

// Cell k of a diagonal comes from `before[k]`, one row up, `before[k + 1]`, one column left, both
// on the diagonal before, or `out[k + 1]`, both, on the one before that, which it replaces.
inline double least_of(double up, double left, double both) {
  const double straight = up < left ? up : left;
  return straight < both ? straight : both;
}

BRAID_CLONES void step_squared(const double* __restrict rows, const double* __restrict columns,
                               const double* __restrict before, double* out, int64_t count) {
  for (int64_t k = 0; k < count; ++k) {
    const double apart = rows[k] - columns[k];
    out[k] = apart * apart + least_of(before[k], before[k + 1], out[k + 1]);
  }
}

BRAID_CLONES void step_absolute(const double* __restrict rows, const double* __restrict columns,
                                const double* __restrict before, double* out, int64_t count) {
  for (int64_t k = 0; k < count; ++k)
    out[k] = std::fabs(rows[k] - columns[k]) + least_of(before[k], before[k + 1], out[k + 1]);
}

BRAID_CLONES void step_given(const double* __restrict costs, const double* __restrict before,
                             double* out, int64_t count) {
  for (int64_t k = 0; k < count; ++k)
    out[k] = costs[k] + least_of(before[k], before[k + 1], out[k + 1]);
}

BRAID_CLONES void step_starts(const double* __restrict costs, const double* __restrict before,
                              const int64_t* __restrict starts_before, double* __restrict out,
                              int64_t* __restrict starts, int64_t count) {
  for (int64_t k = 0; k < count; ++k) {
    double least = out[k + 1];
    int64_t start = starts[k + 1];
    start = before[k] < least ? starts_before[k] : start;
    least = before[k] < least ? before[k] : least;
    start = before[k + 1] < least ? starts_before[k + 1] : start;
    least = before[k + 1] < least ? before[k + 1] : least;
    out[k] = costs[k] + least;
    starts[k] = start;
  }
}

BRAID_CLONES void step_traced(const double* __restrict costs, const double* __restrict before,
                              double* __restrict out, uint8_t* __restrict steps, int64_t count) {
  for (int64_t k = 0; k < count; ++k) {
    const double up = before[k], left = before[k + 1], both = out[k + 1];
    const double straight = up < left ? up : left;
    // As wide as the numbers that it is chosen by, which compilers turn into fewer operations.
    const int64_t of_straight = up <= left ? Trace::up : Trace::left;
    const int64_t step = both <= straight ? int64_t{Trace::both} : of_straight;
    steps[k] = static_cast<uint8_t>(step);
    out[k] = costs[k] + (straight < both ? straight : both);
  }
}

BRAID_CLONES double least_of_all(const double* values, int64_t count) {
  constexpr int64_t kLanes = 8;
  double lanes[kLanes], least = kInfinity;
  for (double& lane : lanes) lane = kInfinity;
  int64_t k = 0;
  for (; k + kLanes <= count; k += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane)
      lanes[lane] = values[k + lane] < lanes[lane] ? values[k + lane] : lanes[lane];
  for (; k < count; ++k) least = std::min(least, values[k]);
  for (const double lane : lanes) least = std::min(least, lane);
  return least;
}

BRAID_CLONES void add_squared(const double* __restrict rows, const double* __restrict columns,
                              double* __restrict costs, int64_t count) {
  for (int64_t k = 0; k < count; ++k) {
    const double apart = rows[k] - columns[k];
    costs[k] += apart * apart;
  }
}

BRAID_CLONES void add_absolute(const double* __restrict rows, const double* __restrict columns,
                               double* __restrict costs, int64_t count) {
  for (int64_t k = 0; k < count; ++k) costs[k] += std::fabs(rows[k] - columns[k]);
}

// A sweep's two diagonals, and for starts theirs. Index 1 is column M - 1: both ends have a rim.
class Diagonals {
 public:
  Diagonals(const Lanes& lanes, int64_t num_columns, const SweepOptions& options)
      : lanes_(lanes),
        options_(options),
        num_columns_(num_columns),
        needs_costs_(lanes.dims > 1 || options.start || options.trace) {
    const auto size = static_cast<size_t>(num_columns + 2);
    for (auto& values : values_) values.resize(size, kInfinity);
    if (options.start)
      for (auto& starts : starts_) starts.resize(size, 0);
    values_[0][size - 1] = 0;  // before the first cell, where diagonal -2 would end
  }

  double* values(int64_t diagonal) { return values_[diagonal & 1].data() + 1; }
  int64_t* starts(int64_t diagonal) { return starts_[diagonal & 1].data() + 1; }

  // Rows first_row to last_row of the diagonal; none where last_row = first_row - 1.
  void step(int64_t diagonal, int64_t first_row, int64_t last_row) {
    const int64_t first = num_columns_ - 1 - diagonal + first_row, count = last_row - first_row + 1;
    double* out = values(diagonal) + first;
    const double* before = values(diagonal + 1) + first;
    const double* rows = lanes_.rows + first_row;
    const double* columns = lanes_.columns + first;
    if (needs_costs_)
      step_by_costs(diagonal, first_row, first, count);
    else if (options_.cost == Cost::squared)
      step_squared(rows, columns, before, out, count);
    else
      step_absolute(rows, columns, before, out, count);
    out[count] = kInfinity;
    // What stands above row 0 costs nothing where a path may begin there.
    const bool is_start = options_.is_free_start && first_row == 0 && diagonal < num_columns_;
    out[-1] = is_start ? 0 : kInfinity;
    if (is_start && options_.start) starts(diagonal)[first] = diagonal;
  }

  // The least of the diagonal's cells and of those of the one before.
  double least(int64_t diagonal, int64_t first, int64_t last) {
    const int64_t count = last - first + 2;
    return std::min(least_of_all(values(diagonal) + first, count),
                    least_of_all(values(diagonal - 1) + first, count));
  }

 private:
  // Block by block, so that the costs stay in the nearest cache while dimensions are added.
  void step_by_costs(int64_t diagonal, int64_t row, int64_t first, int64_t count) {
    uint8_t* steps =
        options_.trace ? options_.trace->add(num_columns_ - 1 - first, count) : nullptr;
    for (int64_t begin = 0; begin < count; begin += kBlock) {
      const int64_t k = first + begin, size = std::min(kBlock, count - begin);
      fill_costs(lanes_, options_.cost, row + begin, k, size, costs_);
      double* out = values(diagonal) + k;
      const double* before = values(diagonal + 1) + k;
      if (options_.start)
        step_starts(costs_, before, starts(diagonal + 1) + k, out, starts(diagonal) + k, size);
      else if (steps)
        step_traced(costs_, before, out, steps + begin, size);
      else
        step_given(costs_, before, out, size);
    }
  }

  const Lanes& lanes_;
  const SweepOptions& options_;
  const int64_t num_columns_;
  const bool needs_costs_;
  std::vector<double> values_[2];
  double costs_[kBlock];
  std::vector<int64_t> starts_[2];
};

}  // namespace

ColumnRange Part::row(int64_t i) const {
  ColumnRange columns = window->row(is_turned ? last_row - i : first_row + i);
  columns = {std::max(columns.first, first_column), std::min(columns.last, last_column)};
  if (is_turned) return {last_column - columns.last, last_column - columns.first};
  return {columns.first - first_column, columns.last - first_column};
}

int64_t Part::num_cells() const {
  int64_t count = 0;
  for (int64_t i = 0; i < num_rows(); ++i) {
    const ColumnRange columns = row(i);
    count += columns.last - columns.first + 1;
  }
  return count;
}

Trace::Trace(const Part& part) : steps_(static_cast<size_t>(part.num_cells())) {
  diagonals_.reserve(static_cast<size_t>(part.num_rows() + part.num_columns() - 1));
}

uint8_t* Trace::add(int64_t last_column, int64_t count) {
  diagonals_.push_back({size_ + last_column});
  uint8_t* steps = steps_.data() + size_;
  size_ += count;
  return steps;
}

std::vector<double> laid_out(const Sequence& sequence, bool is_turned) {
  std::vector<double> lanes(static_cast<size_t>(sequence.length * sequence.width));
  for (int64_t d = 0; d < sequence.width; ++d) {
    double* lane = &lanes[static_cast<size_t>(d * sequence.length)];
    for (int64_t t = 0; t < sequence.length; ++t)
      lane[is_turned ? sequence.length - 1 - t : t] = sequence.values[t * sequence.width + d];
  }
  return lanes;
}

void fill_costs(const Lanes& lanes, Cost cost, int64_t row, int64_t column, int64_t count,
                double* costs) {
  std::fill_n(costs, count, 0.0);
  const auto add = cost == Cost::squared ? add_squared : add_absolute;
  for (int64_t d = 0; d < lanes.dims; ++d)
    add(lanes.rows + d * lanes.row_stride + row, lanes.columns + d * lanes.column_stride + column,
        costs, count);
}

double cost_of(const double* x, const double* y, int64_t width, Cost cost) {
  double sum = 0;
  for (int64_t d = 0; d < width; ++d) {
    const double apart = x[d] - y[d];
    sum += cost == Cost::squared ? apart * apart : std::fabs(apart);
  }
  return sum;
}

double sweep(const Lanes& lanes, const Part& part, const SweepOptions& options) {
  const int64_t num_rows = part.num_rows(), num_columns = part.num_columns();
  Diagonals diagonals(lanes, num_columns, options);
  if (options.last_row) std::fill_n(options.last_row, num_columns, kInfinity);
  const int64_t end = num_rows - 1 + part.row(num_rows - 1).last;
  // Rows low to high lie on diagonal s: both grow by one at most from one to the next, because a
  // window's ends ascend.
  int64_t low = 0, high = -1;
  int64_t low_until = part.row(0).last, high_from = part.row(0).first;
  double last = kInfinity;
  for (int64_t s = 0; s <= end; ++s) {
    if (low_until < s) {
      ++low;
      low_until = low + part.row(low).last;
    }
    if (high + 1 < num_rows && high_from <= s) {
      ++high;
      if (high + 1 < num_rows) high_from = high + 1 + part.row(high + 1).first;
    }
    diagonals.step(s, low, high);
    const int64_t first = num_columns - 1 - s + low, count = high - low + 1;
    const double* values = diagonals.values(s) + first;
    if (high == num_rows - 1) {
      last = values[count - 1];
      if (options.last_row) options.last_row[s - high] = last;
      if (options.start) *options.start = diagonals.starts(s)[first + count - 1];
    }
    if (s % kCheckEvery == kCheckEvery - 1 && options.stop_above < kInfinity &&
        diagonals.least(s, first, first + count - 1) > options.stop_above)
      return kInfinity;
  }
  return last > options.stop_above ? kInfinity : last;
}

}  // namespace braid::align
