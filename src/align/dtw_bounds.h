// What a warping costs at least, found without warping, and a search that therefore warps rarely.
#pragma once
#include <cstdint>
#include <limits>
#include <vector>

#include "align/dtw.h"

namespace braid::align {

/// The least and the greatest of each dimension within `radius` rows of each row.
struct Envelope {
  int64_t length = 0, width = 1;
  std::vector<double> lower, upper;  // (N, D) row-major
};

/// Errors   as check(); usage: a negative radius.
/// Cost     log2(2 radius + 1) passes over N D numbers, in vectors.
Envelope envelope(const Sequence& sequence, int64_t radius);

/// What x costs outside of y's envelope: sum over rows and dimensions of (x - upper)^2 above it and
/// (lower - x)^2 below it, or of the distances. Never above the warp_distance() of x and y in
/// Sakoe-Chiba's band of the envelope's radius (but for the rounding of the sums). A sum known to
/// be above `stop_above` may be returned before it is complete.
///
/// Shapes   x (N, D), y (N, D).
/// Errors   as check(); shape: other lengths or widths.
/// Source   Keogh and Ratanamahatana 2005, Knowledge and Information Systems 7.
double lb_keogh(const Sequence& x, const Envelope& of_y, Cost cost = Cost::squared,
                double stop_above = std::numeric_limits<double>::infinity());

/// lb_keogh() and what y costs outside of the envelope of x, once x is moved to the nearest place
/// in y's envelope. Never below lb_keogh(), nor above the warp_distance().
///
/// Shapes, Errors   as lb_keogh(); usage: a negative radius.
/// Cost     two lb_keogh() and an envelope.
/// Source   Lemire 2009, Pattern Recognition 42.
double lb_improved(const Sequence& x, const Sequence& y, const Envelope& of_y, int64_t radius,
                   Cost cost = Cost::squared);

struct Nearest {
  int64_t index = -1;  // of equal ones the first
  double distance = 0;
  // How the candidates went; together all of them.
  int64_t num_by_keogh = 0;     // lb_keogh() was above the best
  int64_t num_by_improved = 0;  // lb_improved() was
  int64_t num_stopped = 0;      // warped until it was above the best
  int64_t num_warped = 0;       // warped to the end
};

/// The candidate of least warp_distance() to the query in Sakoe-Chiba's band: the same as by
/// warping all. They are taken in the order of lb_keogh().
///
/// Errors   usage: no candidates, a negative radius. data, shape: as check(), and lengths or widths
///          other than the query's, naming the candidate.
/// Source   Lemire 2009, Pattern Recognition 42.
Nearest nearest_sequence(const Sequence& query, const std::vector<Sequence>& candidates,
                         int64_t radius, Cost cost = Cost::squared);

}  // namespace braid::align
