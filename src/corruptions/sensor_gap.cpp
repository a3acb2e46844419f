// Series: a stretch that was never recorded.
#include <algorithm>
#include <cmath>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(double level, Rng random, data::Prepared* prepared) {
  const int64_t T = prepared->length;
  const int64_t C = static_cast<int64_t>(prepared->values.size()) / T;
  const int64_t lost = std::min<int64_t>(std::llround(level * static_cast<double>(T)), T);
  const int64_t first = static_cast<int64_t>(random.below(static_cast<uint64_t>(T - lost + 1)));
  std::fill_n(prepared->values.begin() + first * C, lost * C, 0.0f);
  std::fill_n(prepared->observed.begin() + first * C, lost * C, uint8_t{0});
}

}  // namespace

extern const Method sensor_gap = {"sensor_gap",
                                  "One stretch without measurements, at a random place.",
                                  "",
                                  "share of the series",
                                  {data::Kind::series},
                                  {0.1, 0.25, 0.5, 0.75},
                                  nullptr,
                                  apply};

}  // namespace braid::corruptions
