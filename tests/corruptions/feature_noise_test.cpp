#include <cmath>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(feature_noise, deviation_is_the_level) {
  data::Prepared prepared;
  prepared.values.assign(10000, 3);
  find("feature_noise").change_prepared(0.5, Rng(1), &prepared);
  double sum = 0, squares = 0;
  for (float value : prepared.values) {
    sum += value - 3;
    squares += (value - 3) * (value - 3);
  }
  EXPECT_NEAR(sum / 1e4, 0, 0.02);
  EXPECT_NEAR(std::sqrt(squares / 1e4), 0.5, 0.02);
}

}  // namespace
}  // namespace braid::corruptions
