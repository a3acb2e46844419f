#include "explain/robustness.h"

#include <gtest/gtest.h>

#include <cmath>

namespace braid::explain {
namespace {

TEST(robustness, relative_by_hand) {
  // (0.5 * 1 + 0.5 + 0.5 * 0.25) / 2
  EXPECT_DOUBLE_EQ(relative_robustness({0.8, 0.4, 0.2}, 0.8, true), 0.5625);
  EXPECT_DOUBLE_EQ(relative_robustness({2, 4}, 2, false), 0.75);
  EXPECT_TRUE(std::isnan(relative_robustness({0, 1}, 0, true)));
}

TEST(robustness, effective_is_against_the_baseline_from_the_same_start) {
  // Drops 0, -0.1, -0.2 against 0, -0.2, -0.4: (0.5 * 0 + 0.1 + 0.5 * 0.2) / 2.
  EXPECT_NEAR(effective_robustness({0.9, 0.8, 0.7}, {0.6, 0.4, 0.2}, true), 0.1, 1e-12);
  EXPECT_NEAR(effective_robustness({1, 2}, {5, 8}, false), 1.0, 1e-12);  // an error grew by 2 less
  EXPECT_EQ(effective_robustness({0.6, 0.4}, {0.6, 0.4}, true), 0);
  EXPECT_TRUE(std::isnan(effective_robustness({1, 2}, {1}, true)));
}

Json curve(std::vector<double> means) {
  Json points = Json::array();
  for (double mean : means) points.push_back({{"mean", mean}});
  return {{"points", points}};
}

TEST(robustness, curves_are_matched_by_what_they_are) {
  const auto document = [](double last, const char* corruption) {
    Json missing = curve({0.9, last}), corrupted = curve({0.9, last});
    missing["modalities"] = Json::array({"image"});
    corrupted["modality"] = "image";
    corrupted["name"] = corruption;
    return Json{{"metric", {{"higher_is_better", true}}},
                {"missing_at_random", Json::array({missing})},
                {"corruptions", Json::array({corrupted})}};
  };
  Json made = document(0.7, "blur");
  add_effective_robustness(document(0.5, "jpeg"), &made);
  EXPECT_NEAR(made["missing_at_random"][0]["effective_robustness"].get<double>(), 0.1, 1e-12);
  EXPECT_FALSE(made["corruptions"][0].contains("effective_robustness")) << "blur is not jpeg";
}

}  // namespace
}  // namespace braid::explain
