// Constant offsets between the streams of a session, found in the streams themselves.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "align/clock_offset.h"

namespace braid::align {

/// Over what an offset is the same:
///   each        every recording has its own, found in it alone: clocks started by hand.
///   together    one for all, the peak of the sum of their correlations (find_offset() of clips,
///               without what all recordings have in common: leave_out_common()): one setup, as a
///               camera whose sound is always late. Needs no recording that is long enough by
///               itself.
///   automatic   each where at least half of the recordings are reliable by themselves; else
///               together, where that is reliable and at least half of the recordings' own highest
///               peaks lie within a quarter of max_offset of it (of unrelated ones a quarter
///               would); else none: a few that are reliable among many that are not may be so by
///               chance.
///   none        nothing is moved; a result alone.
enum class SyncAcross { automatic, each, together, none };
const char* to_string(SyncAcross across);
/// "auto", "each", "together". Errors: usage, with the nearest known name.
SyncAcross parse_sync_across(const std::string& name);

struct SyncOptions {
  std::vector<std::pair<std::string, std::string>> pairs;  // stream, its reference
  int64_t max_offset_ns = 1000000000;                      // to both sides
  SyncAcross across = SyncAcross::automatic;
};

/// One recording that has both streams.
struct SyncRecording {
  std::string key;
  Offset own;           // stream less reference, by this recording alone
  std::string problem;  // why it was not looked at: no such stream, or it could not be read
};

struct SyncFound {
  std::string stream, reference;
  SyncAcross across = SyncAcross::each;   // what was done: each, together or none
  std::string across_why;                 // "4 of 5 recordings are reliable alone"
  std::vector<SyncRecording> recordings;  // as the table's keys
  int64_t num_compared = 0;               // that have both streams
  int64_t num_reliable = 0;               // by themselves
  bool has_together = false;              // whether it was looked for
  Offset together;
  double common_stream = 0, common_reference = 0;  // shares that were left out for it
  int64_t near_ns = 0, num_near = 0;               // own peaks within near_ns of `together`
  int64_t num_moved = 0;                           // recordings whose stream was moved
  std::string reason;  // why some or all keep their times; "" where none does
};

}  // namespace braid::align
