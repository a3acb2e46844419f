#include "align/align.h"

namespace braid::align {
namespace {

void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  join_neighbours(channel, ticks_ns, options, column, [&](int64_t tick, size_t i) {
    const int64_t before = channel.times_ns[i], after = channel.times_ns[i + 1];
    const double share = static_cast<double>(tick - before) / static_cast<double>(after - before);
    return channel.values[i] + share * (channel.values[i + 1] - channel.values[i]);
  });
}

}  // namespace

extern const Method linear = {
    "linear",
    "a straight line between the two neighbours",
    "y(t) = x(t_i) + (t - t_i) / (t_i+1 - t_i) (x(t_i+1) - x(t_i)), where both neighbours are "
    "within the tolerance",
    "h^2/8 max|x''|",
    "",
    /*is_causal=*/false,
    /*is_local=*/true,
    fill};

}  // namespace braid::align
