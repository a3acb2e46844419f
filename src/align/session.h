// Streams of many recordings become samples: what is read, chosen, written and reported.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "align/align.h"
#include "align/media_stream.h"
#include "align/read_events.h"
#include "align/session_stats.h"
#include "align/session_sync.h"
#include "align/stream_form.h"
#include "align/stream_table.h"
#include "align/windows.h"
#include "core/log.h"

namespace braid::align {

struct SessionOptions {
  double rate_hz = 0;  // ticks a second; needed unless every stream is cut or text

  // Samples: from events, fixed windows, or neither: then each recording is one timeline.
  std::string events_path;
  int64_t before_ns = 0, after_ns = 0;  // around events
  int64_t window_ns = 0;                // length of fixed windows
  int64_t hop_ns = 0;                   // of fixed windows; 0 = their length
  SpanKind span = SpanKind::common;  // which part of a recording fixed windows and timelines fill

  // Values; by stream, "" = all others.
  std::map<std::string, std::string> methods;  // or "cut", "text"; video is always cut
  std::map<std::string, int64_t> tolerances_ns;
  std::optional<int64_t> hold_ns;  // gaps hold the newest value up to this age; empty = stay gaps

  /// Each channel by its own mean and deviation within its recording, which takes all of it: what
  /// is just coming cannot be standardised so.
  bool standardizes = false;

  SyncOptions sync;  // clocks that are wrong by a constant

  // What is wrong.
  bool repairs = false;    // times that go back or repeat are repaired and counted; else an Error
  bool skips_bad = false;  // a stream that cannot be read is absent and counted; else an Error

  int num_threads = 1;
  uint64_t limit_bytes = uint64_t{1} << 37;  // of all arrays; more is an Error(data)
};

/// What a file turned out to hold.
struct StreamFacts {
  SeriesFacts file;
  MediaFacts media;  // of a stream that is cut
  int64_t rows = 0;  // that are left after the repair; of text its events
  int64_t first_ns = 0, last_ns = 0, median_step_ns = 0;
  int64_t end_ns = 0;      // a step after the last one; of text where the last event is over
  double nominal_hz = 0;   // given, or said by the file; 0 = unknown
  double measured_hz = 0;  // NaN where the file has no times of its own, or too few
  double rate_ppm = 0;     // (measured - nominal) / nominal; NaN as that
  double end_error_s = 0;  // how much later the last time is than the nominal rate says; or NaN
  std::map<std::string, int64_t> repairs;  // "dropped, duplicated": how many measurements
  std::vector<std::string> findings;       // of the times, one line each

  Span span() const { return {first_ns, end_ns}; }  // empty of text without events
};

/// One row of the table.
struct ScannedStream {
  const StreamEntry* entry = nullptr;
  StreamFacts facts;
  std::vector<Event> events;  // of text, on the file's clock
  std::string problem;        // why it is absent; empty where it is not
  int64_t sync_ns = 0;        // found, and added to its times besides the table's offset
  bool is_present() const { return problem.empty(); }
  int64_t clock_offset_ns() const { return saturating_add(entry->read.clock_offset_ns, sync_ns); }
  /// The time of the file's own 0, of sound and video.
  int64_t zero_ns() const {
    return saturating_add(entry->read.start_ns.value_or(0), clock_offset_ns());
  }
};

/// How one stream is aligned, the same in every recording. One that is not on ticks has no array,
/// no method and no tolerance.
struct StreamPlan {
  std::string name;
  StreamForm form = StreamForm::ticks;
  const Method* method = nullptr;
  std::string why;  // "mean: 64 Hz is more than 25 ticks a second"
  bool is_aggregate = false;
  int64_t tolerance_ns = 0;
  std::string tolerance_why;
  int64_t median_step_ns = 0;         // the median over recordings
  std::vector<std::string> channels;  // empty where no recording has it
  std::string file;                   // "eda.series.npy"; "" of one that is not on ticks

  bool is_on_ticks() const { return form == StreamForm::ticks; }
  std::string method_word() const { return is_on_ticks() ? method->name : to_string(form); }
};

/// One recording.
struct KeyPlan {
  std::string key;
  std::vector<int64_t> streams;  // by stream its place in `scanned`; -1 = not in the table
  std::vector<SampleWindow> windows;
  Span span;            // common or whole, as the options say
  int64_t tail_ns = 0;  // of the span's end that fill no window
  int64_t first_sample = 0;
  std::string why_none;     // why there is no window
  std::string why_no_span;  // why `span` is empty
};

/// Something that is not in the samples.
struct Dropped {
  std::string reason;
  int64_t count = 0;
  std::vector<std::string> examples;  // up to 10 keys
};

/// Everything but the values. The table has to outlive it.
struct SessionPlan {
  SessionOptions options;
  const StreamTable* table = nullptr;
  std::vector<ScannedStream> scanned;  // as the table's entries
  std::vector<StreamPlan> streams;
  std::vector<SyncFound> syncs;  // as options.sync.pairs
  std::vector<KeyPlan> keys;
  std::vector<std::string> columns;  // carried over from the events
  std::vector<Dropped> dropped;
  int64_t num_events = 0;
  int64_t step_ns = 0;
  int64_t num_samples = 0, num_ticks = 0;  // ticks of the longest sample
  int64_t padded_ticks = 0;                // of shorter samples

  bool has_windows() const { return options.window_ns > 0 || !options.events_path.empty(); }
};

/// Reads every file once (those that are synced twice), chooses methods and cuts recordings into
/// windows.
///
/// The events of a stream of text are the rows of its file whose cell in the column named like the
/// table's key column is the recording's key; all rows where the file has no such column. Such a
/// stream does not narrow the common span of a recording: that nothing is said is no lack of it.
///
/// Errors   usage: options that do not go together, an unknown stream in them, a stream to be cut
///          that is no media, one of text that is no table, either of them without windows. data:
///          no sample; a stream that cannot be read, unless skips_bad; channels or kinds of media
///          that differ between recordings. As read_event_windows(), read_raw_series(),
///          read_media(), read_events() and sync_signal().
SessionPlan plan_session(const StreamTable& table, const SessionOptions& options,
                         const Sinks& sinks = {});

/// What became of it.
struct SessionResult {
  std::vector<std::vector<StreamStats>> stats;  // by key and stream, of those on ticks
  std::vector<std::vector<CutStats>> cuts;      // by key and stream, of those that are cut
  std::vector<std::vector<TextStats>> texts;    // by key and stream, of those of text
  std::vector<std::vector<bool>> sample_has;    // by stream and sample: any value at all
  int64_t samples_without_any = 0;
};

/// Writes DIR/manifest.csv and an array [N, T, C] for each stream, or a table for each recording
/// where there are no windows. `folder` exists.
///
/// A stream that is cut gets no array: its cells are path_of_cut() of its own file, empty where the
/// window does not touch it. The path is relative to `folder`, so that cells stay valid while the
/// folder and the data move together, or absolute where the table has it so. Neither does one of
/// text: a cell has the texts of all events that overlap the window, in the order of time, with a
/// blank between them. An event that takes no time counts where start <= time < end.
///
/// Errors   io. data: a value beyond float32. As align().
/// Cost     every file is read once more; one recording of a stream (of all streams, for timelines)
///          is in memory for each thread.
SessionResult write_session(const SessionPlan& plan, const std::string& folder,
                            const Sinks& sinks = {});

/// A stream of a recording; nullptr where it is absent.
const ScannedStream* scanned_of(const SessionPlan& plan, const KeyPlan& recording, size_t stream);

/// The ticks of a window: start + i / rate as long as that is before its end; none at rate 0.
std::vector<int64_t> ticks_of(const Span& span, double rate_hz);

/// The column of the manifest that has a recording's key; "" without one.
std::string key_column_of(const SessionPlan& plan);

/// From the first measurement or window of a recording to the last one: what a drawing shows.
Span shown_span(const SessionPlan& plan, const KeyPlan& recording);

/// Each channel less its mean, over its deviation, of what is there; a constant one becomes 0.
void standardize(Series* series);

/// One stream ready for align(). Errors: as read_series(); data: times that go back or repeat,
/// unless `repairs`.
Series load_stream(const StreamEntry& entry, bool repairs, StreamFacts* facts = nullptr);

/// Facts of a stream that is cut. Errors: as read_media(); data, usage: cells of the table that say
/// otherwise than the file.
StreamFacts load_media(const StreamEntry& entry);

}  // namespace braid::align
