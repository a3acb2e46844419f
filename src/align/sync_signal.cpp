#include "align/sync_signal.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "align/align.h"
#include "align/media_stream.h"
#include "align/session.h"
#include "core/error.h"
#include "formats/audio.h"
#include "formats/video.h"

namespace braid::align {
namespace {

constexpr int64_t kStepNs = 10000000;
constexpr int64_t kStepsInWindow = 4;
constexpr int64_t kMostTicks = int64_t{1} << 27;  // of 10 ms: two weeks
constexpr int kHeight = 32;                       // pixels
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// The means of [t - step / 2, t + step / 2) at even ticks; NaN of none.
Series thinned(const Series& series) {
  Series thin = {series.name, {}, 1, {}};
  if (series.size() == 0) return thin;
  const double ticks =
      static_cast<double>(series.times_ns.back() - series.times_ns.front()) / kStepNs;
  BRAID_CHECK(
      ticks < kMostTicks, data,
      "{}: expected a recording of at most {} to find an offset in, got {}; do its times jump?",
      series.name, format_duration(int64_t{kMostTicks} * kStepNs),
      format_duration(series.times_ns.back() - series.times_ns.front()));
  thin.times_ns = regular_ticks(series.times_ns.front(), series.times_ns.back(), kStepNs);
  size_t i = 0;
  for (const int64_t tick : thin.times_ns) {
    double sum = 0, count = 0;
    for (; i < series.times_ns.size() && series.times_ns[i] < tick + kStepNs / 2; ++i) {
      if (std::isnan(series.values[i])) continue;
      sum += series.values[i];
      ++count;
    }
    thin.values.push_back(count > 0 ? sum / count : kMissing);
  }
  return thin;
}

// On even ticks from its start on, mean 0 and variance 1; empty where that cannot be.
void standardise(int64_t step_ns, Series* series) {
  Options options;
  options.tolerance_ns = 4 * step_ns;
  const std::vector<int64_t> ticks =
      regular_ticks(series->times_ns.front(), series->times_ns.back(), step_ns);
  series->values = align(*series, find("linear"), ticks, options).values;
  series->times_ns = ticks;
  double n = 0, mean = 0, squares = 0, size = 0;
  for (const double x : series->values) {
    if (std::isnan(x)) continue;
    const double away = x - mean;
    mean += away / ++n;
    squares += away * (x - mean);
    size = std::max(size, std::abs(x));
  }
  const double deviation = n > 0 ? std::sqrt(squares / n) : 0;
  if (deviation <= 1e-9 * size) {
    series->times_ns.clear();
    series->values.clear();
  }
  for (double& x : series->values) x = (x - mean) / deviation;
}

double difference(const formats::Image& a, const formats::Image& b) {
  const size_t size = std::min(a.pixels.size(), b.pixels.size());
  int64_t sum = 0;
  for (size_t i = 0; i < size; ++i) sum += std::abs(int{a.pixels[i]} - int{b.pixels[i]});
  return static_cast<double>(sum) / static_cast<double>(std::max<size_t>(1, size));
}

}  // namespace

Series loudness(const std::vector<float>& samples, double rate_hz, int64_t start_ns) {
  Series signal = {"loudness", {}, 1, {}};
  double mean = 0;
  for (const float x : samples) mean += x;
  mean /= static_cast<double>(std::max<size_t>(1, samples.size()));
  std::vector<double> squares, counts;  // of one step each
  const double step = rate_hz * seconds(kStepNs);
  for (size_t i = 0; i < samples.size();) {
    const double last = std::round(step * static_cast<double>(squares.size() + 1));
    const size_t end = std::min(samples.size(), static_cast<size_t>(std::max(1.0, last)));
    counts.push_back(static_cast<double>(end > i ? end - i : 0));
    squares.push_back(0);
    for (; i < end; ++i) squares.back() += (samples[i] - mean) * (samples[i] - mean);
  }
  const int64_t num = static_cast<int64_t>(squares.size());
  for (int64_t k = 0; k < num; ++k) {  // tick k stands where step k begins
    double sum = 0, count = 0;
    const int64_t first = std::max<int64_t>(0, k - kStepsInWindow / 2);
    for (int64_t i = first; i < std::min(num, k + kStepsInWindow / 2); ++i) {
      sum += squares[static_cast<size_t>(i)];
      count += counts[static_cast<size_t>(i)];
    }
    signal.times_ns.push_back(saturating_add(start_ns, k * kStepNs));
    signal.values.push_back(count > 0 ? std::sqrt(sum / count) : kMissing);
  }
  return signal;
}

Series motion(const std::string& path, int64_t start_ns) {
  formats::VideoOptions options;
  options.height = kHeight;
  options.channels = 1;
  const formats::Video video = formats::read_video(path, options);
  Series signal = {path, {}, 1, {}};
  for (size_t i = 0; i + 1 < video.frames.size(); ++i) {
    const formats::Frame &a = video.frames[i], &b = video.frames[i + 1];
    const int64_t step_ns = b.time_ns - a.time_ns;
    const int64_t time_ns = saturating_add(start_ns, a.time_ns + step_ns / 2);
    // Two frames of one time tell nothing, and times ascend.
    if (step_ns <= 0 || (!signal.times_ns.empty() && time_ns <= signal.times_ns.back())) continue;
    signal.times_ns.push_back(time_ns);
    signal.values.push_back(difference(a.image, b.image) / seconds(step_ns));
  }
  return signal;
}

Series change(const Series& series) {
  check(series);
  const size_t C = static_cast<size_t>(series.channels), N = series.times_ns.size();
  Series signal = {series.name, {}, 1, {}};
  const auto rise = [&](size_t i, size_t c) {
    return std::abs(series.values[(i + 1) * C + c] - series.values[i * C + c]) /
           seconds(series.times_ns[i + 1] - series.times_ns[i]);
  };
  std::vector<double> means(C, 0), counts(C, 0);
  for (size_t i = 0; i + 1 < N; ++i)
    for (size_t c = 0; c < C; ++c)
      if (!std::isnan(rise(i, c))) means[c] += rise(i, c), ++counts[c];
  for (size_t c = 0; c < C; ++c) means[c] /= std::max(1.0, counts[c]);
  for (size_t i = 0; i + 1 < N; ++i) {
    double sum = 0, count = 0;
    for (size_t c = 0; c < C; ++c) {
      if (means[c] <= 0 || std::isnan(rise(i, c))) continue;
      sum += rise(i, c) / means[c];
      ++count;
    }
    const int64_t time_ns = series.times_ns[i] + (series.times_ns[i + 1] - series.times_ns[i]) / 2;
    if (!signal.times_ns.empty() && time_ns <= signal.times_ns.back()) continue;  // steps of 1 ns
    signal.times_ns.push_back(time_ns);
    signal.values.push_back(count > 0 ? sum / count : kMissing);
  }
  const int64_t step_ns = median_step(signal.times_ns);
  return step_ns > 0 && step_ns < kStepNs ? thinned(signal) : signal;
}

double leave_out_common(std::vector<Series>* signals) {
  int64_t step_ns = INT64_MAX;
  for (const Series& series : *signals)
    if (series.size() > 1) step_ns = std::min(step_ns, median_step(series.times_ns));
  size_t T = 0;
  for (Series& series : *signals) {
    if (series.size() < 2) continue;
    standardise(step_ns, &series);
    T = std::max(T, series.values.size());
  }
  std::vector<double> sums(T, 0), counts(T, 0), squares(T, 0);
  for (const Series& series : *signals)
    for (size_t t = 0; t < series.values.size(); ++t) {
      if (std::isnan(series.values[t])) continue;
      sums[t] += series.values[t];
      squares[t] += series.values[t] * series.values[t];
      ++counts[t];
    }
  double common = 0, all = 0;  // products of two different signals, and squares
  for (size_t t = 0; t < T; ++t) {
    if (counts[t] < 2) continue;
    common += (sums[t] * sums[t] - squares[t]) / (counts[t] - 1);
    all += squares[t];
  }
  const double share = all > 0 ? std::clamp(common / all, 0.0, 1.0) : 0;
  if (share == 0) return 0;
  for (Series& series : *signals)
    for (size_t t = 0; t < series.values.size(); ++t)
      if (counts[t] > 1)  // NaN stays NaN
        series.values[t] -=
            share / (1 - share + share * (counts[t] - 1)) * (sums[t] - series.values[t]);
  return share;
}

Series sync_signal(const StreamEntry& entry, bool repairs) {
  const int64_t start_ns =
      saturating_add(entry.read.start_ns.value_or(0), entry.read.clock_offset_ns);
  Series signal;
  switch (media_kind(entry.path)) {
    case MediaKind::sound: {
      const formats::Audio audio = formats::read_audio(entry.path, /*rate_hz=*/0);
      signal = loudness(audio.samples, audio.rate_hz, start_ns);
      break;
    }
    case MediaKind::video:
      signal = motion(entry.path, start_ns);
      break;
    case MediaKind::none:
      signal = change(load_stream(entry, repairs));
      break;
  }
  signal.name = entry.label();
  return signal;
}

}  // namespace braid::align
