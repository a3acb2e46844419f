// The constant offset between the clocks of two streams that see the same events.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "align/series.h"

namespace braid::align {

/// sqrt(mean over channels and measurements with |t_i - t| <= window / 2 of (x - the channel's
/// mean)^2) at ticks `step_ns` apart from the first measurement on: the loudness of a sound. The
/// window lies evenly about t, so the envelope is not late.
///
/// Missing  NaN is no measurement; a window without any gives NaN.
/// Errors   as check(); usage: window or step not above 0.
/// Cost     O(N C + T).
Series rms_envelope(const Series& series, int64_t window_ns, int64_t step_ns);

/// sqrt(sum over channels of (x_{i+1} - x_i)^2) / (t_{i+1} - t_i), per second, half-way between
/// both times: how fast something moves. Of one channel it is the absolute derivative.
///
/// Missing  NaN in any channel of either measurement gives NaN.
/// Errors   as check().
Series speed_envelope(const Series& series);

struct OffsetOptions {
  // Behaviour.
  int64_t max_offset_ns = 5000000000;  // the search goes this far to both sides of expected_ns
  int64_t expected_ns = 0;             // b's clock minus a's as far as it is known
  int64_t step_ns = 0;                 // of the common grid; 0 = the smaller of both median steps
  int64_t min_overlap_ns = 0;     // at a lag, all clips together; 0 = half of the shorter stream
  std::string method = "linear";  // puts both on the grid (align.h)
  int64_t tolerance_ns = 0;       // of that method; 0 = four median steps: longer gaps are left out
  bool uses_differences =
      false;  // correlates steps of the grid instead of values: for streams that
              // wander (a random walk goes with any other); needs little noise
  // What is reliable.
  double least_correlation = 0.1;
  double most_second = 0.85;  // of the second-best peak, as a share of the best
  double least_z = 2;         // see Offset::z
};

struct Offset {
  /// b's clock minus a's: what shows t on a's clock shows t + offset on b's. Subtract it from b's
  /// times to have them on a's clock.
  int64_t offset_ns = 0;
  int64_t uncertainty_ns = 0;  // one standard deviation, by leaving out a twelfth in turn
  double correlation = 0;      // at the peak: Pearson's, over what overlaps there
  double second = 0;           // the best other local maximum outside the main lobe, 0 if none
  /// How far the peak lies above the largest that unrelated streams of the same spectra would have
  /// over as many lags, in their standard deviations.
  double z = 0;
  int64_t overlap_ns = 0;  // at the peak, all clips together
  int64_t num_clips = 0;   // that had something to compare
  bool is_reliable = false;
  std::string reason;  // why not; empty where it is
};

/// The lag at which the cross-correlation of both is greatest, with a parabola through the peak.
/// Not reliable: an empty or constant stream, too little overlap, a peak at the edge of the search
/// range, below least_correlation, no higher than chance or than another peak. Where no lag could
/// be compared, the offset is `expected_ns` and its uncertainty `max_offset_ns`.
///
/// Missing  NaN and gaps are left out, lag by lag; an empty stream is not reliable.
/// Errors   shape, data: as check(). shape: more than one channel. usage: options out of range, a
///          grid of more than 2^24 ticks. config: an unknown method.
/// Cost     O(T log T), 12 FFTs, T the ticks of both streams; up to 81 T for the uncertainty.
/// Source   Knapp and Carter, IEEE Trans. ASSP 24, 1976; Bartlett, J. R. Stat. Soc. 98, 1935 (z).
Offset find_offset(const Series& a, const Series& b, const OffsetOptions& options = {});

/// The same of several recordings (a, b) with one offset in common: products and squares are added
/// up over clips, each standardised by its own streams, so that one decides what another leaves
/// open.
Offset find_offset(const std::vector<std::pair<Series, Series>>& clips,
                   const OffsetOptions& options = {});

}  // namespace braid::align
