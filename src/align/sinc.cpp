#include <algorithm>
#include <cmath>

#include "align/align.h"

namespace braid::align {
namespace {

constexpr int kCrossings = 32;  // zeros of the sinc on each side that the window keeps
constexpr int kEntriesPerCrossing = 512;
constexpr double kAttenuationDb = 90;
constexpr double kLeastCovered = 0.25;
constexpr int64_t kLongestStep = 4;  // of the median step; a longer one is a gap between two runs
// The middle of the transition band, of the lower rate's Nyquist frequency, such that the band ends
// there. Kaiser: its width is (A - 7.95) / 14.36 of a period of the window's length.
constexpr double kTransition = (kAttenuationDb - 7.95) / 14.36 / kCrossings;
constexpr double kCutoff = 1 / (1 + kTransition / 2);

// The modified Bessel function of order 0, by its series.
double bessel(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-16 * sum; ++k) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

// Half of the symmetric kernel sinc(u) Kaiser(u), u in zero crossings, and a 0 beyond its end.
std::vector<double> make_kernel() {
  const double beta = 0.1102 * (kAttenuationDb - 8.7), pi = 3.14159265358979323846;
  std::vector<double> kernel(kCrossings * kEntriesPerCrossing + 2, 0);
  for (size_t i = 0; i + 1 < kernel.size(); ++i) {
    const double u = static_cast<double>(i) / kEntriesPerCrossing, part = u / kCrossings;
    const double window = bessel(beta * std::sqrt(std::max(0.0, 1 - part * part))) / bessel(beta);
    kernel[i] = window * (i == 0 ? 1 : std::sin(pi * u) / (pi * u));
  }
  return kernel;
}

double kernel_at(const std::vector<double>& kernel, double crossings) {
  const double place = std::abs(crossings) * kEntriesPerCrossing;
  const size_t i = static_cast<size_t>(place);
  if (i + 1 >= kernel.size()) return 0;
  return kernel[i] + (place - static_cast<double>(i)) * (kernel[i + 1] - kernel[i]);
}

// The kernel's sum over measurements is an integral only where they are evenly spaced: others are
// first put on a grid of their median step by the cubic spline, run by run.
Channel evenly_spaced(const Channel& x, int64_t step_ns) {
  const auto step_after = [&](size_t i) { return x.times_ns[i + 1] - x.times_ns[i]; };
  bool is_even = true;
  for (size_t i = 0; i + 1 < x.size(); ++i)
    is_even = is_even && std::abs(step_after(i) - step_ns) <= step_ns / 100;
  if (is_even) return x;
  Channel even;
  for (size_t first = 0, end; first < x.size(); first = end) {
    for (end = first + 1; end < x.size() && step_after(end - 1) / kLongestStep <= step_ns;) ++end;
    const auto from = static_cast<int64_t>(first), to = static_cast<int64_t>(end);
    const Channel run = {{x.times_ns.begin() + from, x.times_ns.begin() + to},
                         {x.values.begin() + from, x.values.begin() + to}};
    const auto grid = regular_ticks(run.times_ns.front(), run.times_ns.back(), step_ns);
    Column column = {std::vector<double>(grid.size()), std::vector<Origin>(grid.size()),
                     std::vector<int64_t>(grid.size())};
    find("cubic").fill(run, grid, {}, &column);
    even.times_ns.insert(even.times_ns.end(), grid.begin(), grid.end());
    even.values.insert(even.values.end(), column.values.begin(), column.values.end());
  }
  return even;
}

void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  static const std::vector<double> kernel = make_kernel();
  if (channel.size() < 2) return;
  const int64_t step_in = median_step(channel.times_ns);
  const Channel even = evenly_spaced(channel, step_in);
  const double step = static_cast<double>(std::max(step_in, median_step(ticks_ns)));
  const double crossings_per_ns = kCutoff / step;
  const double reach = kCrossings / crossings_per_ns;
  // Of a whole kernel the weights add up to this, of half a kernel to half of it.
  const double whole = 1 / (crossings_per_ns * static_cast<double>(step_in));
  Cursor cursor(channel.times_ns);
  size_t first = 0;
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    const int64_t tick = ticks_ns[t];
    const int64_t newest = cursor.newest_before(ticks_ns[t]);
    if (newest < 0) continue;
    const size_t i = static_cast<size_t>(newest);
    const bool is_met = channel.times_ns[i] == tick;
    if (!is_met && (i + 1 == channel.size() || tick - channel.times_ns[i] > options.tolerance_ns ||
                    channel.times_ns[i + 1] - tick > options.tolerance_ns))
      continue;
    double sum = 0, weights = 0;
    while (first < even.size() && static_cast<double>(tick - even.times_ns[first]) > reach) ++first;
    for (size_t k = first; k < even.size(); ++k) {
      const double away = static_cast<double>(even.times_ns[k] - tick);
      if (away > reach) break;
      const double weight = kernel_at(kernel, away * crossings_per_ns);
      sum += weight * even.values[k];
      weights += weight;
    }
    if (weights >= kLeastCovered * whole)
      column->set(t, sum / weights, Origin::interpolated, channel.times_ns[is_met ? i : i + 1]);
  }
}

}  // namespace

extern const Method sinc = {
    "sinc",
    "windowed sinc, band-limited to the lower of both rates: no aliasing",
    "y(t) = sum x(t_i) k(t - t_i) / sum k(t - t_i), k a sinc of 0.918 of the lower rate's "
    "Nyquist frequency in a Kaiser window of 32 zeros a side, uneven x first on a grid by "
    "`cubic`, where both neighbours are within the tolerance and a quarter of k is covered",
    "regular input: 0.01 % below 0.83 of the lower Nyquist frequency, -80 dB above it",
    "Smith and Gossett, ICASSP 1984; Kaiser and Schafer, IEEE Trans. ASSP 28, 1980",
    /*is_causal=*/false,
    /*is_local=*/false,
    fill};

}  // namespace braid::align
