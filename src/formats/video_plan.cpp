#include "formats/video_plan.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace braid::formats {
namespace {

constexpr double kNanoseconds = 1e9;

void check(const VideoOptions& o, const std::string& name) {
  BRAID_CHECK(o.rate_hz >= 0 && o.rate_hz <= 1e6, usage,
              "{}: rate_hz: expected 0 (every frame) to 1000000, got {}", name, o.rate_hz);
  BRAID_CHECK(o.count >= 0, usage, "{}: count: expected at least 0, got {}", name, o.count);
  BRAID_CHECK(o.count == 0 || o.rate_hz == 0, usage,
              "{}: expected a rate or a count of frames, got both; leave one at 0", name);
  BRAID_CHECK(o.from_s >= 0 && o.from_s < 1e9 && o.to_s > o.from_s, usage,
              "{}: from_s and to_s: expected 0 <= from_s < to_s, got {} and {}", name, o.from_s,
              o.to_s);
}

void add_ticks(const VideoOptions& options, int64_t from_ns, int64_t to_ns, Moments* moments) {
  for (int64_t k = 0;; ++k) {
    const double offset_ns = static_cast<double>(k) / options.rate_hz * kNanoseconds;
    const int64_t tick = from_ns + std::llround(offset_ns);
    if (tick >= to_ns) return;
    moments->wanted_ns.push_back(tick);
  }
}

void add_middles(int64_t count, int64_t from_ns, int64_t to_ns, Moments* moments) {
  const double part_ns = static_cast<double>(to_ns - from_ns) / static_cast<double>(count);
  for (int64_t i = 0; i < count; ++i)
    moments->wanted_ns.push_back(from_ns + std::llround((static_cast<double>(i) + 0.5) * part_ns));
}

// The shown packets in the order of their times; empty where these do not tell them apart.
std::vector<size_t> order_of(const std::vector<PacketTime>& packets) {
  std::vector<size_t> order;
  for (size_t i = 0; i < packets.size(); ++i) {
    if (!packets[i].has_time) return {};
    if (packets[i].is_shown) order.push_back(i);
  }
  const auto is_earlier = [&](size_t a, size_t b) {
    return packets[a].time_ns < packets[b].time_ns;
  };
  std::sort(order.begin(), order.end(), is_earlier);
  for (size_t i = 1; i < order.size(); ++i)
    if (packets[order[i - 1]].time_ns == packets[order[i]].time_ns) return {};
  return order;
}

std::vector<size_t> choose_packets(const std::vector<PacketTime>& packets,
                                   const std::vector<size_t>& order, const Moments& moments) {
  std::vector<size_t> wanted;
  if (moments.is_every_frame) {
    for (size_t i : order)
      if (packets[i].time_ns >= moments.from_ns && packets[i].time_ns < moments.to_ns)
        wanted.push_back(i);
    return wanted;
  }
  size_t at = 0;
  for (int64_t moment : moments.wanted_ns) {
    while (at + 1 < order.size() && packets[order[at + 1]].time_ns <= moment + moments.tolerance_ns)
      ++at;
    wanted.push_back(order[at]);
  }
  return wanted;
}

}  // namespace

Moments choose_moments(const VideoOptions& options, int64_t first_ns, int64_t end_ns,
                       int64_t tolerance_ns, const std::string& name) {
  check(options, name);
  const int64_t from_ns = std::llround(options.from_s * kNanoseconds);
  int64_t to_ns = end_ns;
  if (options.to_s * kNanoseconds < static_cast<double>(end_ns))
    to_ns = std::llround(options.to_s * kNanoseconds);
  const int64_t start_ns = std::max(from_ns, first_ns);
  BRAID_CHECK(start_ns < to_ns, data,
              "{}: range: expected frames from {} s to {} s, got a track from {} s to {} s", name,
              options.from_s, options.to_s, static_cast<double>(first_ns) / kNanoseconds,
              static_cast<double>(end_ns) / kNanoseconds);
  const double span_s = static_cast<double>(to_ns - from_ns) / kNanoseconds;
  const double num_wanted = std::max(span_s * options.rate_hz, static_cast<double>(options.count));
  BRAID_CHECK(num_wanted <= static_cast<double>(options.limits.max_frames), format,
              "{}: frames: expected at most {} to be asked for, got {:.0f}; ask for fewer or raise "
              "max_frames",
              name, options.limits.max_frames, num_wanted);
  Moments moments;
  moments.from_ns = start_ns;
  moments.to_ns = to_ns;
  moments.tolerance_ns = tolerance_ns;
  moments.is_every_frame = options.rate_hz == 0 && options.count == 0;
  if (options.rate_hz > 0) add_ticks(options, from_ns, to_ns, &moments);
  if (options.count > 0) add_middles(options.count, start_ns, to_ns, &moments);
  return moments;
}

std::vector<Moments> split(const Moments& moments, const std::vector<PacketTime>& packets,
                           int num_parts) {
  std::vector<Moments> parts;
  const int64_t parts_left = std::max(num_parts, 1);
  if (!moments.is_every_frame) {
    const int64_t size = static_cast<int64_t>(moments.wanted_ns.size());
    for (int64_t k = 0; k < parts_left; ++k) {
      Moments part = moments;
      const auto begin = moments.wanted_ns.begin();
      part.wanted_ns.assign(begin + size * k / parts_left, begin + size * (k + 1) / parts_left);
      if (!part.wanted_ns.empty()) parts.push_back(std::move(part));
    }
    return parts;
  }
  std::vector<int64_t> keys;
  for (const PacketTime& packet : packets)
    if (packet.is_key && packet.is_shown && packet.time_ns > moments.from_ns &&
        packet.time_ns < moments.to_ns)
      keys.push_back(packet.time_ns);
  std::sort(keys.begin(), keys.end());
  Moments part = moments;
  for (int64_t k = 1; k < parts_left; ++k) {
    const int64_t share = moments.from_ns + (moments.to_ns - moments.from_ns) / parts_left * k;
    if (keys.empty()) break;
    auto cut =
        std::lower_bound(keys.begin(), keys.end(), share);  // or the one before it, if nearer
    if (cut != keys.begin() && (cut == keys.end() || *cut - share > share - *(cut - 1))) --cut;
    if (*cut <= part.from_ns) continue;
    part.to_ns = *cut;
    parts.push_back(part);
    part.from_ns = *cut;
  }
  part.to_ns = moments.to_ns;
  parts.push_back(part);
  return parts;
}

std::optional<Plan> make_plan(const std::vector<PacketTime>& packets, const Moments& moments,
                              size_t num_ahead) {
  const std::vector<size_t> order = order_of(packets);
  if (order.empty()) return std::nullopt;
  Plan plan;
  plan.wanted = choose_packets(packets, order, moments);
  std::vector<size_t> in_file = plan.wanted;
  std::sort(in_file.begin(), in_file.end());
  in_file.erase(std::unique(in_file.begin(), in_file.end()), in_file.end());
  // The key frames up to the wanted packet, without those that have a later one in the file with no
  // later time, which no packet from there on would choose: so their times ascend.
  std::vector<size_t> keys;
  size_t next = 0;
  const auto is_before = [&](int64_t time_ns, size_t k) { return time_ns < packets[k].time_ns; };
  for (size_t i : in_file) {
    for (; next <= i; ++next) {
      if (!packets[next].is_key) continue;
      while (!keys.empty() && packets[keys.back()].time_ns >= packets[next].time_ns)
        keys.pop_back();
      keys.push_back(next);
    }
    const auto k = std::upper_bound(keys.begin(), keys.end(), packets[i].time_ns, is_before);
    const size_t key = k == keys.begin() ? 0 : *(k - 1);
    const size_t last = std::min(i + num_ahead, packets.size() - 1);
    if (!plan.segments.empty() && key <= plan.segments.back().last + 1)
      plan.segments.back().last = std::max(plan.segments.back().last, last);
    else
      plan.segments.push_back({key, last});
  }
  return plan;
}

}  // namespace braid::formats
