#include "align/session_stats.h"

#include <algorithm>
#include <cmath>

namespace braid::align {
namespace {

const char* const kMissing[] = {"absent", "before_start", "after_end", "gap", "blank"};

// The first channel with a value at tick t; C where none has.
size_t first_channel(const Aligned& aligned, size_t t, bool* is_partial) {
  const size_t C = static_cast<size_t>(aligned.channels);
  size_t first = C, num = 0;
  for (size_t c = C; c-- > 0;) {
    if (aligned.origins[t * C + c] == Origin::missing) continue;
    first = c;
    ++num;
  }
  *is_partial = num > 0 && num < C;
  return first;
}

// `newest` is the last measurement that is not after the tick (of an aggregate: after its step).
Missing why_missing(const std::vector<int64_t>& times_ns, int64_t newest, int64_t tick_ns,
                    const GridFacts& facts) {
  const int64_t N = static_cast<int64_t>(times_ns.size());
  if (N == 0) return Missing::absent;
  if (newest < 0) return Missing::before_start;
  const int64_t before_ns = times_ns[static_cast<size_t>(newest)];
  // A row stands there, but it has no number.
  if (before_ns == tick_ns || (facts.is_aggregate && before_ns > tick_ns)) return Missing::blank;
  if (newest + 1 == N) return Missing::after_end;
  const int64_t after_ns = times_ns[static_cast<size_t>(newest + 1)];
  const bool is_near = tick_ns - before_ns <= facts.tolerance_ns &&
                       after_ns - tick_ns <= facts.tolerance_ns && !facts.is_aggregate;
  return is_near ? Missing::blank : Missing::gap;
}

void add_gap(int64_t tick_ns, Missing reason, int64_t step_ns, std::vector<TickGap>* gaps) {
  // Ticks of windows that overlap may lie closer than a step; those of others farther.
  if (!gaps->empty() && tick_ns - gaps->back().end_ns <= step_ns / 2) {
    gaps->back().end_ns = tick_ns + step_ns;
    ++gaps->back().ticks;
  } else {
    gaps->push_back({tick_ns, tick_ns + step_ns, 1, reason});
  }
}

}  // namespace

const char* to_string(Missing reason) { return kMissing[static_cast<int>(reason)]; }

int64_t StreamStats::staleness_at(double share) const {
  if (staleness_ns.empty()) return 0;
  const double place = share * static_cast<double>(staleness_ns.size() - 1);
  return staleness_ns[static_cast<size_t>(std::llround(place))];
}

StreamStats count_ticks(const Series& series, const Aligned& aligned,
                        const std::vector<int64_t>& ticks_ns, const GridFacts& facts) {
  StreamStats stats;
  stats.ticks = static_cast<int64_t>(ticks_ns.size());
  const size_t C = static_cast<size_t>(aligned.channels);
  Cursor cursor(series.times_ns);
  bool follows = false;  // the tick before had no value either
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    const int64_t newest = cursor.newest_before(ticks_ns[t] + facts.late_ns);
    bool is_partial = false;
    const size_t c = first_channel(aligned, t, &is_partial);
    if (c < C) {
      ++stats.with_value;
      ++stats.origins[static_cast<size_t>(aligned.origins[t * C + c])];
      if (is_partial) ++stats.partial;
      const int64_t used_ns = aligned.used_ns[t * C + c];
      if (used_ns != kNever)
        stats.staleness_ns.push_back(ticks_ns[t] + (facts.is_aggregate ? facts.step_ns : 0) -
                                     used_ns);
      follows = false;
      continue;
    }
    const Missing reason = why_missing(series.times_ns, newest, ticks_ns[t], facts);
    ++stats.origins[static_cast<size_t>(Origin::missing)];
    ++stats.missing[static_cast<size_t>(reason)];
    if (!follows)
      stats.gaps.push_back({ticks_ns[t], ticks_ns[t] + facts.step_ns, 1, reason});
    else
      add_gap(ticks_ns[t], reason, facts.step_ns, &stats.gaps);
    follows = true;
  }
  std::sort(stats.staleness_ns.begin(), stats.staleness_ns.end());
  std::stable_sort(stats.gaps.begin(), stats.gaps.end(), [](const TickGap& a, const TickGap& b) {
    return a.end_ns - a.start_ns > b.end_ns - b.start_ns;
  });
  return stats;
}

void CutStats::add(int64_t window_ns, int64_t covered_ns) {
  ++windows;
  window_s += seconds(window_ns);
  covered_s += seconds(covered_ns);
  shares.push_back(seconds(covered_ns) / seconds(window_ns));
  if (covered_ns == window_ns) {
    ++whole;
  } else if (covered_ns > 0) {
    ++partly;
    least = std::min(least, shares.back());
  } else {
    ++without;
  }
}

CutStats& CutStats::operator+=(const CutStats& other) {
  windows += other.windows;
  whole += other.whole;
  partly += other.partly;
  without += other.without;
  window_s += other.window_s;
  covered_s += other.covered_s;
  least = std::min(least, other.least);
  shares.insert(shares.end(), other.shares.begin(), other.shares.end());
  return *this;
}

StreamStats count_absent(int64_t num_ticks) {
  StreamStats stats;
  stats.ticks = num_ticks;
  stats.origins[static_cast<size_t>(Origin::missing)] = num_ticks;
  stats.missing[static_cast<size_t>(Missing::absent)] = num_ticks;
  return stats;
}

TextStats& TextStats::operator+=(const TextStats& other) {
  windows += other.windows;
  with_text += other.with_text;
  events += other.events;
  blank += other.blank;
  in_no_window += other.in_no_window;
  return *this;
}

std::vector<uint8_t> covered_parts(const std::vector<Span>& spans, int64_t start_ns, int64_t end_ns,
                                   size_t num_parts) {
  std::vector<double> covered(num_parts, 0);
  const double part_ns =
      static_cast<double>(end_ns - start_ns) / static_cast<double>(std::max<size_t>(1, num_parts));
  if (part_ns <= 0) return std::vector<uint8_t>(num_parts, 0);
  for (const Span& span : spans) {
    double from = static_cast<double>(std::max(span.start_ns, start_ns) - start_ns) / part_ns;
    const double to = static_cast<double>(std::min(span.end_ns, end_ns) - start_ns) / part_ns;
    while (from < to) {
      const size_t part = std::min(num_parts - 1, static_cast<size_t>(from));
      const double stop = std::min(to, static_cast<double>(part + 1));
      covered[part] += stop - from;
      if (stop <= from) break;
      from = stop;
    }
  }
  std::vector<uint8_t> parts;
  for (const double share : covered)
    parts.push_back(static_cast<uint8_t>(std::lround(100 * std::min(1.0, share))));
  return parts;
}

std::vector<uint8_t> measured_parts(const std::vector<int64_t>& times_ns, int64_t start_ns,
                                    int64_t end_ns, size_t num_parts, int64_t step_ns,
                                    int64_t longest_ns) {
  std::vector<Span> spans;
  for (size_t i = 0; i < times_ns.size(); ++i) {
    const int64_t next_ns = i + 1 < times_ns.size() ? times_ns[i + 1] : INT64_MAX;
    const bool goes_on = next_ns != INT64_MAX && next_ns - times_ns[i] <= longest_ns;
    spans.push_back({times_ns[i], goes_on ? next_ns : times_ns[i] + std::min(step_ns, longest_ns)});
  }
  return covered_parts(spans, start_ns, end_ns, num_parts);
}

}  // namespace braid::align
