// Which streams are cut or text, and by what method and tolerance the others are put on ticks.
#include <algorithm>
#include <utility>

#include "align/columns.h"
#include "align/session_parts.h"
#include "core/error.h"

namespace braid::align {
namespace {

// The cell that a column of the table has for a stream: the first one, which the others repeat.
template <class T, class Get>
T agreed(const SessionPlan& plan, const std::string& stream, const char* column, const T& none,
         const Get& get) {
  const StreamEntry* first = nullptr;
  for (const ScannedStream& scanned : plan.scanned) {
    if (scanned.entry->stream != stream || get(*scanned.entry) == none) continue;
    if (first == nullptr) first = scanned.entry;
    BRAID_CHECK(get(*first) == get(*scanned.entry), data,
                "{}:{}: {}: expected what line {} says of stream {}, got another; recordings have "
                "to be aligned alike",
                plan.table->name, scanned.entry->line, column, first->line, stream);
  }
  return first == nullptr ? none : get(*first);
}

int64_t middle_of(std::vector<int64_t> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string rate_text(int64_t step_ns) {
  return step_ns > 0 ? fmt::format("a median step of {}", format_duration(step_ns))
                     : "a single measurement";
}

// The word for a stream and who said it; "" where nobody did.
std::string said_of(const SessionPlan& plan, const std::string& stream, std::string* why) {
  const auto& given = plan.options.methods;
  const std::string in_table = agreed<std::string>(plan, stream, "method", "",
                                                   [](const StreamEntry& e) { return e.method; });
  if (given.count(stream) > 0) {
    *why = "as given for the stream";
    return given.at(stream);
  }
  if (!in_table.empty()) {
    *why = "as the table says";
    return in_table;
  }
  if (given.count("") == 0) return "";
  *why = "as given for all streams";
  return given.at("");
}

void choose_method(const SessionPlan& plan, StreamPlan* stream) {
  const int64_t step_ns = stream->median_step_ns;
  std::string name = said_of(plan, stream->name, &stream->why);
  if (name.empty()) {
    const bool is_slower = step_ns > plan.step_ns;
    name = is_slower ? "linear" : "mean";
    stream->why =
        fmt::format("{} is {} a tick's {}", rate_text(step_ns),
                    is_slower ? "longer than" : "not longer than", format_duration(plan.step_ns));
  }
  stream->method = &find(name);
}

void choose_tolerance(const SessionPlan& plan, StreamPlan* stream) {
  const auto& given = plan.options.tolerances_ns;
  const std::optional<int64_t> in_table =
      agreed<std::optional<int64_t>>(plan, stream->name, "tolerance", std::nullopt,
                                     [](const StreamEntry& e) { return e.tolerance_ns; });
  const bool has_own = given.count(stream->name) > 0;
  if (!has_own && in_table) {
    stream->tolerance_ns = *in_table;
    stream->tolerance_why = "as the table says";
  } else if (has_own || given.count("") > 0) {
    stream->tolerance_ns = given.at(has_own ? stream->name : "");
    stream->tolerance_why = has_own ? "as given for the stream" : "as given for all streams";
  } else {
    const int64_t step_ns = stream->median_step_ns > 0 ? stream->median_step_ns : plan.step_ns;
    stream->tolerance_ns = step_ns > INT64_MAX / 3 ? INT64_MAX : step_ns / 2 * 5;
    stream->tolerance_why = stream->median_step_ns > 0 ? "2.5 times the median step"
                                                       : "2.5 times the step of the ticks";
  }
}

// Recordings have to have the same channels; one that has others is refused.
void agree_channels(SessionPlan* plan, StreamPlan* stream) {
  const StreamEntry* first = nullptr;
  for (ScannedStream& scanned : plan->scanned) {
    if (scanned.entry->stream != stream->name || !scanned.is_present()) continue;
    const std::vector<std::string>& channels = scanned.facts.file.channels;
    if (first == nullptr) {
      first = scanned.entry;
      stream->channels = channels;
    }
    if (channels.size() == stream->channels.size()) continue;
    const std::string problem = fmt::format(
        "{}: expected {} channel{} as {} has, got {} ({}); name those that all have in the column "
        "\"channels\"",
        scanned.entry->path, stream->channels.size(), stream->channels.size() == 1 ? "" : "s",
        first->path, channels.size(), list_names(channels));
    if (!plan->options.skips_bad)
      fail(ErrorKind::data, "{}:{}: {}: {}", plan->table->name, scanned.entry->line,
           scanned.entry->label(), problem);
    scanned.problem = problem;
  }
}

// A stream to be cut has to be sound or video in every recording.
void check_media(const SessionPlan& plan, const StreamPlan& stream) {
  const StreamEntry* first = nullptr;
  for (const ScannedStream& scanned : plan.scanned) {
    const StreamEntry& entry = *scanned.entry;
    if (entry.stream != stream.name) continue;
    const MediaKind kind = media_kind(entry.path);
    const std::string where = fmt::format("{}:{}: {}", plan.table->name, entry.line, entry.label());
    BRAID_CHECK(kind != MediaKind::none, usage,
                "{}: expected sound or video to cut, got {}; say which streams are cut, as in "
                "--method audio=cut",
                where, entry.path);
    if (first == nullptr) first = &entry;
    BRAID_CHECK(media_kind(first->path) == kind, data,
                "{}: expected {} as line {} has, got {} ({}); give them two names", where,
                to_string(media_kind(first->path)), first->line, to_string(kind), entry.path);
  }
}

// One of text has to be a table in every recording.
void check_tables(const SessionPlan& plan, const StreamPlan& stream) {
  for (const ScannedStream& scanned : plan.scanned) {
    const StreamEntry& entry = *scanned.entry;
    BRAID_CHECK(entry.stream != stream.name || delimiter_of(entry.path) != '\0', usage,
                "{}:{}: {}: expected a table of events with text (.csv, .tsv, .tab), got {}; say "
                "which streams are text, as in --method words=text",
                plan.table->name, entry.line, entry.label(), entry.path);
  }
  for (const auto& [synced, reference] : plan.options.sync.pairs)
    BRAID_CHECK(
        synced != stream.name && reference != stream.name, usage,
        "--sync: expected sound, video or a series, got {}, which is text: how loud or fast "
        "it is nobody knows; give what it is late by in the column \"offset\"",
        stream.name);
}

// What is not put on ticks needs windows, and has no use for what is said of ticks.
void check_off_ticks(const SessionPlan& plan, const StreamPlan& stream) {
  const bool is_cut = stream.form == StreamForm::cut;
  if (is_cut)
    check_media(plan, stream);
  else
    check_tables(plan, stream);
  BRAID_CHECK(plan.has_windows(), usage,
              "stream {}: expected windows {} ({}), got timelines, which have values alone; give "
              "--window or --events",
              stream.name, is_cut ? "to cut it into" : "to take its text in", stream.why);
  BRAID_CHECK(plan.options.tolerances_ns.count(stream.name) == 0, usage,
              "--tolerance: expected a stream on ticks, got {}, which is {}; leave it out",
              stream.name, to_string(stream.form));
  for (const ScannedStream& scanned : plan.scanned)
    BRAID_CHECK(scanned.entry->stream != stream.name || !scanned.entry->tolerance_ns, usage,
                "{}:{}: tolerance: expected a stream on ticks, got {}, which is {}; leave the cell "
                "empty",
                plan.table->name, scanned.entry->line, stream.name, to_string(stream.form));
}

}  // namespace

void name_streams(SessionPlan* plan) {
  for (const std::string& name : plan->table->streams) {
    StreamPlan stream;
    stream.name = name;
    const std::string word = said_of(*plan, name, &stream.why);
    const bool has_video =
        std::any_of(plan->scanned.begin(), plan->scanned.end(), [&](const ScannedStream& scanned) {
          return scanned.entry->stream == name &&
                 media_kind(scanned.entry->path) == MediaKind::video;
        });
    stream.form = has_video ? StreamForm::cut : form_of(word);
    if (has_video && form_of(word) != StreamForm::cut) {
      BRAID_CHECK(word.empty() || stream.why == "as given for all streams", usage,
                  "stream {}: method: expected {}, got {}: video has no value at a tick", name,
                  to_string(StreamForm::cut), word);
      stream.why = "video has no value at a tick";
    }
    if (!stream.is_on_ticks()) check_off_ticks(*plan, stream);
    plan->streams.push_back(std::move(stream));
  }
  const bool has_ticks = std::any_of(plan->streams.begin(), plan->streams.end(),
                                     [](const StreamPlan& stream) { return stream.is_on_ticks(); });
  BRAID_CHECK(plan->options.rate_hz > 0 || !has_ticks, usage,
              "--rate: expected how many ticks a second, got none; give --rate 25 or so");
  BRAID_CHECK(has_ticks || (!plan->options.standardizes && !plan->options.hold_ns), usage,
              "{}: expected a stream with ticks to do that to, got none; leave it out",
              plan->options.standardizes ? "--standardize" : "--hold");
}

void choose_streams(SessionPlan* plan) {
  std::vector<std::string> files;
  for (StreamPlan& stream : plan->streams) {
    agree_channels(plan, &stream);
    std::vector<int64_t> steps;
    for (const ScannedStream& scanned : plan->scanned)
      if (scanned.entry->stream == stream.name && scanned.facts.median_step_ns > 0)
        steps.push_back(scanned.facts.median_step_ns);
    stream.median_step_ns = middle_of(std::move(steps));
    if (!stream.is_on_ticks()) continue;
    choose_method(*plan, &stream);
    choose_tolerance(*plan, &stream);
    stream.is_aggregate = is_aggregate(*stream.method);
    stream.file = file_stem(stream.name) + ".series.npy";
    while (std::find(files.begin(), files.end(), stream.file) != files.end())
      stream.file.insert(0, "_");
    files.push_back(stream.file);
  }
}

}  // namespace braid::align
