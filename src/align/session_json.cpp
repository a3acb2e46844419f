#include "align/session_json.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/version.h"

namespace braid::align {
namespace {

constexpr size_t kMostGaps = 20, kMostWindows = 200;
// Upper ends of the histogram's bars, in steps of the ticks; the last bar has no end.
constexpr double kStaleness[] = {0, 0.25, 0.5, 1, 2, 4, 8, 16};

Json origins_json(const StreamStats& stats) {
  Json json = Json::object();
  for (size_t o = 0; o < kNumOrigins; ++o)
    json[to_string(static_cast<Origin>(o))] = stats.origins[o];
  return json;
}

Json missing_json(const StreamStats& stats) {
  Json json = Json::object();
  for (size_t m = 0; m < kNumMissing; ++m)
    json[to_string(static_cast<Missing>(m))] = stats.missing[m];
  return json;
}

Json staleness_json(const StreamStats& stats, int64_t step_ns) {
  const bool is_empty = stats.staleness_ns.empty();
  const auto at = [&](double share) {
    return is_empty ? Json() : Json(seconds(stats.staleness_at(share)));
  };
  Json json = {{"median_s", at(0.5)}, {"p95_s", at(0.95)}, {"max_s", at(1)}};
  Json upto = Json::array(), counts = Json::array();
  auto from = stats.staleness_ns.begin();
  for (const double steps : kStaleness) {
    const int64_t end_ns = static_cast<int64_t>(std::llround(steps * static_cast<double>(step_ns)));
    const auto to = std::upper_bound(from, stats.staleness_ns.end(), end_ns);
    upto.push_back(seconds(end_ns));
    counts.push_back(to - from);
    from = to;
  }
  counts.push_back(stats.staleness_ns.end() - from);
  json["upto_s"] = upto;
  json["counts"] = counts;
  return json;
}

Json gaps_json(const StreamStats& stats) {
  Json longest = Json::array();
  for (size_t i = 0; i < std::min(kMostGaps, stats.gaps.size()); ++i) {
    const TickGap& gap = stats.gaps[i];
    longest.push_back({{"start", seconds(gap.start_ns)},
                       {"length_s", seconds(gap.end_ns - gap.start_ns)},
                       {"ticks", gap.ticks},
                       {"reason", to_string(gap.reason)}});
  }
  int64_t rest = 0;
  for (size_t i = longest.size(); i < stats.gaps.size(); ++i) rest += stats.gaps[i].ticks;
  return {{"count", stats.gaps.size()}, {"longest", longest}, {"ticks_in_rest", rest}};
}

void add_counts(const StreamStats& stats, int64_t step_ns, Json* json) {
  (*json)["ticks"] = stats.ticks;
  (*json)["with_value"] = stats.with_value;
  (*json)["coverage"] = stats.ticks == 0 ? Json() : Json(stats.coverage());
  (*json)["origins"] = origins_json(stats);
  (*json)["missing"] = missing_json(stats);
  (*json)["partial"] = stats.partial;
  (*json)["staleness"] = staleness_json(stats, step_ns);
}

void add_counts(const CutStats& stats, Json* json) {
  (*json)["coverage"] = stats.windows == 0 ? Json() : Json(stats.coverage());
  (*json)["cut"] = {{"windows", stats.windows},
                    {"whole", stats.whole},
                    {"partly", stats.partly},
                    {"without", stats.without},
                    {"least", stats.partly == 0 ? Json() : Json(stats.least)}};
}

void add_counts(const TextStats& stats, Json* json) {
  (*json)["coverage"] = stats.windows == 0 ? Json() : Json(stats.coverage());
  (*json)["text"] = {{"windows", stats.windows},
                     {"with_text", stats.with_text},
                     {"events", stats.events},
                     {"blank", stats.blank},
                     {"in_no_window", stats.in_no_window}};
}

// Of one stream in all recordings; gaps stay with the recordings.
StreamStats together(const SessionResult& result, size_t stream) {
  StreamStats all;
  for (const std::vector<StreamStats>& recording : result.stats) {
    const StreamStats& one = recording[stream];
    all.ticks += one.ticks;
    all.with_value += one.with_value;
    all.partial += one.partial;
    for (size_t o = 0; o < kNumOrigins; ++o) all.origins[o] += one.origins[o];
    for (size_t m = 0; m < kNumMissing; ++m) all.missing[m] += one.missing[m];
    all.staleness_ns.insert(all.staleness_ns.end(), one.staleness_ns.begin(),
                            one.staleness_ns.end());
  }
  std::sort(all.staleness_ns.begin(), all.staleness_ns.end());
  return all;
}

void add_shares(const CutStats& stats, Json* json) {
  const size_t num = std::min(kMostWindows, stats.shares.size());
  (*json)["cut"]["shares"] =
      std::vector<double>(stats.shares.begin(), stats.shares.begin() + static_cast<int64_t>(num));
}
void add_shares(const TextStats&, Json*) {}

// Of a stream that is not on ticks, together and in each recording.
template <class Stats>
void report_off_ticks(const std::vector<std::vector<Stats>>& counted, size_t stream, Json* json) {
  Stats all;
  for (size_t k = 0; k < counted.size(); ++k) {
    const Stats& stats = counted[k][stream];
    all += stats;
    Json& one = (*json)["recordings"][k]["streams"][stream];
    add_counts(stats, &one);
    add_shares(stats, &one);
    one["lane"] = std::vector<int>(stats.lane.begin(), stats.lane.end());
  }
  add_counts(all, &(*json)["streams"][stream]);
}

Json samples_json(const SessionPlan& plan) {
  const SessionOptions& options = plan.options;
  Json json = {{"count", plan.num_samples},
               {"ticks", plan.num_ticks},
               {"padded_ticks", plan.padded_ticks},
               {"columns", plan.columns}};
  if (!options.events_path.empty()) {
    json["kind"] = "events";
    json["events"] = options.events_path;
    json["rows"] = plan.num_events;
    json["before_s"] = seconds(options.before_ns);
    json["after_s"] = seconds(options.after_ns);
  } else {
    json["kind"] = options.window_ns > 0 ? "windows" : "timelines";
    json["span"] = to_string(options.span);
  }
  if (options.window_ns > 0) {
    json["window_s"] = seconds(options.window_ns);
    json["hop_s"] = seconds(options.hop_ns > 0 ? options.hop_ns : options.window_ns);
  }
  json["standardized"] = options.standardizes;
  Json dropped = Json::array();
  for (const Dropped& one : plan.dropped)
    dropped.push_back({{"reason", one.reason}, {"count", one.count}, {"examples", one.examples}});
  json["dropped"] = dropped;
  return json;
}

Json stream_json(const SessionPlan& plan, const StreamPlan& stream) {
  int64_t present = 0, rows = 0, listed = 0;
  for (const ScannedStream& scanned : plan.scanned) {
    if (scanned.entry->stream != stream.name) continue;
    ++listed;
    if (!scanned.is_present()) continue;
    ++present;
    rows += scanned.facts.rows;
  }
  const bool has_tolerance = stream.is_on_ticks() && stream.tolerance_ns < INT64_MAX;
  const bool has_file = plan.has_windows() && stream.is_on_ticks() && !stream.channels.empty();
  return {{"name", stream.name},
          {"channels", stream.channels},
          {"file", has_file ? Json(stream.file) : Json()},
          {"method", stream.method_word()},
          {"method_why", stream.why},
          {"covers_step_after", stream.is_aggregate},
          {"tolerance_s", has_tolerance ? Json(seconds(stream.tolerance_ns)) : Json()},
          {"tolerance_why", stream.tolerance_why},
          {"median_step_s", seconds(stream.median_step_ns)},
          {"rows", rows},
          {"recordings", present},
          {"unreadable", listed - present},
          {"unlisted", static_cast<int64_t>(plan.keys.size()) - listed}};
}

Json scanned_json(const SessionPlan& plan, const StreamPlan& stream, int64_t place) {
  Json json = {{"name", stream.name}};
  if (place < 0) {
    json["problem"] = "not in the table";
    return json;
  }
  const ScannedStream& scanned = plan.scanned[static_cast<size_t>(place)];
  const StreamFacts& facts = scanned.facts;
  json["file"] = scanned.entry->path;
  json["problem"] = scanned.is_present() ? Json() : Json(scanned.problem);
  if (!scanned.is_present()) return json;
  int64_t blank = 0;
  for (const int64_t gaps : facts.file.gaps) blank += gaps;
  json["rows"] = facts.rows;
  json["rows_in_file"] = facts.file.rows;
  json["blank_values"] = blank;
  json["start"] = facts.rows > 0 ? Json(seconds(facts.first_ns)) : Json();
  json["end"] = facts.rows > 0 ? Json(seconds(facts.last_ns)) : Json();
  json["timing"] = facts.file.timing;
  json["clock_offset_s"] = seconds(scanned.clock_offset_ns());
  json["sync_s"] = seconds(scanned.sync_ns);
  json["nominal_hz"] = facts.nominal_hz > 0 ? Json(facts.nominal_hz) : Json();
  json["measured_hz"] = finite_or_null(facts.measured_hz);
  json["rate_ppm"] = finite_or_null(facts.rate_ppm);
  json["end_error_s"] = finite_or_null(facts.end_error_s);
  json["repairs"] = facts.repairs;
  json["findings"] = facts.findings;
  return json;
}

Json windows_json(const KeyPlan& recording) {
  Json windows = Json::array();
  for (size_t i = 0; i < std::min(kMostWindows, recording.windows.size()); ++i)
    windows.push_back(
        {seconds(recording.windows[i].start_ns), seconds(recording.windows[i].end_ns)});
  return windows;
}

// How far the ends of its streams lie apart: of one length by their clocks, they drift.
Json ends_apart(const SessionPlan& plan, const KeyPlan& recording) {
  std::vector<int64_t> ends;
  for (size_t s = 0; s < plan.streams.size(); ++s) {
    const ScannedStream* scanned = scanned_of(plan, recording, s);
    if (scanned != nullptr && plan.streams[s].form != StreamForm::text)
      ends.push_back(scanned->facts.last_ns);
  }
  if (ends.empty()) return {};
  const auto [low, high] = std::minmax_element(ends.begin(), ends.end());
  return seconds(*high - *low);
}

Json recording_json(const SessionPlan& plan, const KeyPlan& recording) {
  const Span shown = shown_span(plan, recording);
  Json streams = Json::array();
  for (size_t s = 0; s < plan.streams.size(); ++s)
    streams.push_back(scanned_json(plan, plan.streams[s], recording.streams[s]));
  return {{"key", recording.key},
          {"samples", recording.windows.size()},
          {"why_none", recording.why_none.empty() ? Json() : Json(recording.why_none)},
          {"start", seconds(shown.start_ns)},
          {"start_text", shown.start_ns == 0 ? "0 s" : format_time(shown.start_ns)},
          {"end", seconds(shown.end_ns)},
          {"unused_end_s", seconds(recording.tail_ns)},
          {"ends_apart_s", ends_apart(plan, recording)},
          {"windows", windows_json(recording)},
          {"streams", streams}};
}

}  // namespace

Json plan_json(const SessionPlan& plan, const std::string& command) {
  const bool has_rate = plan.options.rate_hz > 0;
  Json json = {{"braid", BRAID_VERSION},
               {"command", command},
               {"table", plan.table->name},
               {"key_column", key_column_of(plan)},
               {"ignored_columns", plan.table->ignored},
               {"rate_hz", has_rate ? Json(plan.options.rate_hz) : Json()},
               {"step_s", has_rate ? Json(1 / plan.options.rate_hz) : Json()},
               {"repairs", plan.options.repairs},
               {"hold_s", plan.options.hold_ns ? Json(seconds(*plan.options.hold_ns)) : Json()},
               {"samples", samples_json(plan)}};
  json["syncs"] = syncs_json(plan);
  json["streams"] = Json::array();
  for (const StreamPlan& stream : plan.streams)
    json["streams"].push_back(stream_json(plan, stream));
  json["recordings"] = Json::array();
  for (const KeyPlan& recording : plan.keys)
    json["recordings"].push_back(recording_json(plan, recording));
  return json;
}

Json session_json(const SessionPlan& plan, const SessionResult& result,
                  const std::string& command) {
  Json json = plan_json(plan, command);
  json["samples"]["without_any_value"] = result.samples_without_any;
  for (size_t s = 0; s < plan.streams.size(); ++s) {
    Json& stream = json["streams"][s];
    stream["samples_without"] =
        std::count(result.sample_has[s].begin(), result.sample_has[s].end(), false);
    if (!plan.streams[s].is_on_ticks()) {
      if (plan.streams[s].form == StreamForm::cut)
        report_off_ticks(result.cuts, s, &json);
      else
        report_off_ticks(result.texts, s, &json);
      continue;
    }
    add_counts(together(result, s), plan.step_ns, &stream);
    for (size_t k = 0; k < plan.keys.size(); ++k) {
      Json& one = json["recordings"][k]["streams"][s];
      const StreamStats& stats = result.stats[k][s];
      add_counts(stats, plan.step_ns, &one);
      one["gaps"] = gaps_json(stats);
      one["lane"] = std::vector<int>(stats.lane.begin(), stats.lane.end());
    }
  }
  return json;
}

}  // namespace braid::align
