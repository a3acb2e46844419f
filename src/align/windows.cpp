#include "align/windows.h"

#include <algorithm>
#include <iterator>

#include "align/columns.h"
#include "align/read_events.h"
#include "align/series.h"
#include "core/error.h"
#include "formats/table.h"

namespace braid::align {
namespace {

const char* const kSpans[] = {"common", "whole"};
constexpr int64_t kMostWindows = int64_t{1} << 24;

std::string numbered(const std::string& key, int64_t index) {
  return key.empty() ? fmt::format("{}", index) : fmt::format("{}_{}", key, index);
}

// Reads the cells that are carried over; the events have their times.
class WindowMaker {
 public:
  WindowMaker(const formats::Table& table, const EventFacts& facts,
              const EventWindowOptions& options)
      : table_(table), options_(options) {
    key_ = options.key_column.empty() ? -1 : table.column(options.key_column);
    id_ = table.column("id");
    if (id_ == key_) id_ = -1;
    for (int64_t c = 0; c < static_cast<int64_t>(table.columns().size()); ++c) {
      const std::string& name = table.columns()[static_cast<size_t>(c)];
      if (c != key_ && c != id_ && name != facts.start_column && name != facts.end_column)
        carried_.push_back(c);
    }
  }

  // Events of one key stand in the file's order, and so do the rows.
  EventWindows make(const Events& events) {
    EventWindows windows;
    windows.name = table_.name();
    windows.num_rows = table_.num_rows();
    for (const int64_t c : carried_)
      windows.columns.push_back(table_.columns()[static_cast<size_t>(c)]);
    std::map<std::string, size_t> next;
    for (int64_t row = 0; row < table_.num_rows(); ++row) {
      const std::string key(key_ < 0 ? std::string_view() : table_.cell(row, key_));
      const Event& event = events.at(key)[next[key]++];
      SampleWindow window;
      window.key = key;
      window.start_ns = event.start_ns - options_.before_ns;
      window.end_ns = event.end_ns + options_.after_ns;
      if (window.end_ns <= window.start_ns) {
        ++windows.num_empty;
        continue;
      }
      std::vector<SampleWindow>& all = windows.by_key[key];
      window.id = id_ < 0 ? numbered(key, static_cast<int64_t>(all.size()))
                          : std::string(table_.cell(row, id_));
      for (const int64_t c : carried_) window.cells.emplace_back(table_.cell(row, c));
      all.push_back(std::move(window));
    }
    return windows;
  }

 private:
  const formats::Table& table_;
  const EventWindowOptions& options_;
  int64_t key_ = -1, id_ = -1;
  std::vector<int64_t> carried_;
};

}  // namespace

const char* to_string(SpanKind kind) { return kSpans[static_cast<int>(kind)]; }

SpanKind parse_span(const std::string& name) {
  for (int i = 0; i < static_cast<int>(std::size(kSpans)); ++i)
    if (name == kSpans[i]) return static_cast<SpanKind>(i);
  throw Error(ErrorKind::usage, unknown_name("span", name, {std::begin(kSpans), std::end(kSpans)}));
}

Span span_of(const std::vector<Span>& spans, SpanKind kind) {
  if (spans.empty()) return {};
  Span all = spans[0];
  for (const Span& span : spans) {
    const bool is_common = kind == SpanKind::common;
    all.start_ns =
        is_common ? std::max(all.start_ns, span.start_ns) : std::min(all.start_ns, span.start_ns);
    all.end_ns = is_common ? std::min(all.end_ns, span.end_ns) : std::max(all.end_ns, span.end_ns);
  }
  return all;
}

std::vector<SampleWindow> fixed_windows(const std::string& key, const Span& span, int64_t length_ns,
                                        int64_t hop_ns) {
  BRAID_CHECK(length_ns > 0, usage, "--window: expected above 0, got {}",
              format_duration(length_ns));
  BRAID_CHECK(hop_ns > 0, usage, "--hop: expected above 0, got {}", format_duration(hop_ns));
  std::vector<SampleWindow> windows;
  if (span.is_empty() || span.end_ns - span.start_ns < length_ns) return windows;
  const int64_t num = (span.end_ns - span.start_ns - length_ns) / hop_ns + 1;
  BRAID_CHECK(num <= kMostWindows, data,
              "{}: windows: expected at most {}, got {}; take a longer --hop",
              key.empty() ? "streams" : key, kMostWindows, num);
  for (int64_t i = 0; i < num; ++i) {
    const int64_t start_ns = span.start_ns + i * hop_ns;
    windows.push_back({numbered(key, i), key, start_ns, start_ns + length_ns, {}});
  }
  return windows;
}

EventWindows read_event_windows(const std::string& path, const EventWindowOptions& options) {
  EventOptions read;
  read.key_column = options.key_column;
  EventFacts facts;
  const Events events = read_events(path, read, &facts);
  BRAID_CHECK(facts.rows > 0, data, "{}: expected events, got no rows; each one makes a sample",
              path);
  const formats::Table table = formats::read_table(path);
  BRAID_CHECK(table.num_rows() == facts.rows, data,
              "{}: expected a header and one event in each row, got {} events in {} rows; name the "
              "columns in the first row",
              path, facts.rows, table.num_rows());
  EventWindows windows = WindowMaker(table, facts, options).make(events);
  windows.layout = facts.layout;
  BRAID_CHECK(!windows.by_key.empty(), usage,
              "{}: expected events that last some time, got none ({}); say how much around them "
              "with --before and --after",
              path, facts.layout);
  return windows;
}

}  // namespace braid::align
