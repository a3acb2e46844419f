#include "align/align.h"

namespace braid::align {
namespace {

// A window without measurements has a count too, unlike any other aggregate.
void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  for (size_t t = 0; t < ticks_ns.size(); ++t) column->set(t, 0, Origin::aggregated, kNever);
  aggregate_windows(channel, ticks_ns, options, column,
                    [](const double* first, const double* end) { return double(end - first); });
}

}  // namespace

extern const Method count = {"count",
                             "how many measurements the window before the tick holds",
                             "y(t) = the number of t_i, t - window < t_i <= t",
                             "",
                             "",
                             /*is_causal=*/true,
                             /*is_local=*/true,
                             fill};

}  // namespace braid::align
