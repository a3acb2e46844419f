#include "align/soft_step.h"

#include <cstring>

#include "core/clones.h"

namespace braid::align {
namespace {

constexpr double kLn2High =
    6.93147180369123816490e-01;  // 21 bits fewer, so that n times it is exact
constexpr double kLn2Low = 1.90821492927058770002e-10;
constexpr double kLog2E = 1.44269504088896340736;
constexpr double kLeastPower = -700;  // below it exp is 0; products with it would be subnormal
constexpr double kLeastWeight = 1e-280;

// exp(x) of x <= 0, within 2e-16: 2^n times the series of the rest, which is within ln 2 / 2.
inline double exp_of(double x) {
  constexpr double kRounder = 6755399441055744.0;  // 1.5 * 2^52: its last bits become n
  const double power = x > kLeastPower ? x : kLeastPower;
  const double shifted = power * kLog2E + kRounder, n = shifted - kRounder;
  const double r = (power - n * kLn2High) - n * kLn2Low;
  double sum = 1.0 / 6227020800;
  sum = sum * r + 1.0 / 479001600;
  sum = sum * r + 1.0 / 39916800;
  sum = sum * r + 1.0 / 3628800;
  sum = sum * r + 1.0 / 362880;
  sum = sum * r + 1.0 / 40320;
  sum = sum * r + 1.0 / 5040;
  sum = sum * r + 1.0 / 720;
  sum = sum * r + 1.0 / 120;
  sum = sum * r + 1.0 / 24;
  sum = sum * r + 1.0 / 6;
  sum = sum * r + 0.5;
  sum = sum * r + 1;
  sum = sum * r + 1;
  uint64_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << 52) + 0x3FF0000000000000u;
  double scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return x > kLeastPower ? sum * scale : 0;
}

// log(x) of 1 <= x <= 3: a power of two and 2 artanh((m - 1) / (m + 1)), m within a root of 2 of 1.
inline double log_of(double x) {
  const double twos = x > 2.8284271247461903 ? 2 : x > 1.4142135623730951 ? 1 : 0;
  const double part = x > 2.8284271247461903 ? 0.25 : x > 1.4142135623730951 ? 0.5 : 1;
  const double m = x * part, f = (m - 1) / (m + 1), f2 = f * f;
  double sum = 1.0 / 21;
  sum = sum * f2 + 1.0 / 19;
  sum = sum * f2 + 1.0 / 17;
  sum = sum * f2 + 1.0 / 15;
  sum = sum * f2 + 1.0 / 13;
  sum = sum * f2 + 1.0 / 11;
  sum = sum * f2 + 1.0 / 9;
  sum = sum * f2 + 1.0 / 7;
  sum = sum * f2 + 1.0 / 5;
  sum = sum * f2 + 1.0 / 3;
  sum = sum * f2 + 1;
  return 2 * f * sum + twos * kLn2High + twos * kLn2Low;
}

inline double lesser(double x, double y) { return x < y ? x : y; }
inline double greater(double x, double y) { return x > y ? x : y; }

BRAID_CLONES void soften(const double* __restrict costs, const double* __restrict before,
                         const double* __restrict before_that, double gamma, int64_t count,
                         double* __restrict out) {
  const double per_gamma = 1 / gamma;
  for (int64_t k = 0; k < count; ++k) {
    const double up = before[k], left = before[k + 1], both = before_that[k + 1];
    // The least in front, so that no exponential is above 1.
    const double straight = lesser(up, left), least = lesser(straight, both);
    const double others = exp_of((least - greater(straight, both)) * per_gamma) +
                          exp_of((least - greater(up, left)) * per_gamma);
    out[k] = costs[k] + (least - gamma * log_of(1 + others));
  }
}

BRAID_CLONES void share_out(const double* __restrict before, const double* __restrict before_that,
                            double gamma, const double* __restrict e, int64_t count,
                            double* __restrict of_up, double* __restrict of_left,
                            double* __restrict of_both) {
  const double per_gamma = 1 / gamma;
  for (int64_t k = 0; k < count; ++k) {
    const double up = before[k], left = before[k + 1], both = before_that[k + 1];
    const double least = lesser(lesser(up, left), both);
    const double x = exp_of((least - up) * per_gamma), y = exp_of((least - left) * per_gamma);
    const double z = exp_of((least - both) * per_gamma);
    const double weight = (e[k] > kLeastWeight ? e[k] : 0) / (x + y + z);
    of_up[k] = weight * x;
    of_left[k] = weight * y;
    of_both[k] = weight * z;
  }
}

BRAID_CLONES void add(const double* __restrict from, int64_t count, double* __restrict to) {
  for (int64_t k = 0; k < count; ++k) to[k] += from[k];
}

BRAID_CLONES void add_slopes_squared(const double* __restrict rows,
                                     const double* __restrict columns, const double* __restrict e,
                                     int64_t count, double* __restrict of_rows,
                                     double* __restrict of_columns) {
  for (int64_t k = 0; k < count; ++k) {
    const double slope = e[k] * 2 * (rows[k] - columns[k]);
    of_rows[k] += slope;
    of_columns[k] -= slope;
  }
}

BRAID_CLONES void add_slopes_absolute(const double* __restrict rows,
                                      const double* __restrict columns, const double* __restrict e,
                                      int64_t count, double* __restrict of_rows,
                                      double* __restrict of_columns) {
  for (int64_t k = 0; k < count; ++k) {
    const double apart = rows[k] - columns[k];
    const double slope = apart > 0 ? e[k] : apart < 0 ? -e[k] : 0;
    of_rows[k] += slope;
    of_columns[k] -= slope;
  }
}

}  // namespace

void soft_step(const double* costs, const double* before, const double* before_that, double gamma,
               int64_t count, double* out) {
  soften(costs, before, before_that, gamma, count, out);
}

void soft_shares(const double* before, const double* before_that, double gamma, const double* e,
                 int64_t count, double* shares, int64_t stride) {
  share_out(before, before_that, gamma, e, count, shares, shares + stride, shares + 2 * stride);
}

void add_shares(const double* shares, int64_t stride, int64_t count, double* e_before,
                double* e_before_that) {
  add(shares, count, e_before);
  add(shares + stride, count, e_before + 1);
  add(shares + 2 * stride, count, e_before_that + 1);
}

void add_slopes(const Lanes& lanes, Cost cost, const double* e, int64_t row, int64_t column,
                int64_t count, double* of_rows, double* of_columns) {
  const auto add_all = cost == Cost::squared ? add_slopes_squared : add_slopes_absolute;
  for (int64_t d = 0; d < lanes.dims; ++d) {
    const int64_t i = d * lanes.row_stride + row, k = d * lanes.column_stride + column;
    add_all(lanes.rows + i, lanes.columns + k, e, count, of_rows + i, of_columns + k);
  }
}

}  // namespace braid::align
