#include "align/session_text.h"

#include <algorithm>
#include <limits>

#include "align/columns.h"
#include "align/series_parts.h"

namespace braid::align {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

void check_read(const std::string& path, const ReadOptions& read) {
  BRAID_CHECK(read.rate_hz == 0, usage,
              "{}: rate_hz: expected none for text, as events have times of their own, got {}; "
              "leave the cell empty",
              path, read.rate_hz);
  refuse_start(path, read);
  BRAID_CHECK(read.channels.size() < 2, usage,
              "{}: channels: expected one column of text at most, got {} ({}); make a stream of "
              "each",
              path, read.channels.size(), list_names(read.channels));
}

EventOptions options_of(const ReadOptions& read, const std::string& key_column) {
  EventOptions options;
  options.start_column = read.time_column;
  if (!read.channels.empty()) options.text_column = read.channels[0];
  options.key_column = key_column;
  options.is_key_optional = true;
  options.unit = read.unit;
  options.limit_rows = read.limit_rows;
  options.limit_bytes = read.limit_bytes;
  return options;
}

bool is_blank(const Event& event) { return trimmed(event.text).empty(); }

// What the facts say of a recording's events, on the session's clock.
void describe_events(const EventFacts& file, const StreamEntry& entry,
                     const std::vector<Event>& events, StreamFacts* facts) {
  facts->measured_hz = facts->rate_ppm = facts->end_error_s = kUnknown;
  facts->rows = static_cast<int64_t>(events.size());
  facts->file.name = entry.path;
  facts->file.layout = file.layout;
  facts->file.timing = file.timing;
  facts->file.rows = file.rows;
  facts->file.channels = {file.text_column.empty() ? "text" : file.text_column};
  facts->file.gaps = {std::count_if(events.begin(), events.end(), is_blank)};
  const auto moved = [&](int64_t time_ns) {
    return add_times(time_ns, entry.read.clock_offset_ns, entry.path + ": clock offset");
  };
  for (const Event& event : events) {
    if (&event == &events[0]) facts->first_ns = moved(event.start_ns);
    const int64_t end_ns = moved(event.end_ns);
    facts->last_ns = &event == &events[0] ? end_ns : std::max(facts->last_ns, end_ns);
    facts->end_ns = facts->last_ns;
    if (facts->end_ns == moved(event.start_ns)) ++facts->end_ns;  // it takes no time
  }
  if (events.empty())
    facts->findings.push_back(fmt::format(
        "{}: expected events, got none{}; every window is without text", entry.path,
        file.key_column.empty() ? ""
                                : fmt::format(" with {} {}", file.key_column, shown(entry.key))));
}

}  // namespace

TextFiles::TextFiles(const StreamTable& table) : key_column_(table.key_column) {
  for (const StreamEntry& entry : table.entries) ++num_entries_[{entry.stream, entry.path}];
}

TextFiles::File& TextFiles::file_of(const StreamEntry& entry) {
  const ReadOptions& read = entry.read;
  const std::string text = read.channels.empty() ? "" : read.channels[0];
  const auto [place, is_new] = files_.try_emplace({entry.path, read.time_column, text, read.unit});
  File& file = place->second;
  if (is_new) {
    try {
      file.events = read_events(entry.path, options_of(read, key_column_), &file.facts);
      const bool has_columns = !file.facts.layout.empty();
      BRAID_CHECK(!has_columns || !file.facts.text_column.empty(), data,
                  "{}: text: expected a column named as texts are (text, word, label, ...), got "
                  "none besides {}; name it in the column \"channels\" of the table of streams",
                  entry.path, file.facts.layout);
    } catch (const Error& e) {
      file.error = e;
    }
  }
  if (file.error) throw Error(*file.error);
  return file;
}

void TextFiles::load(const StreamEntry& entry, ScannedStream* scanned) {
  check_read(entry.path, entry.read);
  StreamFacts facts;
  const std::lock_guard<std::mutex> lock(mutex_);
  File& file = file_of(entry);
  const bool has_key = !file.facts.key_column.empty();
  const std::string key = has_key ? entry.key : "";
  const auto found = file.events.find(key);
  file.claimed.insert(key);
  if (found != file.events.end()) scanned->events = found->second;
  describe_events(file.facts, entry, scanned->events, &facts);
  const int64_t num = num_entries_.at({entry.stream, entry.path});
  if (!has_key && num > 1 && !scanned->events.empty())
    facts.findings.push_back(
        fmt::format("{}: no column \"{}\" says whose events these are: all of them count for each "
                    "of {} recordings",
                    entry.path, key_column_, num));
  scanned->facts = std::move(facts);
}

std::vector<TextFiles::Unclaimed> TextFiles::unclaimed() const {
  std::vector<Unclaimed> rows;
  for (const auto& [place, file] : files_)
    for (const auto& [key, events] : file.events)
      if (file.claimed.count(key) == 0)
        rows.push_back({std::get<0>(place), key, static_cast<int64_t>(events.size())});
  return rows;
}

std::vector<Span> event_spans(const ScannedStream& scanned, int64_t shortest_ns) {
  std::vector<Span> spans;
  for (const Event& event : scanned.events) {
    Span span = {saturating_add(event.start_ns, scanned.clock_offset_ns()),
                 saturating_add(event.end_ns, scanned.clock_offset_ns())};
    if (span.is_empty()) span.end_ns = saturating_add(span.start_ns, shortest_ns);
    spans.push_back(span);
  }
  return spans;
}

std::vector<std::string> text_cells(const ScannedStream* scanned,
                                    const std::vector<SampleWindow>& windows, TextStats* stats) {
  std::vector<std::string> cells(windows.size());
  stats->windows += static_cast<int64_t>(windows.size());
  if (scanned == nullptr) return cells;
  // What takes no time lasts for 1 ns here: it overlaps what it lies in, and starts no window late.
  const std::vector<Span> spans = event_spans(*scanned, /*shortest_ns=*/1);
  std::vector<int64_t> ends_ns;  // of all events up to one: where to begin to look
  for (const Span& span : spans)
    ends_ns.push_back(ends_ns.empty() ? span.end_ns : std::max(ends_ns.back(), span.end_ns));
  std::vector<bool> is_used(spans.size(), false);
  for (size_t w = 0; w < windows.size(); ++w) {
    const auto first = std::upper_bound(ends_ns.begin(), ends_ns.end(), windows[w].start_ns);
    for (auto i = static_cast<size_t>(first - ends_ns.begin());
         i < spans.size() && spans[i].start_ns < windows[w].end_ns; ++i) {
      if (spans[i].end_ns <= windows[w].start_ns) continue;
      is_used[i] = true;
      if (is_blank(scanned->events[i])) continue;
      if (!cells[w].empty()) cells[w] += ' ';
      cells[w] += trimmed(scanned->events[i].text);
    }
    if (!cells[w].empty()) ++stats->with_text;
  }
  stats->events += static_cast<int64_t>(spans.size());
  stats->blank += std::count_if(scanned->events.begin(), scanned->events.end(), is_blank);
  stats->in_no_window += std::count(is_used.begin(), is_used.end(), false);
  return cells;
}

}  // namespace braid::align
