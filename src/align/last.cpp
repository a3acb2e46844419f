#include "align/align.h"

namespace braid::align {
namespace {

void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  aggregate_windows(channel, ticks_ns, options, column,
                    [](const double*, const double* end) { return end[-1]; });
}

}  // namespace

extern const Method last = {"last",
                            "the newest value of the window before the tick",
                            "y(t) = x(t_i) of the greatest t_i, t - window < t_i <= t",
                            "",
                            "",
                            /*is_causal=*/true,
                            /*is_local=*/true,
                            fill};

}  // namespace braid::align
