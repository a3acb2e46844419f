#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(missing_columns, fields_vanish_with_the_levels_chance) {
  data::Modality modality = {"tabular", data::Kind::tabular, {}};
  data::Sample sample;
  for (int i = 0; i < 1000; ++i) {
    modality.fields.push_back("f" + std::to_string(i));
    sample.values[modality.fields.back()] = 1.0;
  }
  sample.values["other"] = 2.0;
  find("missing_columns").change_sample(modality, 0.25, Rng(1), &sample);
  EXPECT_NEAR(static_cast<double>(sample.values.size()), 751, 55);
  EXPECT_EQ(sample.values.count("other"), 1u);
}

}  // namespace
}  // namespace braid::corruptions
