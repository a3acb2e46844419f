// Distances, paths and matches by sweeps over the table of least costs.
#include "align/dtw.h"

#include <algorithm>
#include <cmath>

#include "align/dtw_sweep.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double checked(double distance) {
  BRAID_CHECK(std::isfinite(distance), numeric,
              "dtw: expected costs that a double can hold, got {}; scale the sequences", distance);
  return distance;
}

// Both sequences forwards and turned around; the turned pair is made when it is first asked for.
class Pair {
 public:
  Pair(const Sequence& rows, const Sequence& columns) : rows_(rows), columns_(columns) {
    if (rows.width > 1) forwards_.rows = laid_out(rows, /*is_turned=*/false);
    forwards_.columns = laid_out(columns, /*is_turned=*/true);
  }

  Lanes lanes(const Part& part) {
    const int64_t num_rows = rows_.length, num_columns = columns_.length;
    if (!part.is_turned) {
      const double* rows = forwards_.rows.empty() ? rows_.values : forwards_.rows.data();
      return {rows + part.first_row,
              forwards_.columns.data() + (num_columns - 1 - part.last_column), num_rows,
              num_columns, rows_.width};
    }
    if (turned_.rows.empty()) {
      turned_.rows = laid_out(rows_, /*is_turned=*/true);
      if (rows_.width > 1) turned_.columns = laid_out(columns_, /*is_turned=*/false);
    }
    const double* columns = turned_.columns.empty() ? columns_.values : turned_.columns.data();
    return {turned_.rows.data() + (num_rows - 1 - part.last_row), columns + part.first_column,
            num_rows, num_columns, rows_.width};
  }

 private:
  struct Both {
    std::vector<double> rows, columns;
  };
  Sequence rows_, columns_;
  Both forwards_, turned_;
};

Part whole(const Window& window) {
  return {&window, 0, window.num_rows() - 1, 0, window.num_columns() - 1, /*is_turned=*/false};
}

// Finds a path through a window, by one sweep whose every cell is kept or by halves.
class Walker {
 public:
  Walker(const Sequence& a, const Sequence& b, const Window& window, Cost cost, int64_t limit_bytes)
      : pair_(a, b), window_(window), cost_(cost), limit_bytes_(limit_bytes) {}

  Path walk() {
    walk(whole(window_));
    return std::move(path_);
  }

 private:
  void walk(const Part& part) {
    if (part.first_row == part.last_row) {
      for (int64_t j = part.first_column; j <= part.last_column; ++j)
        path_.emplace_back(part.first_row, j);
    } else if (part.num_cells() <= limit_bytes_) {
      walk_back(part);
    } else {
      const int64_t middle = part.first_row + (part.last_row - part.first_row) / 2;
      const ColumnRange split = cross(part, middle);
      walk({&window_, part.first_row, middle, part.first_column, split.first, false});
      walk({&window_, middle + 1, part.last_row, split.last, part.last_column, false});
    }
  }

  // The columns of the cheapest step from row `middle` to the next.
  ColumnRange cross(const Part& part, int64_t middle) {
    const auto size = static_cast<size_t>(part.num_columns());
    std::vector<double> above(size), below(size + 1);
    SweepOptions options;
    options.cost = cost_;
    Part half = part;
    half.last_row = middle;
    options.last_row = above.data();
    sweep(pair_.lanes(half), half, options);
    half = part;
    half.first_row = middle + 1;
    half.is_turned = true;
    options.last_row = below.data();
    sweep(pair_.lanes(half), half, options);
    std::reverse(below.begin(), below.end() - 1);
    below[size] = kInfinity;
    double least = kInfinity;
    ColumnRange best;
    for (size_t j = 0; j < size; ++j)
      for (const size_t next : {j + 1, j})
        if (above[j] + below[next] < least) {
          least = above[j] + below[next];
          best = {part.first_column + static_cast<int64_t>(j),
                  part.first_column + static_cast<int64_t>(next)};
        }
    checked(least);
    return best;
  }

  void walk_back(const Part& part) {
    Trace trace(part);
    SweepOptions options;
    options.cost = cost_;
    options.trace = &trace;
    checked(sweep(pair_.lanes(part), part, options));
    int64_t i = part.num_rows() - 1, j = part.num_columns() - 1;
    const size_t begin = path_.size();
    path_.emplace_back(part.last_row, part.last_column);
    while (i > 0 || j > 0) {
      const Trace::Step step = trace.at(i, j);
      if (step != Trace::left) --i;
      if (step != Trace::up) --j;
      path_.emplace_back(part.first_row + i, part.first_column + j);
    }
    std::reverse(path_.begin() + static_cast<int64_t>(begin), path_.end());
  }

  Pair pair_;
  const Window& window_;
  const Cost cost_;
  const int64_t limit_bytes_;
  Path path_;
};

}  // namespace

double warp_distance(const Sequence& a, const Sequence& b, const WarpOptions& options) {
  return checked(warp_distance(a, b, options, kInfinity));
}

double warp_distance(const Sequence& a, const Sequence& b, const WarpOptions& options,
                     double stop_above) {
  check(a, b);
  BRAID_CHECK(!std::isnan(stop_above), usage, "dtw: stop_above: expected a number, got nan");
  // A sweep's memory is its columns.
  const Sequence &rows = a.length >= b.length ? a : b, &columns = a.length >= b.length ? b : a;
  const Window window(options.band, rows.length, columns.length);
  Pair pair(rows, columns);
  const Part part = whole(window);
  SweepOptions sweeping;
  sweeping.cost = options.cost;
  sweeping.stop_above = stop_above;
  return sweep(pair.lanes(part), part, sweeping);
}

Warping warp_path(const Sequence& a, const Sequence& b, const WarpOptions& options,
                  int64_t trace_limit_bytes) {
  check(a, b);
  return warp_path(a, b, Window(options.band, a.length, b.length), options.cost, trace_limit_bytes);
}

Warping warp_path(const Sequence& a, const Sequence& b, const Window& window, Cost cost,
                  int64_t trace_limit_bytes) {
  check(a, b);
  BRAID_CHECK(window.num_rows() == a.length && window.num_columns() == b.length, usage,
              "dtw: window: expected lengths {} and {}, got {} and {}", a.length, b.length,
              window.num_rows(), window.num_columns());
  BRAID_CHECK(trace_limit_bytes >= 1, usage, "dtw: trace limit: expected 1 byte or more, got {}",
              trace_limit_bytes);
  Warping warping;
  warping.path = Walker(a, b, window, cost, trace_limit_bytes).walk();
  for (const auto& [i, j] : warping.path)
    warping.distance += cost_of(a.values + i * a.width, b.values + j * b.width, a.width, cost);
  checked(warping.distance);
  return warping;
}

Match warp_subsequence(const Sequence& query, const Sequence& series, Cost cost) {
  check(query, series);
  const Window window(Band(), query.length, series.length);
  Pair pair(query, series);
  Part part = whole(window);
  std::vector<double> distances(static_cast<size_t>(series.length));
  SweepOptions options;
  options.cost = cost;
  options.is_free_start = true;
  options.last_row = distances.data();
  sweep(pair.lanes(part), part, options);
  const auto least = std::min_element(distances.begin(), distances.end());
  Match match;
  match.distance = checked(*least);
  match.last = least - distances.begin();
  // Carrying where each path began makes a sweep some times slower, so only the rows before the end
  // are swept that way: they suffice once their least sum is the same number.
  part.last_column = match.last;
  options.last_row = nullptr;
  options.start = &match.first;
  for (int64_t size = 2 * query.length;; size *= 2) {
    part.first_column = std::max<int64_t>(0, match.last + 1 - size);
    if (sweep(pair.lanes(part), part, options) <= match.distance || part.first_column == 0) break;
  }
  match.first += part.first_column;
  const Sequence found(series.values + match.first * series.width, match.last - match.first + 1,
                       series.width);
  WarpOptions warping;
  warping.cost = cost;
  match.path = warp_path(query, found, warping).path;
  for (auto& [i, j] : match.path) j += match.first;
  return match;
}

}  // namespace braid::align
