#include "corrupted.h"

namespace braid::corruptions {
namespace {

data::Sample table() {
  data::Sample sample;
  sample.values = {{"age", 40.0}, {"height", 1.5}, {"ward", std::string("3")}};
  return sample;
}

TEST(scaled_number, one_number_changes_by_the_factor) {
  const data::Modality modality = {"tabular", data::Kind::tabular, {"age", "height", "ward"}};
  bool changed_age = false, changed_height = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    data::Sample sample = table();
    find("scaled_number").change_sample(modality, 10, Rng(seed), &sample);
    const double age = std::get<double>(sample.values["age"]);
    const double height = std::get<double>(sample.values["height"]);
    EXPECT_TRUE((age == 400 && height == 1.5) || (age == 40 && height == 15)) << age << height;
    changed_age = changed_age || age == 400;
    changed_height = changed_height || height == 15;
    EXPECT_EQ(std::get<std::string>(sample.values["ward"]), "3") << "a category";
  }
  EXPECT_TRUE(changed_age && changed_height);
}

}  // namespace
}  // namespace braid::corruptions
