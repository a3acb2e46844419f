// The public promise of include/braid/synchronizer.h.
#include "stream/promise.h"

#include <cmath>
#include <unordered_map>
#include <utility>

#include "align/timestamps.h"
#include "core/error.h"

namespace braid {

static_assert(kNoTime == align::kNever, "a promise and its keeper");

int64_t nanoseconds(double seconds) {
  BRAID_CHECK(std::abs(seconds) < align::seconds(align::kFarthestNs), data,
              "time: expected seconds within 146 years of 0, got {}", seconds);
  return align::nearest_whole(seconds * 1e9);
}

const char* to_string(DropReason reason) {
  return stream::to_string(static_cast<stream::Reason>(reason));
}

namespace stream {

static_assert(static_cast<int>(DropReason::frame_dropped) ==
                      static_cast<int>(Reason::frame_dropped) &&
                  static_cast<int>(DropReason::unmatched) == static_cast<int>(Reason::unmatched) &&
                  static_cast<int>(DropReason::late) == static_cast<int>(Reason::late),
              "the same reasons in the same order");

Backpressure to_internal(braid::Backpressure backpressure) {
  switch (backpressure) {
    case braid::Backpressure::block:
      return Backpressure::block;
    case braid::Backpressure::drop_newest:
      return Backpressure::drop_newest;
    default:
      return Backpressure::drop_oldest;
  }
}

DroppedMeasurement to_public(const Dropped& dropped, const std::vector<std::string>& names) {
  return {dropped.stream < names.size() ? names[dropped.stream] : "", dropped.time_ns,
          static_cast<DropReason>(dropped.reason), dropped.count};
}

SynchronizerCounts to_public(const Counts& counts) {
  return {counts.pushed,   counts.late,      counts.ahead,  counts.duplicate,
          counts.overflow, counts.unmatched, counts.frames, counts.frames_dropped};
}

namespace {

Config config_of(const SynchronizerOptions& options, const std::vector<std::string>& names) {
  Config config;
  config.step_ns = options.step_ns;
  config.anchor_ns = options.anchor_ns;
  config.match_tolerance_ns = options.match_tolerance_ns;
  config.lateness_ns = options.lateness_ns;
  config.max_ahead_ns = options.max_ahead_ns;
  config.backpressure = to_internal(options.backpressure);
  config.num_frames = options.num_frames;
  for (const SynchronizerStream& given : options.streams) {
    StreamConfig one;
    one.name = given.name;
    one.channels = given.channels;
    one.method = given.method;
    one.options.tolerance_ns = given.tolerance_ns;
    one.options.window_ns = given.window_ns;
    if (given.hold_ns != 0) one.options.gap = align::Gap::hold;
    one.options.hold_ns = given.hold_ns;
    one.capacity = given.capacity;
    if (given.covers_step_after && options.step_ns > 0) one.shift_ns = options.step_ns - 1;
    config.streams.push_back(std::move(one));
  }
  if (options.on_dropped)
    config.on_dropped = [tell = options.on_dropped, names](const Dropped& dropped) {
      tell(to_public(dropped, names));
    };
  return config;
}

std::vector<std::string> names_of(const SynchronizerOptions& options) {
  std::vector<std::string> names;
  for (const SynchronizerStream& stream : options.streams) names.push_back(stream.name);
  return names;
}

}  // namespace
}  // namespace stream

struct Synchronizer::Impl {
  explicit Impl(const SynchronizerOptions& options)
      : names(stream::names_of(options)), keeper(stream::config_of(options, names)) {
    for (size_t s = 0; s < names.size(); ++s) places[names[s]] = s;
  }
  void check(size_t stream, size_t channels) const {
    BRAID_CHECK(stream < names.size(), usage, "stream {}: expected one of {}", stream,
                names.size());
    const auto expected = static_cast<size_t>(keeper.config().streams[stream].channels);
    BRAID_CHECK(channels == expected, usage, "stream \"{}\": expected {} channels, got {}",
                names[stream], expected, channels);
  }
  // The caller's memory goes into the keeper and comes back with the next frame.
  template <class Take>
  static bool take_into(SynchronizedFrame* out, const Take& take) {
    stream::Frame frame;
    frame.values.swap(out->values);
    frame.used_ns.swap(out->used_ns);
    const bool has = take(&frame);
    frame.values.swap(out->values);
    frame.used_ns.swap(out->used_ns);
    if (!has) return false;
    out->tick_ns = frame.tick_ns;
    out->is_present.assign(frame.present.begin(), frame.present.end());
    return true;
  }

  std::vector<std::string> names;
  std::unordered_map<std::string, size_t> places;
  stream::Synchronizer keeper;
};

Synchronizer::Synchronizer(const SynchronizerOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}
Synchronizer::~Synchronizer() = default;
Synchronizer::Synchronizer(Synchronizer&&) noexcept = default;
Synchronizer& Synchronizer::operator=(Synchronizer&&) noexcept = default;

void Synchronizer::push(size_t stream, int64_t time_ns, const double* values, size_t channels) {
  impl_->check(stream, channels);
  impl_->keeper.push(stream, time_ns, values);
}

void Synchronizer::push(const std::string& stream, int64_t time_ns, const double* values,
                        size_t channels) {
  const auto found = impl_->places.find(stream);
  if (found == impl_->places.end())
    throw Error(ErrorKind::usage, unknown_name("stream", stream, impl_->names));
  push(found->second, time_ns, values, channels);
}

void Synchronizer::advance(int64_t now_ns) { impl_->keeper.advance(now_ns); }
void Synchronizer::finish() { impl_->keeper.finish(); }
void Synchronizer::close() { impl_->keeper.close(); }
bool Synchronizer::take(SynchronizedFrame* frame) {
  return Impl::take_into(frame, [this](stream::Frame* own) { return impl_->keeper.take(own); });
}
bool Synchronizer::wait(SynchronizedFrame* frame, int64_t timeout_ns) {
  return Impl::take_into(frame,
                         [&](stream::Frame* own) { return impl_->keeper.wait(own, timeout_ns); });
}
bool Synchronizer::is_over() const { return impl_->keeper.is_over(); }
SynchronizerCounts Synchronizer::counts() const {
  return stream::to_public(impl_->keeper.counts());
}

}  // namespace braid
