#include <cmath>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(feature_noise, deviation_is_the_level_in_those_of_the_values) {
  data::Prepared prepared;
  for (int i = 0; i < 10000; ++i) prepared.values.push_back(i % 2 == 0 ? 5.0f : 1.0f);  // +-2
  const std::vector<float> before = prepared.values;
  find("feature_noise").change_prepared(0.5, Rng(1), &prepared);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const double change = static_cast<double>(prepared.values[i]) - before[i];
    sum += change;
    squares += change * change;
  }
  EXPECT_NEAR(sum / 1e4, 0, 0.04);
  EXPECT_NEAR(std::sqrt(squares / 1e4), 1, 0.04);
}

}  // namespace
}  // namespace braid::corruptions
