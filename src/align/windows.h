// Which stretches of a recording become samples: windows at a fixed hop, or around events.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace braid::align {

/// One sample: what lies in [start, end).
struct SampleWindow {
  std::string id;
  std::string key;
  int64_t start_ns = 0, end_ns = 0;
  std::vector<std::string> cells;  // of the carried columns
};

/// A stretch of time; empty where end is not after start.
struct Span {
  int64_t start_ns = 0, end_ns = 0;
  bool is_empty() const { return end_ns <= start_ns; }
};

enum class SpanKind { common, whole };  // of all streams together, from the first to the last
const char* to_string(SpanKind kind);
/// Errors: usage, with the nearest known name.
SpanKind parse_span(const std::string& name);

/// Where all of them are, or any. Empty where there are none.
Span span_of(const std::vector<Span>& spans, SpanKind kind);

/// Windows of `length_ns` from the span's start on, `hop_ns` apart, as long as they end within it.
/// Their ids are "KEY_0", "KEY_1", ..., or "0", "1", ... without a key.
///
/// Errors   usage: length or hop not above 0. data: more than 2^24 windows.
std::vector<SampleWindow> fixed_windows(const std::string& key, const Span& span, int64_t length_ns,
                                        int64_t hop_ns);

struct EventWindowOptions {
  std::string key_column;  // as the table of streams has it; "" = all belong to one recording
  int64_t before_ns = 0, after_ns = 0;  // are taken in before the start and after the end
};

struct EventWindows {
  std::string name;                  // the file
  std::vector<std::string> columns;  // that are carried over: all but key, start, end and id
  std::map<std::string, std::vector<SampleWindow>> by_key;
  int64_t num_rows = 0;
  int64_t num_empty = 0;  // events that last no time, left out
  std::string layout;     // "start t_start, end t_end, key participant"
};

/// Events of a table as windows [start - before, end + after). The column `id` names them where
/// there is one; all but key, start and end are carried over.
///
/// Errors   as read_events(). usage: no event lasts any time. data: no rows.
EventWindows read_event_windows(const std::string& path, const EventWindowOptions& options = {});

}  // namespace braid::align
