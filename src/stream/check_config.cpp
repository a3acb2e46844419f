#include "align/timestamps.h"
#include "core/error.h"
#include "stream/synchronizer.h"

namespace braid::stream {
namespace {

constexpr size_t kMostCapacity = size_t{1} << 28;

void check_stream(const StreamConfig& stream, bool has_ticks) {
  BRAID_CHECK(
      stream.channels >= 1 && stream.channels <= 65536 && stream.capacity >= 2 &&
          stream.capacity <= kMostCapacity,
      config,
      "stream \"{}\": expected 1 to 65536 channels and room for 2 to {} measurements, got {} "
      "and {}",
      stream.name, kMostCapacity, stream.channels, stream.capacity);
  BRAID_CHECK(stream.shift_ns >= 0 && stream.shift_ns <= align::kFarthestNs, config,
              "stream \"{}\": shift: expected 0 or more, got {}", stream.name,
              align::format_duration(stream.shift_ns));
  if (!has_ticks) return;  // matches are measurements as they are
  const align::Method& method = align::find(stream.method);
  align::check(stream.options, fmt::format("stream \"{}\"", stream.name));
  BRAID_CHECK(
      method.is_local, config,
      "stream \"{}\": method \"{}\" needs more than a tick's neighbours, which a live stream "
      "does not have; take linear, nearest, previous or an aggregate",
      stream.name, stream.method);
  BRAID_CHECK(method.is_causal || stream.options.tolerance_ns < INT64_MAX, config,
              "stream \"{}\": method \"{}\" waits for the measurement after a tick: expected a "
              "tolerance, so that a silent stream holds nothing up",
              stream.name, stream.method);
  BRAID_CHECK(stream.options.gap != align::Gap::fail, config,
              "stream \"{}\": gap policy fail is for files; live, take mask or hold", stream.name);
}

}  // namespace

void check_config(const Config& config) {
  BRAID_CHECK(!config.streams.empty(), config, "streams: expected at least one, got none");
  BRAID_CHECK(config.step_ns >= 0 && config.step_ns <= align::kFarthestNs, config,
              "step: expected 0 (matches) or a duration below 146 years, got {}",
              align::format_duration(config.step_ns));
  BRAID_CHECK(config.anchor_ns >= -align::kFarthestNs && config.anchor_ns <= align::kFarthestNs,
              config, "anchor: expected a time within 146 years of 0, got {} ns", config.anchor_ns);
  for (const auto& [name, value] :
       {std::pair("lateness", config.lateness_ns), std::pair("max ahead", config.max_ahead_ns),
        std::pair("match tolerance", config.match_tolerance_ns)})
    BRAID_CHECK(value >= 0, config, "{}: expected 0 or more, got {}", name,
                align::format_duration(value));
  BRAID_CHECK(config.start_ns == align::kNever ||
                  (config.start_ns >= -align::kFarthestNs && config.start_ns <= align::kFarthestNs),
              config, "start: expected a time within 146 years of 0, got {} ns", config.start_ns);
  BRAID_CHECK(config.num_frames > 0, config, "frames that wait: expected at least 1, got 0");
  for (size_t s = 0; s < config.streams.size(); ++s) {
    for (size_t other = 0; other < s; ++other)
      BRAID_CHECK(config.streams[other].name != config.streams[s].name, config,
                  "stream \"{}\": expected names that differ, got it twice",
                  config.streams[s].name);
    check_stream(config.streams[s], config.step_ns > 0);
  }
}

}  // namespace braid::stream
