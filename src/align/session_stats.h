// What a stream has at the ticks of a recording, counted: origins, reasons for gaps, staleness.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "align/align.h"
#include "align/windows.h"

namespace braid::align {

/// Why a tick has no value.
enum class Missing : uint8_t { absent, before_start, after_end, gap, blank };
constexpr size_t kNumMissing = 5, kNumOrigins = 5;
const char* to_string(Missing reason);

/// Ticks in a row without a value.
struct TickGap {
  int64_t start_ns = 0, end_ns = 0;  // the first one, and a step after the last one
  int64_t ticks = 0;
  Missing reason = Missing::gap;  // of the first one
};

/// Of one stream in one recording. A tick has a value where any channel has.
struct StreamStats {
  int64_t ticks = 0, with_value = 0;
  std::array<int64_t, kNumOrigins> origins{};  // by Origin, of the first channel that has a value
  std::array<int64_t, kNumMissing> missing{};  // by Missing
  int64_t partial = 0;  // ticks at which some channels have a value and some have none
  std::vector<int64_t> staleness_ns;  // ascending; below 0: a measurement after the tick was used
  std::vector<TickGap> gaps;          // the longest first
  std::vector<uint8_t> lane;  // percent of equal parts of the recording in which it was measured

  double coverage() const {
    return ticks == 0 ? 0 : static_cast<double>(with_value) / static_cast<double>(ticks);
  }
  /// 0 of none.
  int64_t staleness_at(double share) const;
};

/// Of a stream that is cut, in one recording or in all: how much of each window its file covers.
struct CutStats {
  int64_t windows = 0, whole = 0, partly = 0, without = 0;
  double window_s = 0, covered_s = 0;
  double least = 1;            // share of the least covered window among those covered partly
  std::vector<double> shares;  // of each window in turn
  std::vector<uint8_t> lane;   // as StreamStats has it

  double coverage() const { return window_s > 0 ? covered_s / window_s : 0; }
  void add(int64_t window_ns, int64_t covered_ns);
  CutStats& operator+=(const CutStats& other);  // shares one after the other; no lane
};

/// Of a stream of text, in one recording or in all.
struct TextStats {
  int64_t windows = 0, with_text = 0;
  int64_t events = 0;
  int64_t blank = 0;          // of them without a text
  int64_t in_no_window = 0;   // of them
  std::vector<uint8_t> lane;  // as StreamStats has it: where events are

  double coverage() const {
    return windows == 0 ? 0 : static_cast<double>(with_text) / static_cast<double>(windows);
  }
  TextStats& operator+=(const TextStats& other);  // no lane
};

/// What the counts need besides the values.
struct GridFacts {
  int64_t step_ns = 0;
  int64_t tolerance_ns = 0;
  int64_t late_ns =
      0;  // so much after its tick a value is taken: all but 1 ns of an aggregate's step
  bool is_aggregate = false;
};

/// Counts of `aligned`, what `series` gave at ascending `ticks_ns`.
StreamStats count_ticks(const Series& series, const Aligned& aligned,
                        const std::vector<int64_t>& ticks_ns, const GridFacts& facts);

/// Of a stream that is not there.
StreamStats count_absent(int64_t num_ticks);

/// Percent of each of `num_parts` equal parts of [start, end) that the spans cover.
std::vector<uint8_t> covered_parts(const std::vector<Span>& spans, int64_t start_ns, int64_t end_ns,
                                   size_t num_parts);

/// Percent of each of `num_parts` equal parts of [start, end) within which the stream was measured:
/// between neighbours at most `longest_ns` apart, and for `step_ns` (at most that) after one that
/// stands alone.
std::vector<uint8_t> measured_parts(const std::vector<int64_t>& times_ns, int64_t start_ns,
                                    int64_t end_ns, size_t num_parts, int64_t step_ns,
                                    int64_t longest_ns);

}  // namespace braid::align
