#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>

#include "align/session_cut.h"
#include "align/session_text.h"
#include "core/error.h"
#include "core/file.h"
#include "core/thread_pool.h"
#include "formats/npy.h"
#include "formats/table.h"

namespace braid::align {
namespace {

constexpr size_t kLaneParts = 300;                // of a recording, in drawings
constexpr int64_t kMostTicks = int64_t{1} << 28;  // of one recording
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// A file that is written piece by piece.
class Output {
 public:
  explicit Output(const std::string& path) : path_(path), file_(path, std::ios::binary) { check(); }
  void write(std::string_view bytes) {
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    check();
  }
  void write(const std::vector<float>& values) {
    write({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  }
  void close() {
    file_.close();
    check();
  }

 private:
  void check() const {
    BRAID_CHECK(file_.good(), io,
                "{}: cannot write; is the disk full, or the folder not yours to write?", path_);
  }
  std::string path_;
  std::ofstream file_;
};

// The ticks of all windows of a recording, each once.
std::vector<int64_t> all_ticks(const KeyPlan& recording, double rate_hz) {
  std::vector<int64_t> ticks;
  for (const SampleWindow& window : recording.windows) {
    const std::vector<int64_t> own = ticks_of({window.start_ns, window.end_ns}, rate_hz);
    ticks.insert(ticks.end(), own.begin(), own.end());
    BRAID_CHECK(static_cast<int64_t>(ticks.size()) <= kMostTicks, data,
                "{}: expected at most {} ticks in a recording, got more; take a lower --rate or "
                "fewer windows",
                recording.key.empty() ? "streams" : recording.key, kMostTicks);
  }
  std::sort(ticks.begin(), ticks.end());
  ticks.erase(std::unique(ticks.begin(), ticks.end()), ticks.end());
  return ticks;
}

float to_float(double value, const StreamPlan& stream) {
  const float narrow = static_cast<float>(value);
  BRAID_CHECK(!std::isinf(narrow), data,
              "stream {}: expected values that float32 holds, got {}; change its unit", stream.name,
              value);
  return narrow;
}

// One stream of one recording on its ticks.
class Grid {
 public:
  Grid(const SessionPlan& plan, const KeyPlan& recording, size_t stream,
       const std::vector<int64_t>& ticks_ns)
      : plan_(plan), stream_(plan.streams[stream]), ticks_ns_(ticks_ns) {
    const ScannedStream* scanned = scanned_of(plan, recording, stream);
    is_present_ = scanned != nullptr && !ticks_ns.empty();
    if (!is_present_) {
      stats_ = count_absent(static_cast<int64_t>(ticks_ns.size()));
      return;
    }
    StreamEntry entry = *scanned->entry;
    entry.read.clock_offset_ns = scanned->clock_offset_ns();
    Series series = load_stream(entry, plan.options.repairs);
    if (plan.options.standardizes) standardize(&series);
    fill(series, recording);
  }

  StreamStats take_stats() { return std::move(stats_); }
  size_t channels() const { return stream_.channels.size(); }
  bool has(size_t tick) const {
    if (!is_present_) return false;
    for (size_t c = 0; c < channels(); ++c)
      if (aligned_.origins[tick * channels() + c] != Origin::missing) return true;
    return false;
  }
  double value(size_t tick, size_t channel) const {
    return is_present_ ? aligned_.values[tick * channels() + channel] : kNan;
  }

  // [T, C] of a window, filled up with NaN; whether it has any value.
  bool cut(const SampleWindow& window, std::vector<float>* row) const {
    std::fill(row->begin(), row->end(), kNan);
    if (!is_present_) return false;
    bool has_any = false;
    size_t place = 0, t = 0;
    for (const int64_t tick_ns :
         ticks_of({window.start_ns, window.end_ns}, plan_.options.rate_hz)) {
      place = static_cast<size_t>(std::lower_bound(ticks_ns_.begin() + static_cast<int64_t>(place),
                                                   ticks_ns_.end(), tick_ns) -
                                  ticks_ns_.begin());
      if (has(place)) has_any = true;
      for (size_t c = 0; c < channels(); ++c)
        (*row)[t * channels() + c] = to_float(value(place, c), stream_);
      ++t;
    }
    return has_any;
  }

 private:
  // An aggregate takes [tick, tick + step), so that a sample uses what lies within its own window.
  void fill(const Series& series, const KeyPlan& recording) {
    Options options;
    options.tolerance_ns = stream_.tolerance_ns;
    if (plan_.options.hold_ns) {
      options.gap = Gap::hold;
      options.hold_ns = *plan_.options.hold_ns;
    }
    GridFacts facts;
    facts.step_ns = plan_.step_ns;
    facts.tolerance_ns = stream_.tolerance_ns;
    facts.is_aggregate = stream_.is_aggregate;
    if (stream_.is_aggregate) {
      options.window_ns = plan_.step_ns;
      facts.late_ns = plan_.step_ns - 1;
    }
    std::vector<int64_t> taken_ns = ticks_ns_;
    for (int64_t& tick_ns : taken_ns) tick_ns += facts.late_ns;
    aligned_ = align(series, *stream_.method, taken_ns, options);
    stats_ = count_ticks(series, aligned_, ticks_ns_, facts);
    const int64_t longest_ns =
        stream_.tolerance_ns > INT64_MAX / 2 ? INT64_MAX / 2 : 2 * stream_.tolerance_ns;
    const int64_t step_ns = stream_.median_step_ns > 0 ? stream_.median_step_ns : plan_.step_ns;
    const Span shown = shown_span(plan_, recording);
    stats_.lane = measured_parts(series.times_ns, shown.start_ns, shown.end_ns, kLaneParts, step_ns,
                                 longest_ns);
  }

  const SessionPlan& plan_;
  const StreamPlan& stream_;
  const std::vector<int64_t>& ticks_ns_;
  bool is_present_ = false;
  Aligned aligned_;
  StreamStats stats_;
};

// One array for each stream; streams side by side, recordings one after the other.
void write_arrays(const SessionPlan& plan, const std::string& folder, const Sinks& sinks,
                  SessionResult* result) {
  const int64_t S = static_cast<int64_t>(plan.streams.size());
  std::atomic<int64_t> num_done{0};
  std::vector<std::vector<char>> has(plan.streams.size());
  parallel_for(S, plan.options.num_threads, [&](int64_t s) {
    const size_t stream = static_cast<size_t>(s);
    const size_t C = plan.streams[stream].channels.size();
    has[stream].assign(static_cast<size_t>(plan.num_samples), 0);
    if (!plan.streams[stream].is_on_ticks()) return;
    std::optional<Output> file;
    if (C > 0) {
      file.emplace(join_path(folder, plan.streams[stream].file));
      file->write(formats::serialize_npy_header(
          {plan.num_samples, plan.num_ticks, static_cast<int64_t>(C)}));
    }
    std::vector<float> row(static_cast<size_t>(plan.num_ticks) * C);
    for (size_t k = 0; k < plan.keys.size(); ++k) {
      const KeyPlan& recording = plan.keys[k];
      const std::vector<int64_t> ticks = all_ticks(recording, plan.options.rate_hz);
      Grid grid(plan, recording, stream, ticks);
      for (size_t w = 0; w < recording.windows.size(); ++w) {
        has[stream][static_cast<size_t>(recording.first_sample) + w] =
            grid.cut(recording.windows[w], &row);
        if (file) file->write(row);
      }
      result->stats[k][stream] = grid.take_stats();
      sinks.tick({"align", ++num_done, S * static_cast<int64_t>(plan.keys.size()),
                  plan.streams[stream].name + " " + recording.key});
    }
    if (file) file->close();
  });
  for (size_t s = 0; s < plan.streams.size(); ++s)
    result->sample_has[s].assign(has[s].begin(), has[s].end());
}

// A file's name for each recording, no two alike.
std::vector<std::string> timeline_files(const SessionPlan& plan) {
  std::vector<std::string> files;
  std::set<std::string> taken = {"manifest.csv", "report.json", "report.html"};
  for (const KeyPlan& recording : plan.keys) {
    std::string stem = file_stem(recording.key.empty() ? "timeline" : recording.key);
    while (taken.count(stem + ".csv") > 0) stem.insert(0, "_");
    files.push_back(stem + ".csv");
    taken.insert(files.back());
  }
  return files;
}

void write_timeline(const SessionPlan& plan, const std::vector<int64_t>& ticks_ns,
                    const std::vector<Grid>& grids, const std::string& path) {
  Output file(path);
  std::vector<std::string> cells = {"time"};
  for (const StreamPlan& stream : plan.streams)
    for (const std::string& channel : stream.channels) cells.push_back(stream.name + "." + channel);
  std::string text = formats::format_csv_row(cells) + "\n";
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    text += seconds_text(ticks_ns[t]);
    for (const Grid& grid : grids)
      for (size_t c = 0; c < grid.channels(); ++c) {
        const double value = grid.value(t, c);
        text += std::isnan(value) ? "," : fmt::format(",{:.9g}", value);
      }
    text += '\n';
    if (text.size() < (size_t{1} << 20)) continue;
    file.write(text);
    text.clear();
  }
  file.write(text);
  file.close();
}

// One table for each recording; recordings side by side.
void write_timelines(const SessionPlan& plan, const std::string& folder, const Sinks& sinks,
                     SessionResult* result) {
  const std::vector<std::string> files = timeline_files(plan);
  const int64_t K = static_cast<int64_t>(plan.keys.size());
  std::atomic<int64_t> num_done{0};
  std::vector<std::vector<char>> has(plan.streams.size(),
                                     std::vector<char>(static_cast<size_t>(plan.num_samples), 0));
  parallel_for(K, plan.options.num_threads, [&](int64_t k) {
    const KeyPlan& recording = plan.keys[static_cast<size_t>(k)];
    const std::vector<int64_t> ticks = all_ticks(recording, plan.options.rate_hz);
    std::vector<Grid> grids;
    grids.reserve(plan.streams.size());
    for (size_t s = 0; s < plan.streams.size(); ++s) {
      grids.emplace_back(plan, recording, s, ticks);
      StreamStats stats = grids.back().take_stats();
      if (!recording.windows.empty())
        has[s][static_cast<size_t>(recording.first_sample)] = stats.with_value > 0;
      result->stats[static_cast<size_t>(k)][s] = std::move(stats);
    }
    if (!recording.windows.empty())
      write_timeline(plan, ticks, grids, join_path(folder, files[static_cast<size_t>(k)]));
    sinks.tick({"align", ++num_done, K, recording.key});
  });
  for (size_t s = 0; s < plan.streams.size(); ++s)
    result->sample_has[s].assign(has[s].begin(), has[s].end());
}

// By stream and sample; none of a stream on ticks.
using CellsOffTicks = std::vector<std::vector<std::string>>;

// The cells of streams that are not on ticks, and what is counted of them.
CellsOffTicks fill_cells(const SessionPlan& plan, const std::string& folder,
                         SessionResult* result) {
  CellsOffTicks all(plan.streams.size());
  for (size_t s = 0; s < plan.streams.size(); ++s) {
    if (plan.streams[s].is_on_ticks()) continue;
    for (size_t k = 0; k < plan.keys.size(); ++k) {
      const KeyPlan& recording = plan.keys[k];
      const ScannedStream* scanned = scanned_of(plan, recording, s);
      const bool is_cut = plan.streams[s].form == StreamForm::cut;
      CutStats& cut = result->cuts[k][s];
      TextStats& text = result->texts[k][s];
      const std::vector<std::string> cells =
          is_cut ? cut_cells(scanned, recording.windows, folder, &cut)
                 : text_cells(scanned, recording.windows, &text);
      all[s].insert(all[s].end(), cells.begin(), cells.end());
      if (scanned == nullptr) continue;
      const Span shown = shown_span(plan, recording);
      const int64_t part_ns = (shown.end_ns - shown.start_ns) / int64_t{kLaneParts};
      const std::vector<Span> spans = is_cut ? std::vector<Span>{scanned->facts.span()}
                                             : event_spans(*scanned, std::max<int64_t>(1, part_ns));
      (is_cut ? cut.lane : text.lane) =
          covered_parts(spans, shown.start_ns, shown.end_ns, kLaneParts);
    }
    for (size_t i = 0; i < all[s].size(); ++i) result->sample_has[s][i] = !all[s][i].empty();
  }
  return all;
}

void write_manifest(const SessionPlan& plan, const SessionResult& result,
                    const CellsOffTicks& off_ticks, const std::string& folder) {
  const std::vector<std::string> files = timeline_files(plan);
  std::vector<std::string> cells = {"id"};
  const std::string key_column = key_column_of(plan);
  if (!key_column.empty()) cells.push_back(key_column);
  for (const char* column : {"t_start", "t_end"}) cells.emplace_back(column);
  cells.insert(cells.end(), plan.columns.begin(), plan.columns.end());
  if (!plan.has_windows())
    cells.emplace_back("timeline");
  else
    for (const StreamPlan& stream : plan.streams)
      if (!stream.channels.empty()) cells.push_back(stream.name);
  std::string text = formats::format_csv_row(cells) + "\n";
  for (size_t k = 0; k < plan.keys.size(); ++k) {
    const KeyPlan& recording = plan.keys[k];
    for (size_t w = 0; w < recording.windows.size(); ++w) {
      const SampleWindow& window = recording.windows[w];
      const size_t sample = static_cast<size_t>(recording.first_sample) + w;
      cells = {window.id};
      if (!key_column.empty()) cells.push_back(window.key);
      cells.push_back(seconds_text(window.start_ns));
      cells.push_back(seconds_text(window.end_ns));
      cells.insert(cells.end(), window.cells.begin(), window.cells.end());
      if (!plan.has_windows())
        cells.push_back(files[k]);
      else
        for (size_t s = 0; s < plan.streams.size(); ++s) {
          const StreamPlan& stream = plan.streams[s];
          if (stream.channels.empty()) continue;
          if (!stream.is_on_ticks())
            cells.push_back(off_ticks[s][sample]);
          else
            cells.push_back(result.sample_has[s][sample] ? fmt::format("{}#{}", stream.file, sample)
                                                         : "");
        }
      text += formats::format_csv_row(cells) + "\n";
    }
  }
  write_file_atomically(join_path(folder, "manifest.csv"), text);
}

}  // namespace

std::string key_column_of(const SessionPlan& plan) {
  return plan.table->key_column == "id" ? "recording" : plan.table->key_column;
}

Span shown_span(const SessionPlan& plan, const KeyPlan& recording) {
  std::vector<Span> spans;
  for (size_t s = 0; s < plan.streams.size(); ++s) {
    const ScannedStream* scanned = scanned_of(plan, recording, s);
    if (scanned != nullptr && scanned->facts.rows > 0) spans.push_back(scanned->facts.span());
  }
  for (const SampleWindow& window : recording.windows)
    spans.push_back({window.start_ns, window.end_ns});
  return span_of(spans, SpanKind::whole);
}

SessionResult write_session(const SessionPlan& plan, const std::string& folder,
                            const Sinks& sinks) {
  SessionResult result;
  result.stats.assign(plan.keys.size(), std::vector<StreamStats>(plan.streams.size()));
  result.cuts.assign(plan.keys.size(), std::vector<CutStats>(plan.streams.size()));
  result.texts.assign(plan.keys.size(), std::vector<TextStats>(plan.streams.size()));
  result.sample_has.resize(plan.streams.size());
  if (plan.has_windows())
    write_arrays(plan, folder, sinks, &result);
  else
    write_timelines(plan, folder, sinks, &result);
  const CellsOffTicks off_ticks = fill_cells(plan, folder, &result);
  for (size_t i = 0; i < static_cast<size_t>(plan.num_samples); ++i) {
    const bool has_any = std::any_of(result.sample_has.begin(), result.sample_has.end(),
                                     [i](const std::vector<bool>& has) { return has[i]; });
    if (!has_any) ++result.samples_without_any;
  }
  write_manifest(plan, result, off_ticks, folder);
  return result;
}

}  // namespace braid::align
