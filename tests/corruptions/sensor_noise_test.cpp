#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(sensor_noise, changes_what_is_observed_alone) {
  data::Prepared series;
  series.length = 4000;
  for (int i = 0; i < 4000; ++i) series.observed.push_back(i % 2);
  series.values.assign(4000, 0.0f);
  find("sensor_noise").change_prepared(0.5, Rng(1), &series);
  std::vector<float> noise;
  for (size_t i = 0; i < 4000; ++i) {
    if (series.observed[i] == 0) EXPECT_EQ(series.values[i], 0.0f);
    if (series.observed[i] != 0) noise.push_back(series.values[i]);
  }
  const auto [mean, deviation] = own_moments(noise);
  EXPECT_NEAR(mean, 0, 0.05);
  EXPECT_NEAR(deviation, 0.5, 0.03);
}

}  // namespace
}  // namespace braid::corruptions
