// Predict from live streams: push measurements as they come, get a prediction for each window. On
// the same measurements it has the bits of Predictor on the samples that `braid align` makes of
// them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "braid/predictor.h"
#include "braid/synchronizer.h"

namespace braid {

/// How the streams of the training samples were aligned.
struct AlignPlan {
  struct Stream {
    std::string name;  // the model's field has the same
    std::vector<std::string> channels;
    std::string method;               // of `braid list alignment`
    int64_t tolerance_ns = kNoLimit;  // how far a measurement may lie from its tick
    int64_t median_step_ns = 0;       // from measurement to measurement; 0 = not known
  };
  double rate_hz = 0;           // ticks a second
  int64_t window_ns = 0;        // 0 = the samples were not made of fixed windows
  int64_t hop_ns = 0;           // 0 = the length of a window
  int64_t hold_ns = -1;         // gaps hold the newest value up to this age; below 0 they stay gaps
  std::string span = "common";  // part of a recording that windows fill: common, whole
  bool repairs = false;         // of the files' times
  std::vector<Stream> streams;
  std::vector<std::string> cut;  // streams that stay sound, video or text: fields like others

  /// From the report.json that `braid align` wrote beside the samples.
  ///
  /// Errors   io, format: no such report. config: timelines, which have no samples; no stream on
  ///          ticks.
  static AlignPlan read(const std::string& report_path);
};

struct StreamPredictorOptions {
  PredictorOptions predictor;

  // Behaviour.
  int64_t window_ns = 0, hop_ns = 0;  // 0 = as the plan says; needed where it has no fixed windows
  int64_t start_ns = kNoTime;         // of the first window; kNoTime = the first measurement's time
  // How far a measurement may lie behind the newest of all streams; a prediction comes so much
  // later.
  int64_t lateness_ns = 200 * 1000000;
  int64_t max_ahead_ns = kNoLimit;  // beyond it a measurement is taken for one of a wrong clock
  // For how long a value of a field that is no stream counts, from its time to the window's end; by
  // field where it is not the same for all.
  int64_t max_age_ns = kNoLimit;
  std::map<std::string, int64_t> max_ages_ns;

  // Performance. Milliseconds that encoders may take for a prediction, by the median of their last
  // runs; 0 = no limit. Beyond it only those whose encoding is oldest run, and the result says
  // which others are outdated. Then scores depend on the clock.
  double latency_budget_ms = 0;
  bool reuses_encodings = true;  // false: every encoder runs every time, to measure what that saves
  size_t capacity = 0;           // measurements kept of each stream; 0 = what its rate asks for
  size_t num_waiting = 0;  // ticks that wait for next(); 0 = those of four windows, at least 1024
  Backpressure backpressure = Backpressure::drop_oldest;  // block: for threads of their own alone

  // Output.
  std::function<void(const DroppedMeasurement&)> on_dropped;  // called by the thread that pushes
  std::function<int64_t()> clock_ns;  // what times encoders; empty = the steady clock
};

/// What became of one modality in one prediction.
struct ModalityState {
  std::string name;
  bool is_present = false;
  /// Age, at the window's end, of the newest measurement or value that went in; below 0 it lies
  /// behind the end, as a method's that looks ahead may. Infinite where there is none.
  double staleness_s = 0;
  bool was_encoded = false;  // false: the last encoding served again
  bool is_outdated = false;  // it should have been encoded, but for the budget: the encoding is
                             // that of the window that ended at encoded_end_ns
  int64_t encoded_end_ns = kNoTime;
};

struct StreamPrediction {
  int64_t index = 0;                 // of the windows from the start on
  int64_t start_ns = 0, end_ns = 0;  // what lies in [start, end)
  Prediction prediction;
  std::vector<ModalityState> modalities;  // in the order of modalities()
  double latency_ms = 0;                  // from the window's last tick, taken, to the scores
};

struct StreamPredictorCounts {
  SynchronizerCounts measurements;
  int64_t predictions = 0;
  int64_t windows_dropped = 0;  // some of whose ticks nobody took in time
  int64_t encoders_run = 0, encoders_reused = 0, encoders_outdated = 0;
};

/// A model on live streams. Any number of threads may call any member; predictions are computed by
/// the thread that asks for one, one at a time.
///
/// Every prediction is that of the window's measurements which kept the lateness bound, whatever
/// their order and the threads they came from. A stream that falls silent holds none up: its
/// modality is absent once the window has nothing of it.
///
/// Missing  NaN is no measurement, channel by channel; a window without any value lacks the
///          modality.
class StreamPredictor {
 public:
  /// `report_path`: the report.json that `braid align` wrote beside the samples the model was
  /// trained on, or the plan in it.
  ///
  /// Errors   as Predictor::load and AlignPlan::read. config: a method that does not work live, no
  ///          fixed windows in plan and options, no stream that the model reads, a stream that is
  ///          no field of the kind series or has other channels than it.
  static StreamPredictor load(const std::string& bundle_folder, const std::string& report_path,
                              const StreamPredictorOptions& options = {});
  static StreamPredictor load(const std::string& bundle_folder, const AlignPlan& plan,
                              const StreamPredictorOptions& options = {});
  ~StreamPredictor();
  StreamPredictor(StreamPredictor&&) noexcept;
  StreamPredictor& operator=(StreamPredictor&&) noexcept;

  /// A measurement of a stream of the plan. With Backpressure::block it may wait for a consumer.
  ///
  /// Errors   usage: no such stream, another number of channels, after finish(). data: infinity, a
  ///          value beyond float32, a time beyond 146 years of 0.
  void push(const std::string& stream, int64_t time_ns, const double* values, size_t channels);
  /// The same by its place in the plan.
  void push(size_t stream, int64_t time_ns, const double* values, size_t channels);
  /// Values of fields that are no streams, from that time on: each counts until a newer one or its
  /// greatest age. Up to 1024 of a field wait. They do not move the clock; one that comes after a
  /// window's last tick is out counts from the next window on.
  ///
  /// Errors   config: an unknown field. usage: a field that is a stream. data: as
  ///          Predictor::predict, some only when the next prediction is asked for.
  void push(int64_t time_ns, const Sample& values);
  /// Says that the time is `now_ns`, whether or not a stream does; never goes back.
  void advance(int64_t now_ns);
  /// No more measurements: windows come out that end by the newest one's time and its stream's
  /// step, as `braid align` has it; or by `end_ns`.
  void finish();
  void finish(int64_t end_ns);
  /// Ends all waiting. For a consumer that stops before its producers do.
  void close();

  /// The next prediction; false where no window is complete. Where it fails its window is left out.
  ///
  /// Errors   data, format: a value of a field that is no stream cannot be prepared.
  bool next(StreamPrediction* prediction);
  /// The same, waiting for one; false at the time limit, when all is over, and after close().
  bool wait(StreamPrediction* prediction, int64_t timeout_ns);
  /// Whether no prediction will ever come again.
  bool is_over() const;

  const AlignPlan& plan() const;
  const std::vector<std::string>& labels() const;      // empty for regression
  const std::vector<std::string>& modalities() const;  // that the model reads
  const std::vector<FieldInfo>& fields() const;        // that the model reads
  const std::string& target() const;
  const std::string& task() const;
  bool is_calibrated() const;
  StreamPredictorCounts counts() const;

 private:
  struct Impl;
  explicit StreamPredictor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace braid
