#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <utility>

#include "align/session_parts.h"
#include "align/session_text.h"
#include "core/error.h"
#include "core/thread_pool.h"

namespace braid::align {
namespace {

constexpr size_t kMostExamples = 10;

void check_session(const StreamTable& table, const SessionOptions& options) {
  BRAID_CHECK(options.rate_hz >= 0 && options.rate_hz <= 1e6, usage,
              "--rate: expected ticks a second above 0 and at most 1000000, got {}",
              options.rate_hz);
  BRAID_CHECK(options.events_path.empty() || options.window_ns == 0, usage,
              "--window: expected fixed windows or --events, got both; leave one out");
  BRAID_CHECK(options.window_ns > 0 || options.hop_ns == 0, usage,
              "--hop: expected --window with it, got none; windows need a length");
  BRAID_CHECK(
      !options.events_path.empty() || (options.before_ns == 0 && options.after_ns == 0), usage,
      "--before and --after: expected --events with them, got none; they say how much around "
      "events is taken");
  const auto known = [&](const std::string& stream, const char* option) {
    const bool is_known = stream.empty() || std::find(table.streams.begin(), table.streams.end(),
                                                      stream) != table.streams.end();
    BRAID_CHECK(is_known, usage, "{}: {}", option, unknown_name("stream", stream, table.streams));
  };
  for (const auto& [stream, method] : options.methods) {
    known(stream, "--method");
    check_method_word(method);
  }
  for (const auto& [stream, tolerance_ns] : options.tolerances_ns) {
    known(stream, "--tolerance");
    BRAID_CHECK(tolerance_ns >= 0, usage, "--tolerance: expected 0 or more, got {}",
                format_duration(tolerance_ns));
  }
  check_syncs(table, options.sync);
}

void drop(SessionPlan* plan, const std::string& reason, int64_t count, const std::string& example) {
  auto found = std::find_if(plan->dropped.begin(), plan->dropped.end(),
                            [&](const Dropped& d) { return d.reason == reason; });
  if (found == plan->dropped.end()) found = plan->dropped.insert(found, Dropped{reason, 0, {}});
  found->count += count;
  if (found->examples.size() < kMostExamples && !example.empty())
    found->examples.push_back(example);
}

void load(const StreamPlan& stream, TextFiles* texts, SessionPlan* plan, ScannedStream* scanned) {
  switch (stream.form) {
    case StreamForm::ticks:
      load_stream(*scanned->entry, plan->options.repairs, &scanned->facts);
      break;
    case StreamForm::cut:
      scanned->facts = load_media(*scanned->entry);
      break;
    case StreamForm::text:
      texts->load(*scanned->entry, scanned);
      break;
  }
}

void scan(const Sinks& sinks, SessionPlan* plan) {
  const std::vector<StreamEntry>& entries = plan->table->entries;
  std::map<std::string, const StreamPlan*> streams;
  for (const StreamPlan& stream : plan->streams) streams[stream.name] = &stream;
  TextFiles texts(*plan->table);
  std::atomic<int64_t> num_done{0};
  parallel_for(static_cast<int64_t>(entries.size()), plan->options.num_threads, [&](int64_t i) {
    ScannedStream& scanned = plan->scanned[static_cast<size_t>(i)];
    try {
      load(*streams.at(scanned.entry->stream), &texts, plan, &scanned);
    } catch (const Error& e) {
      const std::string where =
          fmt::format("{}:{}: {}", plan->table->name, scanned.entry->line, scanned.entry->label());
      if (!plan->options.skips_bad) rethrow_with(e, where);
      scanned.problem = e.what();
    }
    sinks.tick(
        {"read streams", ++num_done, static_cast<int64_t>(entries.size()), scanned.entry->label()});
  });
  for (const TextFiles::Unclaimed& rows : texts.unclaimed())
    drop(plan, fmt::format("event in {} of a recording that does not name this file", rows.file),
         rows.count, rows.key);
}

// Text alone does not say where its recording begins and ends: it narrows no span.
void find_span(const SessionPlan& plan, KeyPlan* recording) {
  std::vector<Span> spans, texts;
  bool is_any = false;
  for (size_t s = 0; s < plan.streams.size(); ++s) {
    const ScannedStream* scanned = scanned_of(plan, *recording, s);
    if (scanned == nullptr) continue;
    is_any = true;
    const Span span = scanned->facts.span();
    if (plan.streams[s].form != StreamForm::text)
      spans.push_back(span);
    else if (!span.is_empty())
      texts.push_back(span);
  }
  const bool is_text_alone = spans.empty();
  if (is_text_alone || plan.options.span == SpanKind::whole)
    spans.insert(spans.end(), texts.begin(), texts.end());
  recording->span = span_of(spans, is_text_alone ? SpanKind::whole : plan.options.span);
  if (!is_any) recording->why_none = "no stream of it could be read";
  if (recording->span.is_empty())
    recording->why_no_span = spans.empty()
                                 ? "its text has no events, and no other stream says when it is"
                                 : "the streams have no time in common; take --span whole";
}

void gather_keys(SessionPlan* plan) {
  std::map<std::string, size_t> place;
  for (const std::string& key : plan->table->keys) {
    place[key] = plan->keys.size();
    KeyPlan recording;
    recording.key = key;
    recording.streams.assign(plan->streams.size(), -1);
    plan->keys.push_back(std::move(recording));
  }
  std::map<std::string, size_t> streams;
  for (size_t s = 0; s < plan->streams.size(); ++s) streams[plan->streams[s].name] = s;
  for (size_t i = 0; i < plan->scanned.size(); ++i) {
    const StreamEntry& entry = *plan->scanned[i].entry;
    plan->keys[place[entry.key]].streams[streams[entry.stream]] = static_cast<int64_t>(i);
  }
  for (KeyPlan& recording : plan->keys) find_span(*plan, &recording);
}

void cut_at_events(SessionPlan* plan) {
  EventWindowOptions options;
  options.key_column = plan->table->key_column;
  options.before_ns = plan->options.before_ns;
  options.after_ns = plan->options.after_ns;
  EventWindows events = read_event_windows(plan->options.events_path, options);
  plan->num_events = events.num_rows;
  plan->columns = events.columns;
  if (events.num_empty > 0) drop(plan, "event that lasts no time", events.num_empty, "");
  for (KeyPlan& recording : plan->keys) {
    const auto found = events.by_key.find(recording.key);
    if (found == events.by_key.end()) {
      if (recording.why_none.empty()) recording.why_none = "no event has its key";
      continue;
    }
    if (recording.why_none.empty())
      recording.windows = std::move(found->second);
    else
      drop(plan, "event of a recording without any stream",
           static_cast<int64_t>(found->second.size()), recording.key);
    events.by_key.erase(found);
  }
  for (const auto& [key, windows] : events.by_key)
    drop(plan, "event of a recording that the table of streams has not",
         static_cast<int64_t>(windows.size()), key);
}

void cut_evenly(SessionPlan* plan) {
  const int64_t length_ns = plan->options.window_ns;
  const int64_t hop_ns = plan->options.hop_ns > 0 ? plan->options.hop_ns : length_ns;
  for (KeyPlan& recording : plan->keys) {
    if (!recording.why_none.empty()) continue;
    const Span& span = recording.span;
    recording.windows = fixed_windows(recording.key, span, length_ns, hop_ns);
    if (!recording.windows.empty()) {
      recording.tail_ns = span.end_ns - recording.windows.back().end_ns;
    } else if (span.is_empty()) {
      recording.why_none = recording.why_no_span;
    } else {
      recording.why_none =
          fmt::format("the {} span of {} is shorter than a window", to_string(plan->options.span),
                      format_duration(span.end_ns - span.start_ns));
    }
  }
}

// A timeline is one window over the whole span.
void take_whole(SessionPlan* plan) {
  for (KeyPlan& recording : plan->keys) {
    if (!recording.why_none.empty()) continue;
    if (recording.span.is_empty())
      recording.why_none = recording.why_no_span;
    else
      recording.windows = {{recording.key.empty() ? "timeline" : recording.key,
                            recording.key,
                            recording.span.start_ns,
                            recording.span.end_ns,
                            {}}};
  }
}

void count_samples(SessionPlan* plan) {
  int64_t all_ticks = 0;
  for (KeyPlan& recording : plan->keys) {
    recording.first_sample = plan->num_samples;
    plan->num_samples += static_cast<int64_t>(recording.windows.size());
    for (const SampleWindow& window : recording.windows) {
      const int64_t ticks = static_cast<int64_t>(
          ticks_of({window.start_ns, window.end_ns}, plan->options.rate_hz).size());
      all_ticks += ticks;
      plan->num_ticks = std::max(plan->num_ticks, ticks);
    }
  }
  const KeyPlan& first = plan->keys[0];
  const std::string none =
      first.key.empty() ? first.why_none : fmt::format("{}: {}", shown(first.key), first.why_none);
  BRAID_CHECK(plan->num_samples > 0, data, "{}: expected samples, got none of {} recording{}; {}",
              plan->table->name, plan->keys.size(), plan->keys.size() == 1 ? "" : "s", none);
  if (!plan->has_windows()) return;
  plan->padded_ticks = plan->num_samples * plan->num_ticks - all_ticks;
  double bytes = 0;
  for (const StreamPlan& stream : plan->streams)
    if (stream.is_on_ticks())
      bytes += 4.0 * static_cast<double>(stream.channels.size()) *
               static_cast<double>(plan->num_samples) * static_cast<double>(plan->num_ticks);
  BRAID_CHECK(bytes <= static_cast<double>(plan->options.limit_bytes), data,
              "{}: arrays: expected at most {:.1f} GB, got {:.1f} GB of {} samples with up to {} "
              "ticks; take a lower --rate, fewer windows, or events of more equal length",
              plan->table->name, static_cast<double>(plan->options.limit_bytes) * 1e-9,
              bytes * 1e-9, plan->num_samples, plan->num_ticks);
}

// A manifest cannot have two columns of one name.
void check_columns(const SessionPlan& plan) {
  std::vector<std::string> taken = {"id", "t_start", "t_end"};
  if (!key_column_of(plan).empty()) taken.push_back(key_column_of(plan));
  for (const std::string& column : plan.columns) {
    BRAID_CHECK(std::find(taken.begin(), taken.end(), column) == taken.end(), data,
                "{}: column \"{}\": expected another name, as the manifest has its own column of "
                "it; rename it",
                plan.options.events_path, column);
    taken.push_back(column);
  }
  for (const StreamPlan& stream : plan.streams)
    BRAID_CHECK(std::find(taken.begin(), taken.end(), stream.name) == taken.end(), data,
                "{}: stream \"{}\": expected another name, as the manifest has a column of it; "
                "rename the stream",
                plan.table->name, stream.name);
}

}  // namespace

const ScannedStream* scanned_of(const SessionPlan& plan, const KeyPlan& recording, size_t stream) {
  const int64_t place = recording.streams[stream];
  if (place < 0 || !plan.scanned[static_cast<size_t>(place)].is_present()) return nullptr;
  return &plan.scanned[static_cast<size_t>(place)];
}

std::vector<int64_t> ticks_of(const Span& span, double rate_hz) {
  if (rate_hz == 0) return {};
  const double length_s = static_cast<double>(span.end_ns - span.start_ns) * 1e-9;
  BRAID_CHECK(length_s * rate_hz < 2e9, data,
              "ticks: expected fewer than 2000000000 in a window, got {:.3g}; take a lower --rate "
              "or shorter windows",
              length_s * rate_hz);
  const int64_t count = static_cast<int64_t>(std::ceil(length_s * rate_hz)) + 1;
  std::vector<int64_t> ticks = sample_times(span.start_ns, rate_hz, count, "ticks");
  while (!ticks.empty() && ticks.back() >= span.end_ns) ticks.pop_back();
  return ticks;
}

SessionPlan plan_session(const StreamTable& table, const SessionOptions& options,
                         const Sinks& sinks) {
  check_session(table, options);
  SessionPlan plan;
  plan.options = options;
  plan.table = &table;
  for (const StreamEntry& entry : table.entries) {
    plan.scanned.emplace_back();
    plan.scanned.back().entry = &entry;
  }
  name_streams(&plan);
  if (options.rate_hz > 0) plan.step_ns = static_cast<int64_t>(std::llround(1e9 / options.rate_hz));
  scan(sinks, &plan);
  find_syncs(&plan, sinks);
  choose_streams(&plan);
  gather_keys(&plan);
  if (!options.events_path.empty())
    cut_at_events(&plan);
  else if (options.window_ns > 0)
    cut_evenly(&plan);
  else
    take_whole(&plan);
  check_columns(plan);
  count_samples(&plan);
  return plan;
}

}  // namespace braid::align
