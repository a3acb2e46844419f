#include "align/align.h"

namespace braid::align {
namespace {

void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  size_t i = 0;
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    while (i < channel.size() && channel.times_ns[i] < ticks_ns[t]) ++i;
    if (i == channel.size()) return;
    const int64_t wait = channel.times_ns[i] - ticks_ns[t];
    if (wait <= options.tolerance_ns)
      column->set(t, channel.values[i], wait == 0 ? Origin::measured : Origin::held,
                  channel.times_ns[i]);
  }
}

}  // namespace

extern const Method next = {
    "next",
    "the oldest measurement that is not before the tick: as-of join forwards",
    "y(t) = x(t_i), t_i-1 < t <= t_i, where t_i - t is within the tolerance",
    "h max|x'|",
    "",
    /*is_causal=*/false,
    /*is_local=*/true,
    fill};

}  // namespace braid::align
