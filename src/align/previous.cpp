#include "align/align.h"

namespace braid::align {
namespace {

void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  Cursor cursor(channel.times_ns);
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    const int64_t newest = cursor.newest_before(ticks_ns[t]);
    if (newest < 0) continue;
    const size_t i = static_cast<size_t>(newest);
    const int64_t age = ticks_ns[t] - channel.times_ns[i];
    if (age <= options.tolerance_ns)
      column->set(t, channel.values[i], age == 0 ? Origin::measured : Origin::held,
                  channel.times_ns[i]);
  }
}

}  // namespace

extern const Method previous = {
    "previous",
    "the newest measurement that is not after the tick: as-of join, zero-order hold",
    "y(t) = x(t_i), t_i <= t < t_i+1, where t - t_i is within the tolerance",
    "h max|x'|",
    "",
    /*is_causal=*/true,
    /*is_local=*/true,
    fill};

}  // namespace braid::align
