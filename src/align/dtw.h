// Dynamic time warping: the cheapest way to walk through two sequences side by side, and what it
// costs. Exact, in a band, inside a longer series, and FastDTW.
#pragma once
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace braid::align {

/// T vectors of D numbers, row-major (T, D), which belong to the caller.
struct Sequence {
  Sequence() = default;
  Sequence(const double* numbers, int64_t length_of, int64_t width_of = 1)
      : values(numbers), length(length_of), width(width_of) {}
  /// Errors   shape: not a whole number of rows.
  Sequence(const std::vector<double>& numbers, int64_t width_of = 1);  // NOLINT: a view

  const double* values = nullptr;
  int64_t length = 0;  // T
  int64_t width = 1;   // D
};

/// What two vectors x and y cost: the sum over the dimensions of (x - y)^2, or of |x - y|.
enum class Cost : uint8_t { squared, absolute };

/// Which cells (i, j) a path may visit. i runs over a (length N), j over b (M), both from 0.
/// Swapping a and b, or turning both around, mirrors the band.
struct Band {
  enum class Kind : uint8_t { none, sakoe_chiba, itakura };
  Kind kind = Kind::none;
  int64_t radius = 0;
  double slope = 2;

  /// |p - q (S - 1) / (L - 1)| <= radius + 1/2, where q runs over the longer sequence (length L)
  /// and p over the shorter (S): |i - j| <= radius for equal lengths. Holds a path for every
  /// radius.
  static Band sakoe_chiba(int64_t radius) { return {Kind::sakoe_chiba, radius, 2}; }
  /// i <= slope j and j <= slope i, the same counted from the end, and Sakoe-Chiba's band of radius
  /// 0. Holds a path where the longer length is within the slope: L - 1 <= slope (S - 1).
  static Band itakura(double slope = 2) { return {Kind::itakura, 0, slope}; }
};

/// The cells of row i that a path may visit: columns first to last, both included.
struct ColumnRange {
  int64_t first = 0, last = 0;
};

/// A band row by row, from its formula or as a list. Both ends ascend from row to row.
class Window {
 public:
  /// Errors   usage: a negative radius; a slope below 1; lengths that Itakura's slope cannot join.
  Window(const Band& band, int64_t num_rows, int64_t num_columns);
  /// Errors   usage: ends that do not ascend, lie outside or leave no path from corner to corner.
  Window(std::vector<ColumnRange> rows, int64_t num_columns);

  int64_t num_rows() const { return num_rows_; }
  int64_t num_columns() const { return num_columns_; }
  ColumnRange row(int64_t i) const;
  int64_t num_cells() const;

 private:
  ColumnRange sakoe_chiba(int64_t i, int64_t radius) const;
  ColumnRange itakura(int64_t i) const;

  Band band_;
  int64_t num_rows_, num_columns_;
  std::vector<ColumnRange> rows_;  // empty: by the formula
};

struct WarpOptions {
  Cost cost = Cost::squared;
  Band band;
};

/// The least sum of the costs along a path from (0, 0) to (N - 1, M - 1) of steps (1, 1), (1, 0)
/// and (0, 1), each cell counted once. It is the sum: where the costs are squared, a root of it is
/// what some call the distance.
///
/// Shapes   a (N, D), b (M, D).
/// Errors   data: an empty sequence; NaN or infinity, naming its place. shape: widths differ.
///          usage: as Window(). numeric: costs beyond the range of a double.
/// Cost     D operations a cell of the band. Memory: 3 min(N, M) numbers, and where D > 1 a copy of
///          both sequences.
/// Source   Sakoe and Chiba 1978, IEEE Trans. ASSP 26; Itakura 1975, IEEE Trans. ASSP 23.
double warp_distance(const Sequence& a, const Sequence& b, const WarpOptions& options = {});

/// The same, or infinity where it is above `stop_above`: soon, where the difference is large.
double warp_distance(const Sequence& a, const Sequence& b, const WarpOptions& options,
                     double stop_above);

/// (i, j) pairs.
using Path = std::vector<std::pair<int64_t, int64_t>>;

struct Warping {
  double distance = 0;  // the sum of the costs along the path, in its order
  Path path;            // from (0, 0) to (N - 1, M - 1)
};

/// What walking back may keep: beyond it the sequences are halved (Hirschberg) and swept again.
constexpr int64_t kTraceLimitBytes = 16 << 20;

/// A cheapest path; of equal ones, (1, 1) before (1, 0) before (0, 1) seen from the end, in each
/// part that is walked back at once. Halving sums in another order, so that the distance may
/// differ from warp_distance() in its last digits.
///
/// Errors   as warp_distance(); usage: a limit below 1.
/// Cost     one sweep where a byte a cell is within the limit; above, two without a band, and in
///          one as many as halvings until they are, and one. Memory: the limit and O((N + M) D).
/// Source   as warp_distance(); Hirschberg 1975, Comm. ACM 18.
Warping warp_path(const Sequence& a, const Sequence& b, const WarpOptions& options = {},
                  int64_t trace_limit_bytes = kTraceLimitBytes);
/// The same in any window; rows are a's. Errors   usage: a window of other lengths.
Warping warp_path(const Sequence& a, const Sequence& b, const Window& window, Cost cost,
                  int64_t trace_limit_bytes = kTraceLimitBytes);

struct Match {
  double distance = 0;
  int64_t first = 0, last = 0;  // rows of the series
  Path path;                    // (row of the query, row of the series), from (0, first)
};

/// The part of the series that the whole query warps to most cheaply; of equal ones one that ends
/// first.
///
/// Errors   as warp_distance().
/// Cost     one sweep of N M cells; one of the 2 N rows before the match's end, or as many as it
///          takes, that is some times slower; warp_path(). Memory: O((N + M) D) and the trace.
/// Source   Mueller 2007, Information Retrieval for Music and Motion, ch. 4.4.
Match warp_subsequence(const Sequence& query, const Sequence& series, Cost cost = Cost::squared);

/// A path near the cheapest: both sequences are halved by averaging neighbours, warped the same way
/// (exactly once one has `radius` + 2 rows or fewer), and the path found, at double resolution and
/// `radius` cells wider on all sides, is the window of the exact warping. The distance is never
/// below warp_distance().
///
/// Errors   as warp_distance(); usage: a negative radius.
/// Cost     O((N + M) radius D) operations; the trace's memory and O((N + M) D).
/// Source   Salvador and Chan 2007, Intelligent Data Analysis 11.
Warping fast_warp(const Sequence& a, const Sequence& b, int64_t radius = 1,
                  Cost cost = Cost::squared);

/// Errors   data: empty, NaN or infinite, opened by `where`. shape: a width below 1.
void check(const Sequence& sequence, const char* where);
/// Both, and that their widths agree.
void check(const Sequence& a, const Sequence& b);

}  // namespace braid::align
