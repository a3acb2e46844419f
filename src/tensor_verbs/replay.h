// Recorded streams as they came: merged in the order of time, at any speed.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "align/stream_table.h"
#include "align/windows.h"
#include "braid/stream.h"

namespace braid::tensor_verbs {

/// One recording of a table of streams.
struct Recording {
  struct Stream {
    size_t place = 0;  // in the plan
    align::Series series;
  };
  std::string key;
  std::vector<Stream> streams;
  align::Span span;  // that windows fill, as the plan says
  int64_t num_measurements = 0;
};

/// The streams of the plan that the table has for `key`; others are left alone. Those that are cut
/// count for the span.
///
/// Errors   data: none at all, other channels than the plan's, no time in common. As
///          align::load_stream.
Recording read_recording(const align::StreamTable& table, const std::string& key,
                         const AlignPlan& plan);

/// Pushes all measurements in the order of time, then finishes. At a `speed` above 0 each comes
/// when it came, so many times as fast, and the clock goes on between them; at 0 at once. Returns
/// early once `is_stopped`.
void replay(const Recording& recording, double speed, const std::atomic<bool>& is_stopped,
            StreamPredictor* predictor);

}  // namespace braid::tensor_verbs
