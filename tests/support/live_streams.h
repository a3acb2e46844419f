// Recorded streams, the samples that `braid align` makes of them, and a bundle that reads those:
// what a live predictor is held to.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "align/session_json.h"
#include "braid/predictor.h"
#include "core/rng.h"
#include "formats/table.h"
#include "support/tiny_bundle.h"

namespace braid::checks {

constexpr int64_t kLiveSecond = 1000000000;

struct LiveMeasurement {
  std::string stream;
  int64_t time_ns;
  std::vector<double> values;
};

/// A value of a field that is no stream.
struct LiveValue {
  int64_t time_ns;
  std::string field, cell;
};

struct LiveOptions {
  double rate_hz = 8;
  int64_t window_ns = 2 * kLiveSecond, hop_ns = kLiveSecond;
  int64_t hold_ns = -1;
  std::string model = R"({"fusion": {"name": "concat", "hidden": [8]}})";
  std::string eda_method = "linear";
  double length_s = 30;
};

/// Streams "eda" (4 Hz, one channel, linear), "acc" (32 Hz, three channels with gaps, mean) and
/// "hr" (about 1 Hz, previous; nothing from 12 s to 20 s), and fields "note" (text) and "age" (a
/// number that counts for ten seconds).
class LiveStreams {
 public:
  explicit LiveStreams(const LiveOptions& options = {}) : options_(options) {
    record();
    write_tables();
    align();
    write_manifest();
    data::DatasetConfig config;
    config.manifest = folder_ / "samples/labelled.csv";
    config.target = "label";
    config.kinds = {{"eda", "series"}, {"acc", "series"}, {"hr", "series"}, {"note", "text"}};
    model::save_bundle(bundle(), tiny_bundle(config, options.model));
  }

  std::string bundle() const { return folder_ / "bundle"; }
  std::string report() const { return folder_ / "samples/report.json"; }
  std::string table() const { return folder_ / "streams.csv"; }
  const std::vector<LiveMeasurement>& measurements() const { return measurements_; }  // by time
  const std::vector<LiveValue>& values() const { return values_; }
  const std::vector<align::SampleWindow>& windows() const { return windows_; }
  int64_t start_ns() const { return windows_.front().start_ns; }
  int64_t end_ns() const { return span_end_ns_; }

  /// What the samples' files give, one by one.
  std::vector<Prediction> from_files(const PredictorOptions& options = {}) const {
    Predictor predictor = Predictor::load(bundle(), options);
    const formats::Table table = formats::read_table(folder_ / "samples/labelled.csv");
    std::vector<Prediction> predictions;
    for (int64_t row = 0; row < table.num_rows(); ++row) {
      Sample sample;
      for (const FieldInfo& field : predictor.fields()) {
        const std::string cell(table.cell(row, table.column(field.name)));
        const bool is_path = field.kind == "series" && !cell.empty();
        sample.set_cell(field.name, is_path ? folder_ / ("samples/" + cell) : cell);
      }
      predictions.push_back(predictor.predict(sample));
    }
    return predictions;
  }

 private:
  void record() {
    Rng random(3);
    const auto add = [&](const char* stream, double time_s, std::vector<double> values) {
      measurements_.push_back({stream, std::llround(time_s * 1e9), std::move(values)});
    };
    for (int i = 0; i < options_.length_s * 4; ++i)
      add("eda", 0.03 + i * 0.25, {std::sin(i * 0.1) + 0.1 * random.normal()});
    for (int i = 0; i < options_.length_s * 32; ++i)
      add("acc", i / 32.0,
          {random.normal(), random.chance(0.05) ? NAN : random.normal(), i * 0.01});
    for (double time = 0.5; time < options_.length_s; time += 0.8 + 0.4 * random.uniform())
      if (time < 12 || time > 20) add("hr", time, {60 + std::round(10 * random.normal())});
    std::stable_sort(measurements_.begin(), measurements_.end(),
                     [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
    values_ = {{5 * kLiveSecond + 1, "note", "calm and slow"},
               {8 * kLiveSecond, "age", "33"},
               {15 * kLiveSecond + 1, "note", "fast and loud"},
               {25 * kLiveSecond, "age", "41"}};
  }

  void write_tables() const {
    const std::vector<std::pair<std::string, std::string>> heads = {
        {"eda", "time,eda\n"}, {"acc", "time,x,y,z\n"}, {"hr", "time,bpm\n"}};
    for (const auto& [name, head] : heads) {
      std::string text = head;
      for (const LiveMeasurement& one : measurements_) {
        if (one.stream != name) continue;
        text += fmt::format("{}.{:09}", one.time_ns / kLiveSecond, one.time_ns % kLiveSecond);
        for (const double value : one.values)
          text += std::isnan(value) ? "," : fmt::format(",{}", value);
        text += "\n";
      }
      write_file_atomically(folder_ / (name + ".csv"), text);
    }
    write_file_atomically(table(), "stream,file,method,tolerance\neda,eda.csv," +
                                       options_.eda_method +
                                       ",600ms\nacc,acc.csv,mean,\nhr,hr.csv,previous,2s\n");
  }

  void align() {
    align::SessionOptions options;
    options.rate_hz = options_.rate_hz;
    options.window_ns = options_.window_ns;
    options.hop_ns = options_.hop_ns;
    if (options_.hold_ns >= 0) options.hold_ns = options_.hold_ns;
    const align::StreamTable table = align::read_stream_table(this->table());
    const align::SessionPlan plan = align::plan_session(table, options);
    make_folders(folder_ / "samples");
    const align::SessionResult result = align::write_session(plan, folder_ / "samples");
    write_file_atomically(report(), align::session_json(plan, result, "braid align").dump(1));
    windows_ = plan.keys[0].windows;
    span_end_ns_ = plan.keys[0].span.end_ns;
  }

  // The newest value of a field that the window has.
  std::string cell_of(const std::string& field, const align::SampleWindow& window) const {
    std::string cell;
    for (const LiveValue& value : values_) {
      if (value.field != field || value.time_ns >= window.end_ns) continue;
      const bool is_old = field == "age" && window.end_ns - value.time_ns > 10 * kLiveSecond;
      cell = is_old ? "" : value.cell;
    }
    return cell;
  }

  void write_manifest() const {
    const formats::Table table = formats::read_table(folder_ / "samples/manifest.csv");
    std::string text = "eda,acc,hr,note,age,label,split\n";
    for (int64_t row = 0; row < table.num_rows(); ++row) {
      const align::SampleWindow& window = windows_[static_cast<size_t>(row)];
      std::vector<std::string> cells;
      for (const char* stream : {"eda", "acc", "hr"})
        cells.emplace_back(table.cell(row, table.column(stream)));
      cells.push_back(cell_of("note", window));
      cells.push_back(cell_of("age", window));
      cells.push_back(row % 2 == 0 ? "low" : "high");
      cells.emplace_back("train");
      text += formats::format_csv_row(cells) + "\n";
    }
    write_file_atomically(folder_ / "samples/labelled.csv", text);
  }

  LiveOptions options_;
  TemporaryFolder folder_;
  std::vector<LiveMeasurement> measurements_;
  std::vector<LiveValue> values_;
  std::vector<align::SampleWindow> windows_;
  int64_t span_end_ns_ = 0;
};

}  // namespace braid::checks
