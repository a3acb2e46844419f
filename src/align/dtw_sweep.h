// The inner loop of every warping: the table of least costs, one anti-diagonal after the other, so
// that a diagonal's cells do not wait for each other.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "align/dtw.h"

namespace braid::align {

/// The numbers that a sweep reads: dimension by dimension, the columns from the last to the first,
/// so that along a diagonal both ascend.
struct Lanes {
  const double* rows = nullptr;     // (D, row_stride)
  const double* columns = nullptr;  // (D, column_stride); column j of M at M - 1 - j
  int64_t row_stride = 0, column_stride = 0, dims = 1;
};

/// A rectangle of a window, seen from its first corner or, turned, from its last.
struct Part {
  const Window* window = nullptr;
  int64_t first_row = 0, last_row = 0, first_column = 0, last_column = 0;
  bool is_turned = false;

  int64_t num_rows() const { return last_row - first_row + 1; }
  int64_t num_columns() const { return last_column - first_column + 1; }
  ColumnRange row(int64_t i) const;
  int64_t num_cells() const;
};

/// Where each cell's cheapest path came from, a byte a cell.
class Trace {
 public:
  enum Step : uint8_t { both, up, left };

  explicit Trace(const Part& part);
  Step at(int64_t i, int64_t j) const {
    const Diagonal& diagonal = diagonals_[static_cast<size_t>(i + j)];
    return static_cast<Step>(steps_[static_cast<size_t>(diagonal.offset - j)]);
  }
  /// Room for the next diagonal, whose last column is `last_column`.
  uint8_t* add(int64_t last_column, int64_t count);

 private:
  struct Diagonal {
    int64_t offset;  // of column 0, were it there
  };
  std::vector<Diagonal> diagonals_;
  std::vector<uint8_t> steps_;
  int64_t size_ = 0;
};

struct SweepOptions {
  Cost cost = Cost::squared;
  bool is_free_start = false;  // a path may begin at any cell of row 0
  double stop_above = std::numeric_limits<double>::infinity();
  double* last_row = nullptr;  // (M) filled; infinity outside of the window
  int64_t* start = nullptr;    // of a free start: the column where the cheapest path began
  Trace* trace = nullptr;      // filled
};

/// The least cost from the part's first to its last cell; infinity once it is known to be above
/// options.stop_above. `lanes` begins at the part's rows and columns.
double sweep(const Lanes& lanes, const Part& part, const SweepOptions& options);

/// A sequence as Lanes want it: (D, T), forwards or from its end.
std::vector<double> laid_out(const Sequence& sequence, bool is_turned);

/// The costs of `count` cells along a diagonal, the first in this row and place of the columns.
void fill_costs(const Lanes& lanes, Cost cost, int64_t row, int64_t column, int64_t count,
                double* costs);

double cost_of(const double* x, const double* y, int64_t width, Cost cost);

}  // namespace braid::align
