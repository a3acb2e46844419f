#include <algorithm>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(feature_drop, features_become_the_mean_with_the_levels_chance) {
  data::Prepared prepared;
  prepared.values.assign(10000, 3);
  find("feature_drop").change_prepared(0.25, Rng(1), &prepared);
  const auto dropped = std::count(prepared.values.begin(), prepared.values.end(), 0.0f);
  EXPECT_NEAR(static_cast<double>(dropped), 2500, 180);
  EXPECT_EQ(dropped + std::count(prepared.values.begin(), prepared.values.end(), 3.0f), 10000);
}

}  // namespace
}  // namespace braid::corruptions
