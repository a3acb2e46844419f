#include "align/clock_offset.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "align/align.h"
#include "align/clock_lags.h"
#include "align/clock_runs.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kLongest = INT64_MAX / 4;  // 73 years: sums stay in int64
constexpr int64_t kMostTicks = int64_t{1} << 24;
constexpr int64_t kBlocks = 12;                       // left out in turn
constexpr size_t kLeastAround = 2, kMostAround = 40;  // lags beside the peak looked at exactly
constexpr double kFinest = 0.01;  // of a step: no smaller uncertainty is claimed

using Clips = std::vector<std::pair<Series, Series>>;

void check_options(const OffsetOptions& options) {
  BRAID_CHECK(options.max_offset_ns > 0 && options.max_offset_ns <= kLongest, usage,
              "greatest offset: expected above 0 and below 73 years, got {}",
              format_duration(options.max_offset_ns));
  BRAID_CHECK(options.step_ns >= 0 && options.step_ns <= kLongest && options.min_overlap_ns >= 0 &&
                  options.tolerance_ns >= 0,
              usage, "offset: expected a step, overlap and tolerance of 0 or more, got {}, {}, {}",
              format_duration(options.step_ns), format_duration(options.min_overlap_ns),
              format_duration(options.tolerance_ns));
  check_range("expected offset", {options.expected_ns});
}

void check_clip(const Series& series) {
  check(series);
  check_range(series.name, series.times_ns);
  BRAID_CHECK(series.channels == 1, shape,
              "{}: channels: expected 1, got {}; take an envelope of all", series.name,
              series.channels);
}

int64_t step_of(const Clips& clips) {
  int64_t least = INT64_MAX;
  for (const auto& [a, b] : clips)
    for (const Series* x : {&a, &b})
      if (x->size() > 1) least = std::min(least, median_step(x->times_ns));
  return least == INT64_MAX ? 0 : std::min(least, kLongest);
}

// On ticks from first_ns on; steps in place of values if asked for; mean 0 and variance 1.
// Returns why it is of no use, or "".
std::string put_on_grid(const Series& series, int64_t first_ns, int64_t step_ns,
                        const OffsetOptions& options, std::vector<double>* values) {
  bool is_empty = true;
  for (double value : series.values) is_empty = is_empty && std::isnan(value);
  if (is_empty) return fmt::format("{} has no measurements", series.name);
  const int64_t num_ticks = (series.times_ns.back() - first_ns) / step_ns + 1;
  BRAID_CHECK(num_ticks <= kMostTicks, usage,
              "{}: grid: expected at most {} ticks, got {}; take an envelope or a longer step",
              series.name, kMostTicks, num_ticks);
  if (first_ns > series.times_ns.back() || num_ticks < 3)
    return fmt::format("{} is shorter than three steps of the grid", series.name);
  Options how;
  how.tolerance_ns = options.tolerance_ns > 0
                         ? options.tolerance_ns
                         : 4 * std::min(kLongest, std::max(step_ns, median_step(series.times_ns)));
  *values = align(series, find(options.method),
                  regular_ticks(first_ns, series.times_ns.back(), step_ns), how)
                .values;
  if (options.uses_differences) {
    for (size_t i = 0; i + 1 < values->size(); ++i) (*values)[i] = (*values)[i + 1] - (*values)[i];
    values->pop_back();
  }
  double n = 0, mean = 0, squares = 0, size = 0;
  for (double x : *values)
    if (!std::isnan(x)) {
      ++n;
      const double away = x - mean;
      mean += away / n;
      squares += away * (x - mean);
      size = std::max(size, std::abs(x));
    }
  const double deviation = n > 0 ? std::sqrt(squares / n) : 0;
  if (n == 0) return fmt::format("{} has no measurements near the ticks", series.name);
  if (deviation <= 1e-9 * size) return fmt::format("{} is constant", series.name);
  for (double& x : *values) x = (x - mean) / deviation;
  return "";
}

std::string make_pair(const Series& a, const Series& b, int64_t step_ns,
                      const OffsetOptions& options, GridPair* pair) {
  if (a.size() == 0 || b.size() == 0)
    return fmt::format("{} has no measurements", a.size() == 0 ? a.name : b.name);
  const int64_t apart = b.times_ns[0] - a.times_ns[0];
  if (std::abs(static_cast<double>(apart) - static_cast<double>(options.expected_ns)) > 9e18)
    return fmt::format("{} and {} do not overlap", a.name, b.name);
  const int64_t from_a = apart - options.expected_ns;
  pair->first_b = from_a / step_ns + (from_a % step_ns > 0);
  std::string reason = put_on_grid(a, a.times_ns[0], step_ns, options, &pair->a);
  if (!reason.empty()) return reason;
  const int64_t rest = from_a % step_ns, to_tick = rest > 0 ? step_ns - rest : -rest;
  return put_on_grid(b, b.times_ns[0] + to_tick, step_ns, options, &pair->b);
}

// Everything about the lags; r[k] is of lag first + k, NaN where there is too little to compare.
struct Search {
  const OffsetOptions& options;
  int64_t step_ns = 0;
  std::vector<GridPair> pairs;
  int64_t first = 0;
  std::vector<double> r;
  std::vector<double> ticks;       // compared at a lag, all clips
  std::vector<double> pairs_each;  // (clips)
  std::vector<std::vector<float>> ticks_of;
  size_t peak = 0, lobe_first = 0, lobe_last = 0;

  bool is_known(size_t k) const { return k < r.size() && !std::isnan(r[k]); }
};

double least_ticks(const Search& s) {
  if (s.options.min_overlap_ns > 0)
    return static_cast<double>(s.options.min_overlap_ns) / static_cast<double>(s.step_ns);
  double sum = 0;
  for (const GridPair& pair : s.pairs)
    sum += 0.5 * static_cast<double>(std::min(pair.a.size(), pair.b.size()));
  return sum;
}

void correlate(Search* s) {
  int64_t low = INT64_MAX, high = INT64_MIN;  // lags at which some clip overlaps
  for (const GridPair& pair : s->pairs) {
    low = std::min(low, pair.first_b - static_cast<int64_t>(pair.a.size()) + 1);
    high = std::max(high, pair.first_b + static_cast<int64_t>(pair.b.size()) - 1);
  }
  const int64_t most = s->options.max_offset_ns / s->step_ns;
  s->first = std::max(low, -most);
  const int64_t last = std::min(high, most);
  if (last < s->first) return;
  BRAID_CHECK(
      last - s->first < 2 * kMostTicks, usage,
      "offset: expected at most {} lags to try, got {}; give a smaller max_offset or a longer "
      "step",
      2 * kMostTicks, last - s->first + 1);
  std::vector<Moments> moments(static_cast<size_t>(last - s->first + 1));
  for (const GridPair& pair : s->pairs) {
    const LagSums sums = sums_by_lag(pair, s->first, last);
    s->pairs_each.push_back(sums.pairs_each);
    s->ticks_of.emplace_back();
    for (size_t k = 0; k < moments.size(); ++k) {
      moments[k].add(sums.at[k]);
      s->ticks_of.back().push_back(static_cast<float>(sums.at[k].n));
    }
  }
  const double least = std::max(3.0, least_ticks(*s));
  for (const Moments& at : moments) {
    s->r.push_back(at.n >= least ? at.correlation() : kMissing);
    s->ticks.push_back(at.n);
  }
}

// The highest lag, and the lobe around it down to half of its height. False where there is none.
bool find_peak(Search* s) {
  bool has_any = false;
  for (size_t k = 0; k < s->r.size(); ++k)
    if (s->is_known(k) && (!has_any || s->r[k] > s->r[s->peak])) {
      s->peak = k;
      has_any = true;
    }
  const double half = has_any ? 0.5 * s->r[s->peak] : 0;
  s->lobe_first = s->lobe_last = s->peak;
  if (half <= 0) return has_any;
  while (s->lobe_first > 0 && s->is_known(s->lobe_first - 1) && s->r[s->lobe_first - 1] >= half)
    --s->lobe_first;
  while (s->is_known(s->lobe_last + 1) && s->r[s->lobe_last + 1] >= half) ++s->lobe_last;
  return has_any;
}

double second_peak(const Search& s) {
  double second = 0;
  const auto value = [&](size_t k) { return s.is_known(k) ? s.r[k] : -2; };
  for (size_t k = 0; k < s.r.size(); ++k) {
    if (!s.is_known(k) || (k >= s.lobe_first && k <= s.lobe_last)) continue;
    const double before = k == 0 ? -2 : value(k - 1), after = value(k + 1);
    if (s.r[k] >= before && s.r[k] >= after) second = std::max(second, s.r[k]);
  }
  return second;
}

// The top of the parabola through the highest of r and its neighbours, as a place in r.
double top_of(const std::vector<double>& r, double* height) {
  size_t k = 0;
  for (size_t i = 1; i < r.size(); ++i)
    if (std::isnan(r[k]) || r[i] > r[k]) k = i;
  *height = r[k];
  if (k == 0 || k + 1 == r.size()) return static_cast<double>(k);
  const double bend = r[k - 1] - 2 * r[k] + r[k + 1], slope = 0.5 * (r[k + 1] - r[k - 1]);
  if (!(bend < 0)) return static_cast<double>(k);
  const double away = std::clamp(-slope / bend, -0.5, 0.5);
  *height = std::min(1.0, r[k] + 0.5 * slope * away);
  return static_cast<double>(k) + away;
}

// Lags around the peak in double precision, whole and with each block left out: the peak's place
// in steps, its height, and its deviation by the jackknife.
struct Refined {
  double steps, height, deviation;
};

Refined refine(const Search& s) {
  const size_t around = std::clamp((s.lobe_last - s.lobe_first) / 2, kLeastAround, kMostAround);
  size_t low = s.peak, high = s.peak;  // only lags that are searched and known
  while (low > 0 && s.peak - low < around && s.is_known(low - 1)) --low;
  while (high - s.peak < around && s.is_known(high + 1)) ++high;
  const int64_t first = s.first + static_cast<int64_t>(low);
  const size_t L = high - low + 1;
  size_t total = 0;
  for (const GridPair& pair : s.pairs) total += pair.a.size();
  std::vector<std::vector<PairSums>> clips, blocks;  // [.][lag]
  std::vector<size_t> clip_of;
  for (size_t c = 0; c < s.pairs.size(); ++c) {
    const int64_t A = static_cast<int64_t>(s.pairs[c].a.size());
    const int64_t parts = std::max<int64_t>(1, kBlocks * A / static_cast<int64_t>(total));
    clips.emplace_back(L);
    for (int64_t part = 0; part < parts; ++part) {
      blocks.emplace_back(L);
      clip_of.push_back(c);
      for (size_t k = 0; k < L; ++k) {
        blocks.back()[k] = sums_at(s.pairs[c], first + static_cast<int64_t>(k), A * part / parts,
                                   A * (part + 1) / parts);
        clips.back()[k] += blocks.back()[k];
      }
    }
  }
  const auto top_without = [&](size_t left_out, double* height) {  // a block; none beyond them
    std::vector<double> r(L);
    for (size_t k = 0; k < L; ++k) {
      Moments all;
      for (size_t c = 0; c < clips.size(); ++c)
        all.add(left_out < blocks.size() && clip_of[left_out] == c
                    ? clips[c][k] - blocks[left_out][k]
                    : clips[c][k]);
      r[k] = all.correlation();
    }
    return top_of(r, height);
  };
  Refined refined = {};
  refined.steps = static_cast<double>(first) + top_without(blocks.size(), &refined.height);
  double sum = 0, squares = 0, ignored;
  for (size_t block = 0; block < blocks.size(); ++block) {
    const double top = top_without(block, &ignored) + static_cast<double>(first) - refined.steps;
    sum += top;
    squares += top * top;
  }
  const double K = static_cast<double>(blocks.size());
  refined.deviation = std::sqrt(std::max(0.0, (K - 1) * (squares / K - sum * sum / (K * K))));
  return refined;
}

// See Offset::z: a correlation of unrelated streams has the variance sum n_c D_c / (sum n_c)^2,
// and the largest of L of them lies near sqrt(2 ln L) deviations.
double above_chance(const Search& s, double correlation) {
  double n = 0, weighted = 0, known = 0;
  for (size_t c = 0; c < s.pairs.size(); ++c) {
    n += s.ticks_of[c][s.peak];
    weighted += s.ticks_of[c][s.peak] * s.pairs_each[c];
  }
  for (size_t k = 0; k < s.r.size(); ++k) known += s.is_known(k);
  const double independent = std::max(1.0, known * n / weighted);
  return correlation * n / std::sqrt(weighted) - std::sqrt(2 * std::log(independent));
}

std::string doubt(const Search& s, const Offset& offset) {
  const OffsetOptions& o = s.options;
  if (s.peak == 0 || !s.is_known(s.peak - 1) || !s.is_known(s.peak + 1))
    return fmt::format(
        "the peak lies at the edge of the search range, {}; search farther, or around an expected "
        "offset",
        format_duration(offset.offset_ns));
  if (!(offset.correlation >= o.least_correlation))
    return fmt::format("the correlation is flat: expected a peak of at least {:.3g}, got {:.3g}",
                       o.least_correlation, offset.correlation);
  if (!(offset.z >= o.least_z))
    return fmt::format(
        "unrelated streams of the same spectra may correlate as much: expected {:.3g} deviations "
        "above them, got {:.3g}; take a longer recording or several",
        o.least_z, offset.z);
  if (offset.second > o.most_second * offset.correlation)
    return fmt::format(
        "another peak is nearly as high: expected at most {:.3g} of {:.3g}, got {:.3g}; search "
        "less far or take several recordings",
        o.most_second, offset.correlation, offset.second);
  return "";
}

Offset unknown(const OffsetOptions& options, const std::string& reason) {
  Offset offset;
  offset.offset_ns = options.expected_ns;
  offset.uncertainty_ns = options.max_offset_ns;
  offset.reason = reason;
  return offset;
}

}  // namespace

Offset find_offset(const Clips& clips, const OffsetOptions& options) {
  check_options(options);
  for (const auto& [a, b] : clips) {
    check_clip(a);
    check_clip(b);
  }
  find(options.method);
  Search s = {options, 0, {}, 0, {}, {}, {}, {}};
  s.step_ns = options.step_ns > 0 ? options.step_ns : step_of(clips);
  std::string reason = clips.empty() ? "there is no recording" : "no stream has two measurements";
  for (const auto& [a, b] : clips) {
    if (s.step_ns == 0) break;
    GridPair pair;
    const std::string its_reason = make_pair(a, b, s.step_ns, options, &pair);
    if (its_reason.empty()) s.pairs.push_back(std::move(pair));
    if (!its_reason.empty()) reason = its_reason;
  }
  if (s.pairs.empty()) return unknown(options, reason);
  correlate(&s);
  if (!find_peak(&s))
    return unknown(
        options,
        fmt::format(
            "too little overlap: at no offset within {} of {} are {} compared",
            format_duration(options.max_offset_ns), format_duration(options.expected_ns),
            format_duration(nearest_whole(least_ticks(s) * static_cast<double>(s.step_ns)))));
  const Refined refined = refine(s);
  const double step = static_cast<double>(s.step_ns);
  Offset offset;
  offset.offset_ns = options.expected_ns + nearest_whole(refined.steps * step);
  offset.uncertainty_ns = nearest_whole(std::max(kFinest, refined.deviation) * step);
  offset.correlation = refined.height;
  offset.second = second_peak(s);
  offset.z = above_chance(s, refined.height);
  offset.num_clips = static_cast<int64_t>(s.pairs.size());
  offset.overlap_ns = nearest_whole(s.ticks[s.peak] * step);
  offset.reason = doubt(s, offset);
  offset.is_reliable = offset.reason.empty();
  return offset;
}

Offset find_offset(const Series& a, const Series& b, const OffsetOptions& options) {
  return find_offset(Clips{{a, b}}, options);
}

}  // namespace braid::align
