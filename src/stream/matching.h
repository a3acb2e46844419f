// Frames without a timeline: measurements of several streams that belong together.
#pragma once
#include <cstdint>
#include <vector>

#include "stream/ring.h"

namespace braid::stream {

/// One measurement of each stream that has one.
struct Match {
  int64_t time_ns = 0;        // of the pivot
  std::vector<int64_t> rows;  // (streams) index in the stream's ring; -1 where it has none
};

/// The next match, from what is final: all measurements before `final_ns` (the watermark; INT64_MAX
/// where no more come).
///
/// Let t0 be the oldest measurement. The streams that have one within the tolerance after t0 take
/// part; the pivot is the latest of their oldest measurements. Of all ways to choose one
/// measurement of each of these streams, the pivot among them, the one that spans the shortest time
/// is taken; of equal ones the one with fewer measurements after the pivot. The span is never more
/// than the tolerance. With a tolerance of 0 measurements match whose times are equal.
///
/// Returns  false where a measurement that may still come could change the match, or there is none.
/// Cost     O(S^2) of S streams, and the rows looked at.
/// Source   close to the policies ExactTime and ApproximateTime of ROS' message_filters, which have
/// no
///          bound on the span and wait for every stream.
bool find_match(const std::vector<const Ring*>& rings, int64_t final_ns, int64_t tolerance_ns,
                Match* match);

}  // namespace braid::stream
