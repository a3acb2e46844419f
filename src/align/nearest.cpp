#include "align/align.h"

namespace braid::align {
namespace {

void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  if (channel.size() == 0) return;
  Cursor cursor(channel.times_ns);
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    // Unsigned: two times of opposite ends may lie further apart than int64_t reaches.
    const auto distance = [&](size_t i) {
      const int64_t time = channel.times_ns[i], tick = ticks_ns[t];
      return time < tick ? static_cast<uint64_t>(tick) - static_cast<uint64_t>(time)
                         : static_cast<uint64_t>(time) - static_cast<uint64_t>(tick);
    };
    const size_t after = static_cast<size_t>(cursor.newest_before(ticks_ns[t]) + 1);
    size_t best = after;
    if (after == channel.size() || (after > 0 && distance(after - 1) <= distance(after)))
      best = after - 1;
    if (distance(best) <= static_cast<uint64_t>(options.tolerance_ns))
      column->set(t, channel.values[best], distance(best) == 0 ? Origin::measured : Origin::held,
                  channel.times_ns[best]);
  }
}

}  // namespace

extern const Method nearest = {
    "nearest",
    "the measurement nearest to the tick; of two as near, the earlier",
    "y(t) = x(t_i) of the least |t - t_i|, where that is within the tolerance",
    "h/2 max|x'|",
    "",
    /*is_causal=*/false,
    /*is_local=*/true,
    fill};

}  // namespace braid::align
