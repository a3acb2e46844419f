#include <algorithm>

#include "align/align.h"

namespace braid::align {
namespace {

void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  aggregate_windows(channel, ticks_ns, options, column, [](const double* first, const double* end) {
    return *std::min_element(first, end);
  });
}

}  // namespace

extern const Method min = {"min",
                           "the least value of the window before the tick",
                           "y(t) = min x(t_i), t - window < t_i <= t",
                           "",
                           "",
                           /*is_causal=*/true,
                           /*is_local=*/true,
                           fill};

}  // namespace braid::align
