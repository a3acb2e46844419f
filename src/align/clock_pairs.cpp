#include "align/clock_pairs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "align/clock_runs.h"
#include "core/error.h"
#include "core/rng.h"

namespace braid::align {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::infinity();
constexpr size_t kMostStart = 600;  // points of the repeated median
constexpr double kTukey = 4.685;    // deviations; 95 % of least squares' precision
constexpr double kNormal = 1.4826;  // deviations in a median absolute deviation
constexpr double kLeastScale = 1;   // ns: times are whole
constexpr int kRounds = 30;         // of reweighting
constexpr double kMostOutliers = 0.4, kMostBelow = 0.1;
// From how far below the robust line a pair is an outlier: so many times the way to the first
// quartile, and to the first twentieth where there are pairs enough for one.
constexpr double kQuartiles = 10, kTwentieths = 3;
constexpr size_t kLeastTwentieth = 40;
constexpr size_t kLeastBelow = 15, kPartSize = 5, kMostParts = 10;

struct Line {
  double offset = 0, slope = 0;  // ns, ns/s
  double at(double x) const { return offset + slope * x; }
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

std::vector<double> residuals(const TimePairs& pairs, const Line& line) {
  std::vector<double> away(pairs.size());
  for (size_t i = 0; i < away.size(); ++i) away[i] = pairs.y[i] - line.at(pairs.x[i]);
  return away;
}

double spread_of(std::vector<double> away) {
  for (double& r : away) r = std::abs(r);
  return median(std::move(away));
}

// Which points start the fit: all, or as many as may, drawn without replacement.
std::vector<size_t> starters(size_t count, uint64_t seed) {
  std::vector<size_t> chosen(count);
  std::iota(chosen.begin(), chosen.end(), size_t{0});
  if (count <= kMostStart) return chosen;
  Rng random = Rng(seed).fork("drift");
  for (size_t i = 0; i < kMostStart; ++i) std::swap(chosen[i], chosen[i + random.below(count - i)]);
  chosen.resize(kMostStart);
  return chosen;
}

Line repeated_median(const TimePairs& pairs, uint64_t seed) {
  const std::vector<size_t> chosen = starters(pairs.size(), seed);
  std::vector<double> medians, slopes;
  for (size_t i : chosen) {
    slopes.clear();
    for (size_t j : chosen)
      if (pairs.x[j] != pairs.x[i])
        slopes.push_back((pairs.y[j] - pairs.y[i]) / (pairs.x[j] - pairs.x[i]));
    if (!slopes.empty()) medians.push_back(median(slopes));
  }
  Line line;
  line.slope = medians.empty() ? 0 : median(medians);
  line.offset = median(residuals(pairs, line));
  return line;
}

// Weighted least squares, Tukey's weights at the given scale, until it stands still.
Line reweighted(const TimePairs& pairs, Line line, double scale) {
  for (int round = 0; round < kRounds; ++round) {
    double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
    const std::vector<double> away = residuals(pairs, line);
    for (int pass = 0; pass < 2; ++pass) {
      const double mx = pass == 0 ? 0 : wx / w, my = pass == 0 ? 0 : wy / w;
      for (size_t i = 0; i < pairs.size(); ++i) {
        const double u = away[i] / (kTukey * scale);
        if (std::abs(u) >= 1) continue;
        const double weight = (1 - u * u) * (1 - u * u);
        if (pass == 0) {
          w += weight;
          wx += weight * pairs.x[i];
          wy += weight * away[i];
        } else {
          wxx += weight * (pairs.x[i] - mx) * (pairs.x[i] - mx);
          wxy += weight * (pairs.x[i] - mx) * (away[i] - my);
        }
      }
      if (w <= 0) return line;
    }
    if (wxx <= 0) return line;
    const double slope = wxy / wxx, offset = wy / w - slope * wx / w;
    line.slope += slope;
    line.offset += offset;
    if (std::abs(slope * wx / w + offset) < 1e-6 * scale &&
        std::abs(slope) * std::sqrt(wxx / w) < 1e-6 * scale)
      break;
  }
  return line;
}

// Half of the slope's 95 % interval: var = s^2 mean(psi^2) / mean(psi')^2 / sum (x - mean)^2.
double half_width(const TimePairs& pairs, const Line& line, double scale) {
  const double N = static_cast<double>(pairs.size());
  if (N < 3) return kUnknown;
  const double mean = std::accumulate(pairs.x.begin(), pairs.x.end(), 0.0) / N;
  double xx = 0, psi_squared = 0, psi_slope = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    xx += (pairs.x[i] - mean) * (pairs.x[i] - mean);
    const double u = (pairs.y[i] - line.at(pairs.x[i])) / (kTukey * scale), v = 1 - u * u;
    if (v <= 0) continue;
    psi_squared += u * v * v * u * v * v * kTukey * kTukey;
    psi_slope += v * (1 - 5 * u * u);
  }
  if (psi_slope <= 0 || xx <= 0) return kUnknown;
  const double variance =
      scale * scale * psi_squared / (N - 2) / (psi_slope / N * psi_slope / N) / xx;
  // Whole times: no finer than one evenly spread over a nanosecond.
  const double least = 1 / std::sqrt(12 * xx);
  const double t = 1.96 + 2.5 / (N - 2) + 6 / ((N - 2) * (N - 2));  // Student's, nearly
  return t * std::max(least, std::sqrt(variance)) * 1e-9;
}

DriftFit fit_of(const TimePairs& pairs, const Line& line) {
  DriftFit fit;
  fit.num_pairs = static_cast<int64_t>(pairs.size());
  fit.line = {pairs.reference_ns, 0, line.slope * 1e-9};
  if (__builtin_add_overflow(pairs.offset_ns, nearest_whole(line.offset), &fit.line.offset_ns))
    fit.line.offset_ns = pairs.offset_ns;  // centuries apart
  fit.spread_ns = nearest_whole(spread_of(residuals(pairs, line)));
  return fit;
}

int64_t num_different(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return std::unique(x.begin(), x.end()) - x.begin();
}

std::string doubt(const DriftFit& fit, int64_t least_pairs, int64_t num_times, double most_outliers,
                  const DriftOptions& options) {
  if (fit.num_pairs < least_pairs || num_times < 3)
    return fmt::format("too few pairs: expected at least {} of 3 times, got {} of {}", least_pairs,
                       fit.num_pairs, num_times);
  if (static_cast<double>(fit.num_outliers) > most_outliers * static_cast<double>(fit.num_pairs))
    return fmt::format(
        "no line goes through them: expected at most {:.3g} % outliers, got {} of {}; look for "
        "steps of a clock",
        100 * most_outliers, fit.num_outliers, fit.num_pairs);
  if (!(std::abs(fit.line.drift) <= options.most_drift))
    return fmt::format(
        "no clock drifts as much: expected at most {:.6g} ppm, got {:.6g}; look at "
        "the unit and the rate",
        options.most_drift * 1e6, fit.drift_ppm());
  return "";
}

void judge(DriftFit* fit, const std::string& reason) {
  fit->reason = reason;
  fit->is_reliable = reason.empty();
}

// The line of least sum of y - line below all points, `order` ascending in x: the edge of the lower
// hull over the mean of x.
Line below_all(const TimePairs& pairs, const std::vector<size_t>& order) {
  std::vector<size_t> hull;
  double mean = 0;
  for (size_t i : order) {
    mean += pairs.x[i] / static_cast<double>(order.size());
    while (hull.size() >= 2) {
      const size_t p = hull[hull.size() - 2], q = hull.back();
      const double turn = (pairs.x[q] - pairs.x[p]) * (pairs.y[i] - pairs.y[p]) -
                          (pairs.y[q] - pairs.y[p]) * (pairs.x[i] - pairs.x[p]);
      if (turn > 0) break;
      hull.pop_back();
    }
    hull.push_back(i);
  }
  if (hull.size() < 2) return {pairs.y[hull[0]], 0};
  size_t edge = 1;
  while (edge + 1 < hull.size() && pairs.x[hull[edge]] < mean) ++edge;
  const size_t p = hull[edge - 1], q = hull[edge];
  Line line;
  if (pairs.x[q] > pairs.x[p]) line.slope = (pairs.y[q] - pairs.y[p]) / (pairs.x[q] - pairs.x[p]);
  line.offset = pairs.y[p] - line.slope * pairs.x[p];
  return line;
}

// The points that are not far below the robust line, ascending in x, of one x from below.
std::vector<size_t> not_far_below(const TimePairs& pairs, const DriftOptions& options) {
  const Line line = repeated_median(pairs, options.seed);
  const std::vector<double> away = residuals(pairs, line);
  std::vector<double> sorted = away;
  std::sort(sorted.begin(), sorted.end());
  double width = std::max(kLeastScale, -kQuartiles * sorted[sorted.size() / 4]);
  if (sorted.size() >= kLeastTwentieth)
    width = std::max(width, -kTwentieths * sorted[sorted.size() / 20]);
  std::vector<size_t> order;
  for (size_t i = 0; i < pairs.size(); ++i)
    if (away[i] >= -width) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) {
    return pairs.x[i] != pairs.x[j] ? pairs.x[i] < pairs.x[j] : pairs.y[i] < pairs.y[j];
  });
  return order;
}

}  // namespace

TimePairs pairs_of(const std::vector<int64_t>& a_ns, const std::vector<int64_t>& b_ns) {
  BRAID_CHECK(a_ns.size() == b_ns.size(), shape,
              "pairs of times: expected as many of both clocks, got {} and {}", a_ns.size(),
              b_ns.size());
  std::vector<int64_t> a, b;
  for (size_t i = 0; i < a_ns.size(); ++i) {
    if (a_ns[i] == kNever || b_ns[i] == kNever) continue;
    a.push_back(a_ns[i]);
    b.push_back(b_ns[i]);
  }
  check_range("first clock", a);
  check_range("second clock", b);
  TimePairs pairs;
  if (a.empty()) return pairs;
  std::vector<int64_t> sorted = a;
  const auto middle = sorted.begin() + static_cast<int64_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const auto at = std::find(a.begin(), a.end(), *middle) - a.begin();
  pairs.reference_ns = *middle;
  pairs.offset_ns = b[static_cast<size_t>(at)] - *middle;
  for (size_t i = 0; i < a.size(); ++i) {
    const int64_t offset = b[i] - a[i];
    int64_t more = 0;
    pairs.x.push_back(static_cast<double>(a[i] - pairs.reference_ns) * 1e-9);
    pairs.y.push_back(__builtin_sub_overflow(offset, pairs.offset_ns, &more)
                          ? static_cast<double>(offset) - static_cast<double>(pairs.offset_ns)
                          : static_cast<double>(more));
  }
  return pairs;
}

DriftFit fit_middle(const TimePairs& pairs, const DriftOptions& options) {
  DriftFit fit;
  fit.half_width = kUnknown;
  const int64_t num_times = num_different(pairs.x);
  if (pairs.size() > 0) {
    Line line = repeated_median(pairs, options.seed);
    const double scale = std::max(kLeastScale, kNormal * spread_of(residuals(pairs, line)));
    line = reweighted(pairs, line, scale);
    fit = fit_of(pairs, line);
    fit.half_width = half_width(pairs, line, scale);
    for (double away : residuals(pairs, line)) fit.num_outliers += std::abs(away) > kTukey * scale;
  }
  judge(&fit, doubt(fit, 4, num_times, kMostOutliers, options));
  return fit;
}

DriftFit fit_below(const TimePairs& pairs, const DriftOptions& options) {
  DriftFit fit;
  fit.half_width = kUnknown;
  const int64_t num_times = num_different(pairs.x);
  if (pairs.size() > 0) {
    const std::vector<size_t> order = not_far_below(pairs, options);
    fit = fit_of(pairs, below_all(pairs, order));
    fit.num_outliers = static_cast<int64_t>(pairs.size() - order.size());
    fit.half_width = kUnknown;
    const size_t num_parts = std::min(kMostParts, order.size() / kPartSize);
    if (num_parts >= 3) {
      const double K = static_cast<double>(num_parts);
      double sum = 0, squares = 0;
      for (size_t part = 0; part < num_parts; ++part) {
        std::vector<size_t> its;
        for (size_t i = part; i < order.size(); i += num_parts) its.push_back(order[i]);
        const double away = below_all(pairs, its).slope * 1e-9 - fit.line.drift;
        sum += away;
        squares += away * away;
      }
      const double variance = std::max(0.0, squares - sum * sum / K) / (K - 1) / K;
      fit.half_width = (1.96 + 2.5 / (K - 1)) * std::sqrt(variance);
    }
  }
  judge(&fit, doubt(fit, static_cast<int64_t>(kLeastBelow), num_times, kMostBelow, options));
  return fit;
}

}  // namespace braid::align
