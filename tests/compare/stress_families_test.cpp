#include "compare/stress_families.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_job.h"

namespace braid::compare {
namespace {

using checks::TinyData;

TEST(stress_families, the_best_of_each_family_side_by_side) {
  const TinyData data;
  const TemporaryFolder folder;
  CompareJob job = checks::tiny_job(checks::tiny_config(data, /*epochs=*/8), folder / "out",
                                    {"concat", "concat_features", "average", "vote"});
  job.config.compare.stress = true;
  const Json document = compare(job);
  const Json& stress = document["stress"];
  std::vector<std::string> families;
  for (const Json& method : stress["methods"]) {
    families.push_back(method["family"]);
    // Whole rows are the test rows as the comparison saw them.
    for (const Json& other : document["methods"])
      if (other["name"] == method["name"]) {
        EXPECT_DOUBLE_EQ(method["clean"]["mean"].get<double>(),
                         other["metric"]["mean"].get<double>());
      }
    for (const Json& curve : method["missing_at_random"])
      if (method["name"] == stress["baseline"] && curve.contains("effective_robustness")) {
        EXPECT_EQ(curve["effective_robustness"], 0.0) << "against itself";
      }
  }
  EXPECT_EQ(families, (std::vector<std::string>{"single", "early", "late"}));
  EXPECT_EQ(stress["claims"].size(), 2u);
  EXPECT_FALSE(compare(checks::tiny_job(checks::tiny_config(data, 1), folder / "plain", {"concat"}))
                   .contains("stress"));
}

Json made(const char* name, const char* family, double clean, double half, double shuffled) {
  Json points = Json::array();
  for (int i = 0; i < 10; ++i) points.push_back({{"mean", i == 5 ? half : clean}});
  return {{"name", name},
          {"family", family},
          {"metric", {{"name", "accuracy"}, {"higher_is_better", true}}},
          {"clean", {{"mean", clean}}},
          {"missing_at_random", Json::array({Json{{"points", points}}})},
          {"shuffled", Json::array({Json{{"mean", shuffled}}, Json{{"mean", clean}}})}};
}

TEST(stress_families, claims_are_the_losses) {
  const Json methods = {made("audio", "single", 0.5, 0.5, 0.5),
                        made("concat", "early", 0.9, 0.6, 0.5),
                        made("average", "late", 0.8, 0.7, 0.7)};
  EXPECT_EQ(
      claims(methods),
      (std::vector<std::string>{
          "Lost accuracy with one modality taken from another row (mean over modalities): early "
          "0.200 (concat), late 0.050 (average); late loses least.",
          "Lost accuracy with each modality missing in half of the rows: early 0.300 (concat), "
          "late 0.100 (average); late loses least."}));
  EXPECT_TRUE(claims(Json::array({methods[0], methods[1]})).empty()) << "nothing to compare";
}

}  // namespace
}  // namespace braid::compare
