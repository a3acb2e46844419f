#include "align/soft_dtw.h"

#include <algorithm>
#include <cmath>

#include "align/dtw_sweep.h"
#include "align/soft_step.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void check(const Sequence& a, const Sequence& b, const SoftOptions& options) {
  align::check(a, b);
  BRAID_CHECK(options.gamma > 0 && std::isfinite(options.gamma), usage,
              "soft dtw: gamma: expected a number above 0, got {}{}", options.gamma,
              options.gamma == 0 ? "; take warp_distance()" : "");
}

double checked(double value) {
  BRAID_CHECK(std::isfinite(value), numeric,
              "soft dtw: expected costs that a double can hold, got {}; scale the sequences",
              value);
  return value;
}

// The whole table's anti-diagonals, laid out as in dtw_sweep.h: cell k is column M - 1 - k.
class Diagonals {
 public:
  Diagonals(const Sequence& rows, const Sequence& columns)
      : num_rows_(rows.length),
        num_columns_(columns.length),
        rows_(laid_out(rows, /*is_turned=*/false)),
        columns_(laid_out(columns, /*is_turned=*/true)),
        lanes_({rows_.data(), columns_.data(), rows.length, columns.length, rows.width}) {}

  int64_t size() const { return num_rows_ + num_columns_ - 1; }
  int64_t first_row(int64_t diagonal) const {
    return std::max<int64_t>(0, diagonal - num_columns_ + 1);
  }
  int64_t first(int64_t diagonal) const {
    return num_columns_ - 1 - diagonal + first_row(diagonal);
  }
  int64_t count(int64_t diagonal) const {
    return std::min(num_rows_ - 1, diagonal) - first_row(diagonal) + 1;
  }
  const Lanes& lanes() const { return lanes_; }

 private:
  const int64_t num_rows_, num_columns_;
  const std::vector<double> rows_, columns_;
  const Lanes lanes_;
};

// Numbers on diagonals -2 to the last, each with a rim of one cell on both sides: all of them, or
// the newest three.
class Table {
 public:
  Table(const Diagonals& diagonals, bool is_whole, double rim) {
    const int64_t stride = diagonals.first(0) + 3;
    int64_t end = 0;
    for (int64_t s = -2; s < diagonals.size(); ++s) {
      // Diagonals -1 and -2 have no cells; their rims are what the first cells come from.
      const int64_t first = diagonals.first(std::max<int64_t>(s, 0)) - std::min<int64_t>(s, 0);
      offsets_.push_back(is_whole ? end + 1 - first : (s + 2) % 3 * stride + 1);
      end += 2 + (s < 0 ? 0 : diagonals.count(s));
    }
    values_.resize(static_cast<size_t>(is_whole ? end : 3 * stride), rim);
  }
  double* at(int64_t diagonal, int64_t k) {
    return values_.data() + (offsets_[static_cast<size_t>(diagonal + 2)] + k);
  }

 private:
  std::vector<int64_t> offsets_;
  std::vector<double> values_;
};

// Fills the table from the first diagonal to the last and returns its last cell.
double fill(const Diagonals& diagonals, const SoftOptions& options, Table* table) {
  const int64_t num_columns = diagonals.first(0) + 1;
  std::vector<double> costs(static_cast<size_t>(num_columns));
  *table->at(-2, num_columns) = 0;
  for (int64_t s = 0; s < diagonals.size(); ++s) {
    const int64_t first = diagonals.first(s), count = diagonals.count(s);
    fill_costs(diagonals.lanes(), options.cost, diagonals.first_row(s), first, count, costs.data());
    double* out = table->at(s, first);
    soft_step(costs.data(), table->at(s - 1, first), table->at(s - 2, first), options.gamma, count,
              out);
    out[-1] = out[count] = kInfinity;
  }
  return checked(*table->at(diagonals.size() - 1, 0));
}

// A gradient from the lanes of a sequence to its rows.
std::vector<double> as_rows(const std::vector<double>& lanes, bool is_turned,
                            const Sequence& sequence) {
  const int64_t length = sequence.length, width = sequence.width;
  std::vector<double> rows(lanes.size());
  for (int64_t d = 0; d < width; ++d)
    for (int64_t t = 0; t < length; ++t)
      rows[static_cast<size_t>(t * width + d)] =
          lanes[static_cast<size_t>(d * length + (is_turned ? length - 1 - t : t))];
  return rows;
}

}  // namespace

double soft_dtw(const Sequence& a, const Sequence& b, const SoftOptions& options) {
  check(a, b, options);
  const Sequence &rows = a.length >= b.length ? a : b, &columns = a.length >= b.length ? b : a;
  const Diagonals diagonals(rows, columns);
  Table table(diagonals, /*is_whole=*/false, kInfinity);
  return fill(diagonals, options, &table);
}

SoftWarp soft_dtw_gradient(const Sequence& a, const Sequence& b, const SoftOptions& options) {
  check(a, b, options);
  const int64_t num_columns = b.length;
  BRAID_CHECK(a.length <= options.limit_bytes / 8 / b.length, usage,
              "soft dtw: expected a table within {} bytes, got {} x {} numbers; shorten the "
              "sequences or raise limit_bytes",
              options.limit_bytes, a.length, b.length);
  const Diagonals diagonals(a, b);
  Table table(diagonals, /*is_whole=*/true, kInfinity);
  SoftWarp soft;
  soft.value = fill(diagonals, options, &table);
  std::vector<double> of_a(static_cast<size_t>(a.length * a.width));
  std::vector<double> of_b(static_cast<size_t>(b.length * b.width));
  // E, the derivative of the value by each cell: it goes to the three cells that the cell came
  // from, by their shares in its softmin, which add up to 1.
  Table e(diagonals, /*is_whole=*/false, 0);
  std::vector<double> shares(static_cast<size_t>(3 * num_columns));
  *e.at(diagonals.size() - 1, 0) = 1;
  for (int64_t s = diagonals.size() - 1; s >= 0; --s) {
    const int64_t first = diagonals.first(s), count = diagonals.count(s);
    double* here = e.at(s, first);
    add_slopes(diagonals.lanes(), options.cost, here, diagonals.first_row(s), first, count,
               of_a.data(), of_b.data());
    soft_shares(table.at(s - 1, first), table.at(s - 2, first), options.gamma, here, count,
                shares.data(), num_columns);
    add_shares(shares.data(), num_columns, count, e.at(s - 1, first), e.at(s - 2, first));
    std::fill_n(here - 1, count + 2, 0.0);
  }
  soft.gradient_a = as_rows(of_a, /*is_turned=*/false, a);
  soft.gradient_b = as_rows(of_b, /*is_turned=*/true, b);
  return soft;
}

SoftWarp soft_dtw_divergence(const Sequence& a, const Sequence& b, const SoftOptions& options) {
  SoftWarp soft = soft_dtw_gradient(a, b, options);
  const auto take = [&](const Sequence& own, std::vector<double>* gradient) {
    const SoftWarp itself = soft_dtw_gradient(own, own, options);
    soft.value -= itself.value / 2;
    for (size_t k = 0; k < gradient->size(); ++k)
      (*gradient)[k] -= (itself.gradient_a[k] + itself.gradient_b[k]) / 2;
  };
  take(a, &soft.gradient_a);
  take(b, &soft.gradient_b);
  return soft;
}

}  // namespace braid::align
