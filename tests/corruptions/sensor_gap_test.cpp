#include <algorithm>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(sensor_gap, one_run_of_ticks_is_gone) {
  std::vector<bool> was_hit(10, false);
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    data::Prepared series;
    series.length = 10;
    series.values.assign(20, 5.0f);
    series.observed.assign(20, 1);
    find("sensor_gap").change_prepared(0.3, Rng(seed), &series);
    EXPECT_EQ(std::count(series.observed.begin(), series.observed.end(), 0), 6);
    const auto first = std::find(series.observed.begin(), series.observed.end(), 0);
    EXPECT_EQ(std::count(first, first + 6, 0), 6);
    for (size_t i = 0; i < 20; ++i) EXPECT_EQ(series.values[i], series.observed[i] ? 5.0f : 0.0f);
    was_hit[static_cast<size_t>((first - series.observed.begin()) / 2)] = true;
  }
  EXPECT_EQ(std::count(was_hit.begin(), was_hit.end(), true), 8);  // begins at 0 to 7
}

}  // namespace
}  // namespace braid::corruptions
