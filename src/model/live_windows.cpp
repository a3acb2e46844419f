#include "model/live_windows.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "align/align.h"
#include "core/error.h"
#include "stream/promise.h"

namespace braid::model {
namespace {

constexpr size_t kLeastCapacity = 4096, kMostCapacity = size_t{1} << 24;
constexpr size_t kLeastWaiting = 1024;

std::vector<std::string> names_of(const AlignPlan& plan) {
  std::vector<std::string> names;
  for (const AlignPlan::Stream& stream : plan.streams) names.push_back(stream.name);
  return names;
}

// A stream of which nothing is known, not even its channels, has one.
std::vector<int64_t> channels_of(const AlignPlan& plan) {
  std::vector<int64_t> channels;
  for (const AlignPlan::Stream& stream : plan.streams)
    channels.push_back(std::max<int64_t>(1, static_cast<int64_t>(stream.channels.size())));
  return channels;
}

stream::WindowTicks ticks_of(const AlignPlan& plan, const StreamPredictorOptions& options) {
  const bool has_own = options.window_ns != 0;
  const int64_t window_ns = has_own ? options.window_ns : plan.window_ns;
  BRAID_CHECK(window_ns != 0, config,
              "plan: expected fixed windows, got samples cut at events; say how long a window is "
              "and how often one begins (window_ns, hop_ns)");
  int64_t hop_ns = options.hop_ns;
  if (hop_ns == 0) hop_ns = has_own || plan.hop_ns == 0 ? window_ns : plan.hop_ns;
  return {plan.rate_hz, window_ns, hop_ns};
}

// Twice what may lie between the oldest measurement that a tick needs and the newest that has come.
size_t capacity_of(const AlignPlan::Stream& stream, const align::Method& method, int64_t step_ns,
                   const StreamPredictorOptions& options) {
  if (options.capacity > 0) return options.capacity;
  if (stream.median_step_ns <= 0) return kLeastCapacity;
  int64_t span_ns = align::saturating_add(2 * step_ns, options.lateness_ns);
  if (!method.is_causal) span_ns = align::saturating_add(span_ns, stream.tolerance_ns);
  const auto needed = static_cast<size_t>(span_ns / stream.median_step_ns);
  return std::clamp(2 * needed, kLeastCapacity, kMostCapacity);
}

stream::StreamConfig stream_config(const AlignPlan& plan, const AlignPlan::Stream& given,
                                   bool is_read, int64_t step_ns,
                                   const StreamPredictorOptions& options) {
  // What nothing reads keeps the clock alone, by the cheapest method.
  const align::Method& method = align::find(is_read ? given.method : "previous");
  BRAID_CHECK(method.is_local, config,
              "stream \"{}\": expected a method that works live, got {}, which needs the whole "
              "recording; give `braid align` --method {}=linear (or nearest, previous or an "
              "aggregate) and train on those samples",
              given.name, method.name, given.name);
  stream::StreamConfig config;
  config.name = given.name;
  config.channels = std::max<int64_t>(1, static_cast<int64_t>(given.channels.size()));
  config.method = method.name;
  config.options.tolerance_ns = given.tolerance_ns;
  if (plan.hold_ns >= 0) {
    config.options.gap = align::Gap::hold;
    config.options.hold_ns = plan.hold_ns;
  }
  config.capacity = capacity_of(given, method, step_ns, options);
  // As samples are written: an aggregate takes [tick, tick + step).
  if (align::is_aggregate(method)) {
    config.options.window_ns = step_ns;
    config.shift_ns = step_ns - 1;
  }
  return config;
}

stream::Config config_of(const AlignPlan& plan, const StreamPredictorOptions& options,
                         const std::vector<bool>& is_read, const stream::WindowTicks& ticks) {
  stream::Config config;
  config.step_ns = static_cast<int64_t>(std::llround(1e9 / plan.rate_hz));
  config.start_ns = options.start_ns;
  config.tick_after = [ticks](int64_t start_ns, int64_t tick_ns) {
    return ticks.after(start_ns, tick_ns);
  };
  config.lateness_ns = options.lateness_ns;
  config.max_ahead_ns = options.max_ahead_ns;
  config.backpressure = stream::to_internal(options.backpressure);
  config.num_frames = options.num_waiting > 0 ? options.num_waiting
                                              : std::max(kLeastWaiting, 4 * ticks.offsets().size());
  for (size_t s = 0; s < plan.streams.size(); ++s)
    config.streams.push_back(
        stream_config(plan, plan.streams[s], is_read[s], config.step_ns, options));
  if (options.on_dropped)
    config.on_dropped = [tell = options.on_dropped,
                         names = names_of(plan)](const stream::Dropped& dropped) {
      tell(stream::to_public(dropped, names));
    };
  return config;
}

}  // namespace

LiveWindows::LiveWindows(const AlignPlan& plan, const StreamPredictorOptions& options,
                         const std::vector<bool>& is_read)
    : names_(names_of(plan)),
      ticks_(ticks_of(plan, options)),
      synchronizer_(config_of(plan, options, is_read, ticks_)),
      cutter_(ticks_, channels_of(plan)) {
  for (size_t s = 0; s < names_.size(); ++s) {
    places_[names_[s]] = s;
    median_steps_ns_.push_back(plan.streams[s].median_step_ns);
  }
  if (options.start_ns != kNoTime) cutter_.set_start(options.start_ns);
}

size_t LiveWindows::place_of(const std::string& stream) const {
  const auto found = places_.find(stream);
  if (found == places_.end()) throw Error(ErrorKind::usage, unknown_name("stream", stream, names_));
  return found->second;
}

void LiveWindows::push(size_t stream, int64_t time_ns, const double* values, size_t channels) {
  BRAID_CHECK(stream < names_.size(), usage, "stream {}: expected one of {}", stream,
              names_.size());
  const auto expected = static_cast<size_t>(synchronizer_.config().streams[stream].channels);
  BRAID_CHECK(channels == expected, usage, "stream \"{}\": expected {} channel{}, got {}",
              names_[stream], expected, expected == 1 ? "" : "s", channels);
  for (size_t c = 0; c < channels; ++c)
    BRAID_CHECK(!std::isinf(static_cast<float>(values[c])) || std::isinf(values[c]), data,
                "stream \"{}\": expected values that float32 holds, got {}; change its unit",
                names_[stream], values[c]);
  synchronizer_.push(stream, time_ns, values);
}

void LiveWindows::finish() {
  int64_t end_ns = align::kNever;
  for (size_t s = 0; s < names_.size(); ++s) {
    const int64_t newest_ns = synchronizer_.newest_ns(s);
    if (newest_ns != align::kNever)
      end_ns = std::max(end_ns, newest_ns + std::max<int64_t>(1, median_steps_ns_[s]));
  }
  if (end_ns == align::kNever)
    synchronizer_.finish();
  else
    finish(end_ns);
}

void LiveWindows::finish(int64_t end_ns) {
  end_ns_ = end_ns;
  synchronizer_.finish(align::saturating_sub(end_ns, 1));
}

// The next window of the ticks so far.
bool LiveWindows::cut(stream::CutWindow* window) {
  bool has = cutter_.next(window);
  while (has && window->end_ns > end_ns_) has = cutter_.next(window);
  num_dropped_ = cutter_.num_broken();
  return has;
}

bool LiveWindows::next(stream::CutWindow* window) {
  const std::lock_guard<std::mutex> lock(mutex_);
  while (!cut(window)) {
    if (!synchronizer_.take(&frame_)) return false;
    cutter_.add(frame_);
  }
  return true;
}

bool LiveWindows::wait(stream::CutWindow* window, int64_t timeout_ns) {
  using Clock = std::chrono::steady_clock;
  const std::lock_guard<std::mutex> lock(mutex_);
  const Clock::time_point begin = Clock::now();
  while (!cut(window)) {
    const int64_t gone_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
    const int64_t left_ns = std::max<int64_t>(0, align::saturating_sub(timeout_ns, gone_ns));
    if (!synchronizer_.wait(&frame_, left_ns)) return false;
    cutter_.add(frame_);
  }
  return true;
}

}  // namespace braid::model
