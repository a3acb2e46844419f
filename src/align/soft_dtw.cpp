#include "align/soft_dtw.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace braid::align {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The least of three in front, so that no exponential is above 1; at least one is finite.
struct Softmin {
  Softmin(double x, double y, double z, double per_gamma) {
    const double least = std::min(std::min(x, y), z);
    const double middle = std::max(std::min(x, y), z), most = std::max(x, y);
    first = least;
    rest = std::exp((least - middle) * per_gamma) + std::exp((least - most) * per_gamma);
  }
  double value(double gamma) const { return first - gamma * std::log1p(rest); }
  // The derivative of the value by x, one of the three.
  double share(double x, double per_gamma) const {
    return std::exp((first - x) * per_gamma) / (1 + rest);
  }
  double first, rest;
};

double cost_of(const double* x, const double* y, int64_t width, Cost cost) {
  double sum = 0;
  for (int64_t d = 0; d < width; ++d) {
    const double apart = x[d] - y[d];
    sum += cost == Cost::squared ? apart * apart : std::fabs(apart);
  }
  return sum;
}

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

// One row of the table from the row above. Both have a rim of one number on the left.
void fill_row(const double* x, const Sequence& b, const SoftOptions& options, const double* above,
              double* row) {
  const double per_gamma = 1 / options.gamma;
  for (int64_t j = 0; j < b.length; ++j) {
    const Softmin least(above[j], above[j + 1], row[j], per_gamma);
    row[j + 1] =
        cost_of(x, b.values + j * b.width, b.width, options.cost) + least.value(options.gamma);
  }
}

// What the table begins with: 0 before the first cell, no way in elsewhere.
std::vector<double> rim(int64_t num_columns) {
  std::vector<double> row(static_cast<size_t>(num_columns + 1), kInfinity);
  row[0] = 0;
  return row;
}

// Adds e * d cost(x, y) / dx to one gradient and takes it from the other.
void add_gradient(const double* x, const double* y, int64_t width, Cost cost, double e,
                  double* of_x, double* of_y) {
  for (int64_t d = 0; d < width; ++d) {
    const double apart = x[d] - y[d];
    const double sign = apart > 0 ? 1 : apart < 0 ? -1 : 0;
    const double slope = e * (cost == Cost::squared ? 2 * apart : sign);
    of_x[d] += slope;
    of_y[d] -= slope;
  }
}

}  // namespace

double soft_dtw(const Sequence& a, const Sequence& b, const SoftOptions& options) {
  check(a, b, options);
  const Sequence &rows = a.length >= b.length ? a : b, &columns = a.length >= b.length ? b : a;
  std::vector<double> above = rim(columns.length), row = above;
  for (int64_t i = 0; i < rows.length; ++i) {
    row[0] = kInfinity;
    fill_row(rows.values + i * rows.width, columns, options, above.data(), row.data());
    row.swap(above);
  }
  return checked(above.back());
}

SoftWarp soft_dtw_gradient(const Sequence& a, const Sequence& b, const SoftOptions& options) {
  check(a, b, options);
  const int64_t stride = b.length + 1, width = a.width;
  BRAID_CHECK(a.length + 1 <= options.limit_bytes / 8 / stride, usage,
              "soft dtw: expected a table within {} bytes, got {} x {} numbers; shorten the "
              "sequences or raise limit_bytes",
              options.limit_bytes, a.length + 1, stride);
  std::vector<double> table(static_cast<size_t>((a.length + 1) * stride), kInfinity);
  table[0] = 0;
  for (int64_t i = 0; i < a.length; ++i)
    fill_row(a.values + i * width, b, options, &table[static_cast<size_t>(i * stride)],
             &table[static_cast<size_t>((i + 1) * stride)]);
  SoftWarp soft;
  soft.value = checked(table.back());
  soft.gradient_a.resize(static_cast<size_t>(a.length * width));
  soft.gradient_b.resize(static_cast<size_t>(b.length * width));
  // E, the derivative of the value by a cell: it goes to the three cells that the cell came from,
  // by their shares in its softmin, which add up to 1.
  const double per_gamma = 1 / options.gamma;
  std::vector<double> e(static_cast<size_t>(stride)), e_above(e.size());
  e.back() = 1;
  for (int64_t i = a.length - 1; i >= 0; --i) {
    const double* above = &table[static_cast<size_t>(i * stride)];
    const double* row = above + stride;
    std::fill(e_above.begin(), e_above.end(), 0.0);
    for (int64_t j = b.length - 1; j >= 0; --j) {
      const auto k = static_cast<size_t>(j);
      const double here = e[k + 1];
      if (here == 0) continue;
      add_gradient(a.values + i * width, b.values + j * width, width, options.cost, here,
                   &soft.gradient_a[static_cast<size_t>(i * width)],
                   &soft.gradient_b[k * static_cast<size_t>(width)]);
      const Softmin least(above[j], above[j + 1], row[j], per_gamma);
      e_above[k] += here * least.share(above[j], per_gamma);
      e_above[k + 1] += here * least.share(above[j + 1], per_gamma);
      e[k] += here * least.share(row[j], per_gamma);
    }
    e.swap(e_above);
  }
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
