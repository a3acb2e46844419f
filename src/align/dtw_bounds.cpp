#include "align/dtw_bounds.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/clones.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr int64_t kLanes = 8;    // sums side by side, the same in every instruction set
constexpr int64_t kBlock = 512;  // numbers between two looks whether to stop

inline double outside(double x, double lower, double upper) {
  const double above = x - upper, below = lower - x, most = above > below ? above : below;
  return most > 0 ? most : 0;
}

BRAID_CLONES void add_squared(const double* __restrict x, const double* __restrict lower,
                              const double* __restrict upper, int64_t count,
                              double* __restrict sums) {
  for (int64_t k = 0; k < count; k += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const double apart = outside(x[k + lane], lower[k + lane], upper[k + lane]);
      sums[lane] += apart * apart;
    }
}

BRAID_CLONES void add_absolute(const double* __restrict x, const double* __restrict lower,
                               const double* __restrict upper, int64_t count,
                               double* __restrict sums) {
  for (int64_t k = 0; k < count; k += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += outside(x[k + lane], lower[k + lane], upper[k + lane]);
}

// What `x` costs outside of the envelope; everything is known to be sound.
double outside_of(const double* x, const Envelope& envelope, Cost cost, double stop_above) {
  const auto add = cost == Cost::squared ? add_squared : add_absolute;
  const auto size = static_cast<int64_t>(envelope.lower.size());
  const double *lower = envelope.lower.data(), *upper = envelope.upper.data();
  double sums[kLanes] = {}, sum = 0;
  for (int64_t begin = 0; begin < size && sum <= stop_above; begin += kBlock) {
    const int64_t count = std::min(kBlock, size - begin), whole = count / kLanes * kLanes;
    add(x + begin, lower + begin, upper + begin, whole, sums);
    for (int64_t k = begin + whole; k < begin + count; ++k) {
      const double apart = outside(x[k], lower[k], upper[k]);
      sums[0] += cost == Cost::squared ? apart * apart : apart;
    }
    sum = std::accumulate(sums, sums + kLanes, 0.0);
  }
  return sum;
}

BRAID_CLONES void keep_least(const double* x, const double* y, int64_t count,
                             double* __restrict out) {
  for (int64_t k = 0; k < count; ++k) out[k] = x[k] < y[k] ? x[k] : y[k];
}

BRAID_CLONES void keep_greatest(const double* x, const double* y, int64_t count,
                                double* __restrict out) {
  for (int64_t k = 0; k < count; ++k) out[k] = x[k] > y[k] ? x[k] : y[k];
}

// The least (`keep`) within `radius` rows: of 2, of 4, ... rows in a whole pass each, and of
// 2 radius + 1 by two that overlap. All passes take a few vector operations a number, where a queue
// that looks at each number twice is held up by its unforeseeable branches.
template <class Keep>
std::vector<double> slide(const double* values, int64_t length, int64_t width, int64_t radius,
                          double beyond, Keep keep) {
  const int64_t rim = radius * width, size = length * width;
  std::vector<double> now(static_cast<size_t>(size + 2 * rim), beyond), next(now.size());
  std::copy_n(values, size, now.data() + rim);
  int64_t span = 1, filled = size + 2 * rim;
  for (; 2 * span <= 2 * radius + 1; span *= 2) {
    filled -= span * width;
    keep(now.data(), now.data() + span * width, filled, next.data());
    now.swap(next);
  }
  keep(now.data(), now.data() + (2 * radius + 1 - span) * width, size, next.data());
  next.resize(static_cast<size_t>(size));
  return next;
}

Envelope enclose(const double* values, int64_t length, int64_t width, int64_t radius) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Envelope envelope;
  envelope.length = length;
  envelope.width = width;
  radius = std::min(radius, length - 1);
  envelope.lower = slide(values, length, width, radius, kInfinity, keep_least);
  envelope.upper = slide(values, length, width, radius, -kInfinity, keep_greatest);
  return envelope;
}

// What y costs outside of the envelope of x, moved into y's envelope.
double second_part(const double* x, const double* y, const Envelope& of_y, int64_t radius,
                   Cost cost, double stop_above) {
  std::vector<double> moved(of_y.lower.size());
  for (size_t k = 0; k < moved.size(); ++k)
    moved[k] = std::min(std::max(x[k], of_y.lower[k]), of_y.upper[k]);
  return outside_of(y, enclose(moved.data(), of_y.length, of_y.width, radius), cost, stop_above);
}

void check_radius(int64_t radius) {
  BRAID_CHECK(radius >= 0, usage, "dtw: radius: expected 0 or more, got {}", radius);
}

void check_shape(const Sequence& x, int64_t length, int64_t width, const std::string& where) {
  BRAID_CHECK(x.length == length && x.width == width, shape,
              "{}: expected [{}, {}], got [{}, {}]; bounds compare equal lengths alone", where,
              length, width, x.length, x.width);
}

}  // namespace

Envelope envelope(const Sequence& sequence, int64_t radius) {
  check_radius(radius);
  check(sequence, "dtw: envelope");
  return enclose(sequence.values, sequence.length, sequence.width, radius);
}

double lb_keogh(const Sequence& x, const Envelope& of_y, Cost cost, double stop_above) {
  check(x, "dtw: lower bound");
  check_shape(x, of_y.length, of_y.width, "dtw: lower bound");
  return outside_of(x.values, of_y, cost, stop_above);
}

double lb_improved(const Sequence& x, const Sequence& y, const Envelope& of_y, int64_t radius,
                   Cost cost) {
  check_radius(radius);
  check(x, y);
  check_shape(x, of_y.length, of_y.width, "dtw: lower bound");
  check_shape(y, of_y.length, of_y.width, "dtw: lower bound");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return outside_of(x.values, of_y, cost, kInfinity) +
         second_part(x.values, y.values, of_y, radius, cost, kInfinity);
}

Nearest nearest_sequence(const Sequence& query, const std::vector<Sequence>& candidates,
                         int64_t radius, Cost cost) {
  const Envelope of_query = envelope(query, radius);
  BRAID_CHECK(!candidates.empty(), usage, "dtw: search: expected at least one candidate, got none");
  std::vector<double> bounds(candidates.size());
  std::vector<size_t> order(candidates.size());
  for (size_t c = 0; c < candidates.size(); ++c) {
    const std::string where = fmt::format("dtw: search: candidate {}", c);
    check(candidates[c], where.c_str());
    check_shape(candidates[c], query.length, query.width, where);
    bounds[c] =
        outside_of(candidates[c].values, of_query, cost, std::numeric_limits<double>::infinity());
    order[c] = c;
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return bounds[a] < bounds[b] || (bounds[a] == bounds[b] && a < b);
  });
  // A bound may be above the distance by the rounding of both sums, all of whose terms are
  // positive.
  const double sure = 1 - 8 * static_cast<double>(query.length * query.width + 8) *
                              std::numeric_limits<double>::epsilon();
  WarpOptions options;
  options.cost = cost;
  options.band = Band::sakoe_chiba(radius);
  Nearest best;
  best.distance = std::numeric_limits<double>::infinity();
  for (const size_t c : order) {
    if (bounds[c] * sure > best.distance) {
      ++best.num_by_keogh;
      continue;
    }
    const double* x = candidates[c].values;
    if (best.index >= 0 && (bounds[c] + second_part(x, query.values, of_query, radius, cost,
                                                    best.distance / sure - bounds[c])) *
                                   sure >
                               best.distance) {
      ++best.num_by_improved;
      continue;
    }
    const double distance = best.index < 0
                                ? warp_distance(candidates[c], query, options)
                                : warp_distance(candidates[c], query, options, best.distance);
    const bool is_whole = distance <= best.distance;
    ++(is_whole ? best.num_warped : best.num_stopped);
    const auto index = static_cast<int64_t>(c);
    if (best.index < 0 || distance < best.distance || (is_whole && index < best.index)) {
      best.distance = distance;
      best.index = index;
    }
  }
  return best;
}

}  // namespace braid::align
