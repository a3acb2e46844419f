// A clock that runs at another speed than the next one: fits of the line between both, and times
// taken from one to the other.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "align/clock_offset.h"
#include "align/series.h"

namespace braid::align {

/// b's time = a's time + offset_ns + drift (a's time - reference_ns). The reference lies among the
/// times, so that nothing is lost to doubles when those are since 1970.
struct ClockLine {
  int64_t reference_ns = 0;
  int64_t offset_ns = 0;  // b's clock minus a's, at the reference
  double drift = 0;       // how much more b's clock runs: 2e-5 = 20 ppm

  /// b's time, rounded. Errors: data, beyond int64.
  int64_t at(int64_t a_ns) const;
};

/// The line from b's times to a's. Errors: usage, a drift of -1 or below.
ClockLine inverse(const ClockLine& line);

/// `series` with its times mapped by the line; `find_offset` and the fits give a to b: to have b on
/// a's clock apply the inverse.
///
/// Errors   shape, data: as check(), of the result too (a clock so slow that two times become one).
///          usage: a drift that is not a number above -1.
Series apply_clock(const Series& series, const ClockLine& line);
/// The same with the reference at the first measurement.
Series apply_clock(const Series& series, int64_t offset_ns, double drift);

struct DriftOptions {
  double most_drift = 0.05;  // beyond, it is no clock's drift, and not reliable
  uint64_t seed = 1;         // which 600 of more pairs start the fit
};

struct DriftFit {
  ClockLine line;
  double half_width = 0;  // of the 95 % interval of line.drift; infinite where it is not known
  int64_t spread_ns = 0;  // median absolute deviation of the residuals
  int64_t num_pairs = 0;
  int64_t num_outliers = 0;  // farther from the line than 4.7 deviations
  bool is_reliable = false;
  std::string reason;  // why not; empty where it is

  double drift_ppm() const { return line.drift * 1e6; }
};

/// The line through pairs of times of the same events, of which some are wrong (of 50 a fifth, of
/// 500 a third, even all on one side): Siegel's repeated median over (up to 600 of) the pairs, then
/// Tukey's biweight over all. Not reliable: fewer than 4 pairs or 3 times, more than 40 % outliers,
/// too great a drift. One pair gives its offset and no drift.
///
/// Missing  a pair with kNever is left out; no pair is not reliable.
/// Errors   shape: not as many of both. data: a time beyond 146 years.
/// Cost     O(N), and 360000 slopes.
/// Source   Siegel, Biometrika 69, 1982; Yohai, Ann. Stat. 15, 1987 (the interval: errors are taken
///          as independent from pair to pair).
DriftFit fit_drift(const std::vector<int64_t>& a_ns, const std::vector<int64_t>& b_ns,
                   const DriftOptions& options = {});

/// The line below pairs whose b is late by a delay of 0 or more (device time, arrival at the host):
/// of all lines that no pair lies below the one with the least sum of delays. The offset has the
/// least delay in it. Pairs far below the robust line are outliers, left out. The interval, from
/// up to ten interleaved parts, is wide: five to eight times what it has to be. Not reliable: fewer
/// than 15 pairs, more than 10 % outliers, too great a drift.
///
/// Missing, Errors   as fit_drift().
/// Cost     O(N log N), and what fit_drift() costs.
/// Source   Moon, Skelly and Towsley, INFOCOM 1999.
DriftFit fit_drift_below(const std::vector<int64_t>& a_ns, const std::vector<int64_t>& b_ns,
                         const DriftOptions& options = {});

struct WindowOptions {
  OffsetOptions offset;  // how far a window searches; expected_ns is that of the start
  int64_t window_ns = 60000000000;
  int64_t hop_ns = 0;  // 0 = the window
  DriftOptions fit;
};

struct OffsetWindow {
  int64_t middle_ns;  // on a's clock
  Offset offset;
};

struct WindowedDrift {
  DriftFit fit;  // over the reliable windows
  std::vector<OffsetWindow> windows;
};

/// find_offset in windows along a, each around the median of the last three reliable offsets, then
/// fit_drift over the reliable ones.
///
/// Missing  as find_offset() and fit_drift().
/// Errors   as find_offset(); usage: a window or hop out of range, or more than 100000 windows.
WindowedDrift find_drift(const Series& a, const Series& b, const WindowOptions& options = {});

}  // namespace braid::align
