#include "corrupted.h"

namespace braid::corruptions {
namespace {

data::Sample table() {
  data::Sample sample;
  sample.values = {{"age", std::string("40")}, {"height", 1.5}, {"ward", std::string("north")}};
  return sample;
}

TEST(scaled_number, one_number_changes_by_the_factor) {
  const data::Modality modality = {"tabular", data::Kind::tabular, {"age", "height", "ward"}};
  bool changed_age = false, changed_height = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    data::Sample sample = table();
    find("scaled_number").change_sample(modality, 10, Rng(seed), &sample);
    const auto* age = std::get_if<double>(&sample.values["age"]);
    const double height = std::get<double>(sample.values["height"]);
    if (age != nullptr) {
      EXPECT_EQ(*age, 400);
      EXPECT_EQ(height, 1.5);
      changed_age = true;
    } else {
      EXPECT_EQ(height, 15);
      changed_height = true;
    }
    EXPECT_EQ(std::get<std::string>(sample.values["ward"]), "north");
  }
  EXPECT_TRUE(changed_age && changed_height);
}

}  // namespace
}  // namespace braid::corruptions
