// The public promise of include/braid/stream.h: windows of streams and the newest other values,
// through a bundle.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "braid/stream.h"
#include "core/error.h"
#include "model/encodings.h"
#include "model/latest_values.h"
#include "model/live_windows.h"
#include "model/serving.h"
#include "stream/promise.h"

namespace braid {
namespace {

constexpr int64_t kSecond = 1000000000;
constexpr size_t kNoStream = std::numeric_limits<size_t>::max();

// Where a modality of the model has its values from.
struct Source {
  size_t modality = 0;              // of the preparation
  size_t stream = kNoStream;        // of the plan
  std::vector<std::string> fields;  // where it is no stream
  // What was prepared last from those fields, and from which values.
  std::vector<uint64_t> ids;
  data::Prepared prepared;
  // Of the newest measurement or value that the last encoding is of, and its window's end.
  int64_t newest_ns = kNoTime, encoded_end_ns = kNoTime;
};

size_t place_in(const AlignPlan& plan, const std::string& name) {
  for (size_t s = 0; s < plan.streams.size(); ++s)
    if (plan.streams[s].name == name) return s;
  return kNoStream;
}

void check_stream(const AlignPlan::Stream& stream, const model::Serving& serving, size_t m) {
  const data::Modality& modality = serving.bundle.preparation.modalities()[m];
  const data::ModalitySpec& spec = serving.bundle.preparation.specs()[m];
  BRAID_CHECK(
      modality.kind == data::Kind::series, config,
      "stream \"{}\": expected a field of the kind series in the bundle, got {}; train with "
      "--kind {}=series",
      stream.name, data::to_string(modality.kind), stream.name);
  BRAID_CHECK(static_cast<int64_t>(stream.channels.size()) == spec.features, config,
              "stream \"{}\": expected the bundle's {} channels, got {} in the plan; give the "
              "report of the samples that it was trained on",
              stream.name, spec.features, stream.channels.size());
}

std::vector<Source> sources_of(const model::Serving& serving, const AlignPlan& plan) {
  std::vector<Source> sources;
  bool has_stream = false;
  for (const size_t m : serving.bundle.modalities) {
    const data::Modality& modality = serving.bundle.preparation.modalities()[m];
    Source source;
    source.modality = m;
    source.fields = modality.fields;
    if (modality.fields.size() != 1 || modality.fields[0] != modality.name)
      source.fields.push_back(modality.name);  // a vector of several columns, given whole
    for (const std::string& field : modality.fields) {
      const size_t stream = place_in(plan, field);
      if (stream == kNoStream) continue;
      check_stream(plan.streams[stream], serving, m);
      source.stream = stream;
      has_stream = true;
    }
    sources.push_back(std::move(source));
  }
  std::vector<std::string> names;
  for (const AlignPlan::Stream& stream : plan.streams) names.push_back(stream.name);
  BRAID_CHECK(has_stream, config,
              "plan: expected a stream that the bundle reads ({}), got {}; give the report of the "
              "samples that it was trained on",
              fmt::join(serving.modalities, ", "), fmt::join(names, ", "));
  return sources;
}

std::vector<bool> streams_read(const std::vector<Source>& sources, const AlignPlan& plan) {
  std::vector<bool> is_read(plan.streams.size(), false);
  for (const Source& source : sources)
    if (source.stream != kNoStream) is_read[source.stream] = true;
  return is_read;
}

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

}  // namespace

struct StreamPredictor::Impl {
  Impl(model::Serving s, const AlignPlan& p, const StreamPredictorOptions& options)
      : serving(std::move(s)),
        plan(p),
        sources(sources_of(serving, plan)),
        windows(plan, options, streams_read(sources, plan)),
        values(options.max_age_ns, options.max_ages_ns),
        encodings(&serving.bundle, serving.precision,
                  {options.latency_budget_ms, options.reuses_encodings, options.clock_ns}),
        on_dropped(options.on_dropped) {
    BRAID_CHECK(options.latency_budget_ms >= 0 && options.max_age_ns >= 0, config,
                "options: expected a budget and a greatest age of 0 or more, got {} ms and {} ns",
                options.latency_budget_ms, options.max_age_ns);
    for (const auto& [field, age_ns] : options.max_ages_ns) {
      serving.kind_of(field);
      BRAID_CHECK(age_ns >= 0, config, "field \"{}\": greatest age: expected 0 or more, got {} ns",
                  field, age_ns);
    }
  }

  void push(int64_t time_ns, const Sample& given) {
    const data::Sample sample = serving.understand(given.impl_->sample, given.impl_->cells);
    for (const auto& [field, value] : sample.values)
      BRAID_CHECK(place_in(plan, field) == kNoStream, usage,
                  "field \"{}\": expected one that is no stream; push its measurements", field);
    for (const auto& [field, value] : sample.values) {
      const int64_t dropped_ns = values.push(time_ns, field, value);
      if (dropped_ns != kNoTime && on_dropped)
        on_dropped({field, dropped_ns, DropReason::overflow});
    }
  }

  // The array of a stream as it is read from the samples' file: a tick counts as a second, and what
  // is blank at the end is no part of it.
  align::Series series_of(const stream::StreamCut& cut, const AlignPlan::Stream& stream) const {
    align::Series series;
    series.name = stream.name;
    series.channels = static_cast<int64_t>(stream.channels.size());
    series.values = cut.values;
    const size_t C = stream.channels.size();
    size_t T = series.values.size() / C;
    const auto is_blank = [&](size_t t) {
      const double* row = &series.values[t * C];
      return std::all_of(row, row + C, [](double x) { return std::isnan(x); });
    };
    while (T > 1 && is_blank(T - 1)) --T;
    series.values.resize(T * C);
    for (size_t t = 0; t < T; ++t) series.times_ns.push_back(static_cast<int64_t>(t) * kSecond);
    return series;
  }

  data::Prepared prepare_stream(const Source& source, const stream::CutWindow& window,
                                int64_t* newest_ns) const {
    const stream::StreamCut& cut = window.streams[source.stream];
    if (!cut.has_any) return {};
    *newest_ns = cut.newest_ns;
    const AlignPlan::Stream& stream = plan.streams[source.stream];
    data::Sample sample;
    sample.where = "window";
    sample.values[stream.name] = series_of(cut, stream);
    return serving.bundle.preparation.prepare(sample, source.modality);
  }

  // From the newest values; only where they are not those of the window before.
  data::Prepared prepare_values(Source* source, const stream::CutWindow& window,
                                int64_t* newest_ns) const {
    auto found = values.find(source->fields, window.last_tick_ns, window.end_ns);
    std::vector<uint64_t> ids;
    for (const std::string& field : source->fields) {
      const auto one = found.find(field);
      ids.push_back(one == found.end() ? 0 : one->second.id);
      if (one != found.end()) *newest_ns = std::max(*newest_ns, one->second.time_ns);
    }
    if (ids == source->ids) return source->prepared;
    data::Sample sample;
    sample.where = "window";
    for (auto& [field, one] : found) sample.values[field] = std::move(one.value);
    serving.join_columns(&sample);
    source->ids.clear();  // where preparing fails, the next window tries again
    source->prepared = serving.bundle.preparation.prepare(sample, source->modality);
    source->ids = std::move(ids);
    return source->prepared;
  }

  void predict(const stream::CutWindow& window, StreamPrediction* out) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<data::Prepared> prepared;
    std::vector<int64_t> newest_ns(sources.size(), kNoTime);
    for (size_t m = 0; m < sources.size(); ++m)
      prepared.push_back(sources[m].stream != kNoStream
                             ? prepare_stream(sources[m], window, &newest_ns[m])
                             : prepare_values(&sources[m], window, &newest_ns[m]));
    model::EncodingUse use;
    const model::Scores scores = encodings.score(std::move(prepared), serving.threads(), &use);
    out->index = window.index;
    out->start_ns = window.start_ns;
    out->end_ns = window.end_ns;
    out->prediction = serving.describe(scores, 0);
    out->modalities.assign(sources.size(), {});
    for (size_t m = 0; m < sources.size(); ++m)
      out->modalities[m] = state_of(m, window.end_ns, newest_ns[m], scores.present[0][m], use);
    out->latency_ms = milliseconds_since(begin);
    ++num_predictions;
  }

  ModalityState state_of(size_t m, int64_t end_ns, int64_t newest_ns, bool is_present,
                         const model::EncodingUse& use) {
    Source& source = sources[m];
    if (use.has_run[m]) source.encoded_end_ns = end_ns;
    if (!use.is_outdated[m]) source.newest_ns = newest_ns;
    ++(use.has_run[m] ? num_run : use.is_outdated[m] ? num_outdated : num_reused);
    ModalityState state;
    state.name = serving.modalities[m];
    state.is_present = is_present;
    state.was_encoded = use.has_run[m];
    state.is_outdated = use.is_outdated[m];
    state.encoded_end_ns = source.encoded_end_ns;
    state.staleness_s = is_present ? align::seconds(end_ns - source.newest_ns)
                                   : std::numeric_limits<double>::infinity();
    return state;
  }

  model::Serving serving;
  AlignPlan plan;
  std::vector<Source> sources;  // (M)
  model::LiveWindows windows;
  model::LatestValues values;
  model::Encodings encodings;
  std::function<void(const DroppedMeasurement&)> on_dropped;
  std::mutex mutex;  // of whoever predicts
  std::atomic<int64_t> num_predictions{0}, num_run{0}, num_reused{0}, num_outdated{0};
};

StreamPredictor::StreamPredictor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StreamPredictor::~StreamPredictor() = default;
StreamPredictor::StreamPredictor(StreamPredictor&&) noexcept = default;
StreamPredictor& StreamPredictor::operator=(StreamPredictor&&) noexcept = default;

StreamPredictor StreamPredictor::load(const std::string& bundle_folder, const AlignPlan& plan,
                                      const StreamPredictorOptions& options) {
  return StreamPredictor(std::make_unique<Impl>(
      model::Serving::load(bundle_folder, options.predictor), plan, options));
}

StreamPredictor StreamPredictor::load(const std::string& bundle_folder,
                                      const std::string& report_path,
                                      const StreamPredictorOptions& options) {
  return load(bundle_folder, AlignPlan::read(report_path), options);
}

void StreamPredictor::push(const std::string& stream, int64_t time_ns, const double* values,
                           size_t channels) {
  impl_->windows.push(impl_->windows.place_of(stream), time_ns, values, channels);
}
void StreamPredictor::push(size_t stream, int64_t time_ns, const double* values, size_t channels) {
  impl_->windows.push(stream, time_ns, values, channels);
}
void StreamPredictor::push(int64_t time_ns, const Sample& values) { impl_->push(time_ns, values); }
void StreamPredictor::advance(int64_t now_ns) { impl_->windows.advance(now_ns); }
void StreamPredictor::finish() { impl_->windows.finish(); }
void StreamPredictor::finish(int64_t end_ns) { impl_->windows.finish(end_ns); }
void StreamPredictor::close() { impl_->windows.close(); }

bool StreamPredictor::next(StreamPrediction* prediction) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  stream::CutWindow window;
  if (!impl_->windows.next(&window)) return false;
  impl_->values.forget(window.last_tick_ns);
  impl_->predict(window, prediction);
  return true;
}

bool StreamPredictor::wait(StreamPrediction* prediction, int64_t timeout_ns) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  stream::CutWindow window;
  if (!impl_->windows.wait(&window, timeout_ns)) return false;
  impl_->values.forget(window.last_tick_ns);
  impl_->predict(window, prediction);
  return true;
}

bool StreamPredictor::is_over() const { return impl_->windows.is_over(); }
const AlignPlan& StreamPredictor::plan() const { return impl_->plan; }
const std::vector<std::string>& StreamPredictor::labels() const {
  return impl_->serving.bundle.labels;
}
const std::vector<std::string>& StreamPredictor::modalities() const {
  return impl_->serving.modalities;
}
const std::vector<FieldInfo>& StreamPredictor::fields() const { return impl_->serving.fields; }
const std::string& StreamPredictor::target() const { return impl_->serving.bundle.target; }
const std::string& StreamPredictor::task() const { return impl_->serving.task; }
bool StreamPredictor::is_calibrated() const { return impl_->serving.bundle.calibration != nullptr; }
StreamPredictorCounts StreamPredictor::counts() const {
  StreamPredictorCounts counts;
  counts.measurements = stream::to_public(impl_->windows.counts());
  counts.predictions = impl_->num_predictions;
  counts.windows_dropped = impl_->windows.num_dropped();
  counts.encoders_run = impl_->num_run;
  counts.encoders_reused = impl_->num_reused;
  counts.encoders_outdated = impl_->num_outdated;
  return counts;
}

}  // namespace braid
