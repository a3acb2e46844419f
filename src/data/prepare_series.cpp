// Measurements over time: brought to even ticks where their files have them, cut at one length,
// standardised per channel; gaps stay gaps.
#include <algorithm>
#include <cmath>

#include "align/align.h"
#include "data/prepare_kinds.h"
#include "data/read_measurements.h"

namespace braid::data {
namespace {

constexpr int64_t kShortest = 16, kLongest = 512;  // of a length that is left to the files
constexpr int64_t kMostTicks = int64_t{1} << 26;   // of one sample, before it is cut

struct SeriesState {
  double rate_hz = 0;
  std::string method = "linear";
  int64_t length = 0;
  std::string crop = "head";
  bool remove_mean = false;
  double clip = 10;
  double step_s = 0;
  std::vector<std::string> channels;
  Standardizer channel;
  template <class V>
  void visit(V& v) {
    v("rate_hz", rate_hz, at_least(0), "ticks a second; 0 = each measurement at its own time");
    v("method", method, any(), "how a tick gets its value");
    v("length", length, between(1, 65536), "most ticks");
    v("crop", crop, one_of({"head", "centre", "tail"}), "what is kept of longer ones");
    v("remove_mean", remove_mean, any(), "subtract each sample's own mean per channel");
    v("clip", clip, at_least(0.1), "standardised values are clipped to +-clip");
    v("step_s", step_s, at_least(0), "seconds between ticks, the median");
    v("channels", channels, any(), "their names, in order");
    v("channel", channel, any(), "statistics per channel");
  }
};

// Where neighbouring measurements of a channel lie further apart than `most`, ticks between them
// are missing, but those that (nearly) meet one.
void keep_gaps(const align::Series& in, int64_t most_ns, align::Series* out) {
  const size_t C = static_cast<size_t>(in.channels), N = in.times_ns.size();
  for (size_t c = 0; c < C; ++c) {
    size_t next = 0;
    int64_t before_ns = align::kNever;
    for (size_t t = 0; t < out->times_ns.size(); ++t) {
      const int64_t tick_ns = out->times_ns[t];
      while (next < N && (in.times_ns[next] <= tick_ns || std::isnan(in.values[next * C + c]))) {
        if (!std::isnan(in.values[next * C + c])) before_ns = in.times_ns[next];
        ++next;
      }
      if (before_ns == align::kNever || next == N) continue;
      const int64_t after_ns = in.times_ns[next];
      const bool meets_one = std::min(tick_ns - before_ns, after_ns - tick_ns) <= most_ns / 6;
      if (after_ns - before_ns > most_ns && !meets_one) out->values[t * C + c] = std::nan("");
    }
  }
}

// Even ticks from 0 on, each [tick, tick + step) for methods that gather. A gap of more than one
// and a half steps stays one.
align::Series resampled(const align::Series& in, const SeriesState& state) {
  const auto tick_of = [&](int64_t i) {
    return align::nearest_whole(static_cast<double>(i) * 1e9 / state.rate_hz);
  };
  align::Series out;
  out.name = in.name;
  out.channels = in.channels;
  const double count = align::seconds(in.times_ns.back()) * state.rate_hz;
  BRAID_CHECK(count < kMostTicks, data,
              "{}: expected at most {} ticks at {} Hz, got {}; set a lower prepare.series.rate_hz",
              in.name, kMostTicks, state.rate_hz, count);
  for (int64_t i = 0; i == 0 || tick_of(i) <= in.times_ns.back(); ++i)
    out.times_ns.push_back(tick_of(i));
  align::Options options;
  const int64_t step = std::max<int64_t>(tick_of(1), 1);
  const int64_t own = std::max(align::median_step(in.times_ns), step);
  options.tolerance_ns = own + own / 2;
  const align::Method& method = align::find(state.method);
  std::vector<int64_t> taken = out.times_ns;
  if (align::is_aggregate(method)) {
    // Up to the next tick, whose distance differs by a nanosecond where the rate is no whole step.
    options.window_ns = step + 1;
    for (size_t i = 0; i < taken.size(); ++i) taken[i] = tick_of(static_cast<int64_t>(i) + 1) - 1;
  }
  out.values = align::align(in, method, taken, options).values;
  if (!align::is_aggregate(method)) keep_gaps(in, options.tolerance_ns, &out);
  return out;
}

void crop(const SeriesState& state, align::Series* series) {
  const int64_t extra = series->size() - state.length;
  if (extra <= 0) return;
  const int64_t first = state.crop == "head" ? 0 : state.crop == "tail" ? extra : extra / 2;
  const int64_t C = series->channels;
  const auto cut = [](auto* list, int64_t from, int64_t count) {
    list->erase(list->begin(), list->begin() + from);
    list->resize(static_cast<size_t>(count));
  };
  cut(&series->times_ns, first, state.length);
  cut(&series->values, first * C, state.length * C);
  const int64_t zero_ns = series->times_ns.front();
  for (int64_t& time_ns : series->times_ns) time_ns -= first > 0 ? zero_ns : 0;
}

void remove_means(align::Series* series) {
  const size_t C = static_cast<size_t>(series->channels);
  for (size_t c = 0; c < C; ++c) {
    double sum = 0, count = 0;
    for (size_t i = c; i < series->values.size(); i += C)
      if (!std::isnan(series->values[i])) sum += series->values[i], ++count;
    for (size_t i = c; i < series->values.size(); i += C)
      series->values[i] -= sum / std::max(count, 1.0);
  }
}

// The sample's ticks before standardising; none where it is too late for any. Files have to have
// the columns of the first training file, in its order; what comes from memory as many.
align::Series load_ticks(const Value& value, const SeriesState& state) {
  Measurements read = read_measurements(value);
  const bool has_names = std::holds_alternative<Path>(value);
  if (read.series.size() == 0) return std::move(read.series);
  BRAID_CHECK(
      has_names ? read.channels == state.channels : read.channels.size() == state.channels.size(),
      data, "{}: expected the channels {}, as in the first training row, got {}", read.series.name,
      fmt::join(state.channels, ", "), fmt::join(read.channels, ", "));
  align::Series series = state.rate_hz > 0 ? resampled(read.series, state) : std::move(read.series);
  crop(state, &series);
  if (state.remove_mean) remove_means(&series);
  return series;
}

class SeriesPreparer : public Preparer {
 public:
  SeriesPreparer(std::string field, SeriesState state)
      : field_(std::move(field)), state_(std::move(state)) {}

  ModalitySpec spec() const override {
    ModalitySpec spec;
    spec.name = field_;
    spec.kind = Kind::series;
    spec.features = static_cast<int64_t>(state_.channels.size());
    spec.max_length = state_.length;
    spec.step_s = state_.step_s;
    spec.field_names = state_.channels;
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, field_);
    if (std::holds_alternative<std::monostate>(value)) return result;
    align::Series series;
    in_field(sample, field_, [&] { series = load_ticks(value, state_); });
    if (series.size() == 0) return result;
    const size_t C = state_.channels.size();
    result.values.assign(series.values.size(), 0.0f);
    result.observed.assign(series.values.size(), 0);
    for (size_t i = 0; i < series.values.size(); ++i) {
      if (std::isnan(series.values[i])) continue;
      result.values[i] = state_.channel.apply(i % C, series.values[i], state_.clip);
      result.observed[i] = 1;
    }
    for (const int64_t time_ns : series.times_ns)
      result.times.push_back(static_cast<float>(align::seconds(time_ns)));
    result.present = true;
    result.length = series.size();
    return result;
  }

  Json dump() const override { return dump_config(state_); }

 private:
  std::string field_;
  SeriesState state_;
};

struct Looked {
  int64_t size = 0, step_ns = 0, span_ns = 0;
  bool is_even = false;  // nine in ten steps are within a tenth of the median
};

Looked look_at(const align::Series& series) {
  Looked out;
  out.size = series.size();
  out.step_ns = align::median_step(series.times_ns);
  out.span_ns = series.times_ns.back() - series.times_ns.front();
  int64_t near = 0;
  for (size_t i = 1; i < series.times_ns.size(); ++i)
    if (std::abs(series.times_ns[i] - series.times_ns[i - 1] - out.step_ns) <= out.step_ns / 10)
      ++near;
  out.is_even = near * 10 >= (out.size - 1) * 9;
  return out;
}

// Rate, length and method that the config leaves to the files.
void learn_sizes(const std::vector<Looked>& files, const SeriesConfig& config, SeriesState* state) {
  std::vector<int64_t> steps, sizes;
  int64_t num_even = 0;
  for (const Looked& file : files) {
    if (file.size > 1) steps.push_back(file.step_ns), num_even += file.is_even ? 1 : 0;
    sizes.push_back(file.size);
  }
  const double file_hz = steps.empty() ? 0 : 1e9 / static_cast<double>(median(steps));
  const bool is_even = !steps.empty() && num_even * 10 >= static_cast<int64_t>(steps.size()) * 9;
  if (state->rate_hz == 0 && is_even) {
    state->rate_hz = file_hz;
    const int64_t most = state->length > 0 ? state->length : kLongest;
    const int64_t size = median(sizes);
    if (size > most)
      state->rate_hz = file_hz * static_cast<double>(most) / static_cast<double>(size);
  }
  if (state->rate_hz > 0 && file_hz > 0)
    for (size_t i = 0; i < files.size(); ++i)
      sizes[i] = static_cast<int64_t>(align::seconds(files[i].span_ns) * state->rate_hz) + 1;
  if (state->length == 0) {
    const int64_t least = state->rate_hz > 0 ? kShortest : 1;
    state->length = std::clamp(median(sizes), least, kLongest);
  }
  if (config.method == "auto")
    state->method = state->rate_hz > 0 && file_hz > state->rate_hz * 1.05 ? "mean" : "linear";
  state->step_s = state->rate_hz > 0 ? 1 / state->rate_hz : file_hz > 0 ? 1 / file_hz : 1;
}

}  // namespace

PreparerPtr learn_series(const Training& training, const SeriesConfig& config) {
  const std::string& field = training.modality.name;
  SeriesState state;
  state.rate_hz = config.rate_hz;
  state.length = config.length;
  state.crop = config.crop;
  state.remove_mean = config.remove_mean;
  state.clip = config.clip;
  if (config.method != "auto") state.method = align::find(config.method).name;

  const std::vector<int64_t> sized = rows_with(training, field, kSizeSample);
  std::vector<Looked> looked(sized.size());
  std::vector<std::vector<std::string>> names(sized.size());
  const std::vector<size_t> readable =
      visit_samples(training, sized, [&](const Sample& sample, size_t i) {
        in_field(sample, field, [&] {
          const Measurements read = read_measurements(value_of(sample, field));
          looked[i] = look_at(read.series);
          names[i] = read.channels;
        });
      });
  state.channels = names[readable.front()];
  std::vector<Looked> files;
  for (const size_t i : readable) files.push_back(looked[i]);
  learn_sizes(files, config, &state);

  const std::vector<int64_t> rows = rows_with(training, field, kStatisticsSample);
  const size_t C = state.channels.size();
  state.channel =
      learn_statistics(training, rows, C, [&](const Sample& sample, std::vector<Moments>* moments) {
        const align::Series series = load_ticks(value_of(sample, field), state);
        for (size_t j = 0; j < series.values.size(); ++j)
          if (!std::isnan(series.values[j])) (*moments)[j % C].add(series.values[j]);
      });
  return std::make_unique<SeriesPreparer>(field, std::move(state));
}

PreparerPtr load_series(const Saved& saved) {
  SeriesState state = read_saved<SeriesState>(saved.node, saved.where);
  BRAID_CHECK(!state.channels.empty(), format, "{}: expected channels, got none", saved.where);
  state.channel.check(state.channels.size(), saved.where);
  try {
    align::find(state.method);
  } catch (const Error& e) {
    throw Error(ErrorKind::format, fmt::format("{}: {}", saved.where, e.what()));
  }
  return std::make_unique<SeriesPreparer>(saved.modality.name, std::move(state));
}

}  // namespace braid::data
