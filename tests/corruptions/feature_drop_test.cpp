#include <algorithm>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(feature_drop, features_become_the_mean_with_the_levels_chance) {
  data::Prepared prepared;
  for (int i = 0; i < 10000; ++i) prepared.values.push_back(i % 2 == 0 ? 5.0f : 1.0f);
  find("feature_drop").change_prepared(0.25, Rng(1), &prepared);
  const auto& values = prepared.values;
  const auto dropped = std::count(values.begin(), values.end(), 3.0f);
  EXPECT_NEAR(static_cast<double>(dropped), 2500, 180);
  EXPECT_EQ(dropped + std::count(values.begin(), values.end(), 5.0f) +
                std::count(values.begin(), values.end(), 1.0f),
            10000);
}

}  // namespace
}  // namespace braid::corruptions
