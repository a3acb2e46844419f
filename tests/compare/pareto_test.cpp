#include "compare/pareto.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_job.h"

namespace braid::compare {
namespace {

using checks::TinyData;

TEST(pareto, the_front_by_hand) {
  const double n = std::nan("");
  EXPECT_EQ(pareto_front({{1, 5}, {2, 2}, {3, 3}, {5, 1}, {2, 2}, {n, 0}}),
            (std::vector<bool>{true, true, false, true, true, false}));
  EXPECT_EQ(pareto_front({}), std::vector<bool>{});
}

TEST(pareto, costs_of_modalities_count_and_what_is_left_out_is_saved) {
  const TinyData data;
  const TemporaryFolder folder;
  CompareJob job =
      checks::tiny_job(checks::tiny_config(data, /*epochs=*/8), folder / "out", {"concat"});
  job.config.compare.costs = {{"sound", 3}};
  const Json document = compare(job);
  EXPECT_EQ(document["pareto"]["costs"], Json({{"sound", 3.0}, {"tabular", 1.0}}));
  EXPECT_EQ(document["methods"][0]["cost"], 3.0);
  EXPECT_EQ(document["methods"][1]["cost"], 1.0);
  EXPECT_EQ(document["methods"][2]["cost"], 4.0);
  EXPECT_FALSE(document["pareto"]["front"].empty());
  ASSERT_EQ(document["winner"], "concat") << "the next lines are about a fusion";
  ASSERT_EQ(document["without"].size(), 2u);
  for (const Json& less : document["without"]) {
    const bool is_sound = less["modalities"] == Json::array({"sound"});
    EXPECT_DOUBLE_EQ(less["cost_change"].get<double>(), is_sound ? -0.75 : -0.25);
    EXPECT_GT(less["latency_ms"].get<double>(), 0);
    // What is left is the subset of the other one.
    for (const Json& subset : document["methods"][2]["subsets"])
      if (subset["modalities"] == Json::array({is_sound ? "tabular" : "sound"})) {
        EXPECT_NEAR(
            less["difference"]["mean"].get<double>(),
            subset["mean"].get<double>() - document["methods"][2]["metric"]["mean"].get<double>(),
            1e-12);
      }
  }
}

TEST(pareto, an_unknown_modality_has_no_cost) {
  const TinyData data;
  const TemporaryFolder folder;
  CompareJob job =
      checks::tiny_job(checks::tiny_config(data, /*epochs=*/1), folder / "out", {"concat"});
  job.config.compare.costs = {{"sounds", 3}};
  checks::expect_error(ErrorKind::config, "compare.costs", [&] { compare(job); });
}

}  // namespace
}  // namespace braid::compare
