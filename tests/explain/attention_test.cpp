// Attention of models whose truth is known: one word decides.
#include "explain/attention.h"

#include <gtest/gtest.h>

#include "explain/planted.h"
#include "support/tiny_bundle.h"

namespace braid::explain {
namespace {

Json measure(model::Bundle& bundle, checks::TinyRun& run) {
  metrics::BootstrapOptions few;
  few.num_resamples = 200;
  ContributionOptions options;
  options.bootstrap = few;
  const std::vector<int64_t>& rows = run.split().test;
  return attention(bundle, run.store(), contributions(bundle, run.store(), rows, options),
                   {{}, few, {}});
}

const Json& order_of(const Json& made, const std::string& name) {
  for (const Json& order : made["faithfulness"]["orders"])
    if (order["name"] == name) return order;
  throw std::runtime_error("no order " + name);
}

TEST(attention, of_a_trained_model_finds_the_word_that_decides) {
  checks::Planted planted(checks::kMerged);
  const Json made = measure(planted.bundle(), planted.run());
  for (const char* name : {"attention", "gradients"}) {
    EXPECT_GT(order_of(made, name)["deletion_gain"]["interval"][0], 0.1) << name;
    EXPECT_GT(order_of(made, name)["insertion_gain"]["interval"][0], 0.05) << name;
  }
  EXPECT_EQ(made["rows"], planted.run().split().test.size());
  // Prediction reads the text most, and shares add up.
  const Json& flow = made["flow"];
  ASSERT_EQ(flow["from"].back(), "prediction");
  const Json& last = flow["shares"].back();
  double sum = 0, largest = 0;
  std::string read;
  for (size_t m = 0; m < last.size(); ++m) {
    sum += last[m].get<double>();
    if (last[m] > largest) {
      largest = last[m];
      read = flow["to"][m];
    }
  }
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_EQ(read, "note");
  EXPECT_EQ(made["groups"].back(), "class token");
  ASSERT_EQ(made["layers"].size(), 1u);
  ASSERT_EQ(made["layers"][0]["heads"].size(), 2u);
  for (const Json& head : made["layers"][0]["heads"])
    for (const Json& row : head) {
      double all = 0;
      for (const Json& share : row) all += share.get<double>();
      EXPECT_NEAR(all, 1, 1e-5);
    }
}

TEST(attention, of_an_untrained_model_finds_nothing) {
  checks::Planted planted(checks::kMerged, /*epochs=*/1, /*rows=*/60);
  const ops::InitScope init(3);
  // The same model with parameters that have learned nothing.
  model::Bundle& bundle = planted.bundle();
  bundle.model = std::make_shared<model::Model>(bundle.model->config(), bundle.model->specs(),
                                                bundle.model->head_context());
  const Json made = measure(bundle, planted.run());
  const Json& gain = order_of(made, "attention")["deletion_gain"];
  EXPECT_LT(gain["interval"][0], 0.01);
  EXPECT_LT(gain["mean"], 0.05);
}

TEST(attention, a_fusion_without_maps_has_none) {
  checks::Planted planted(R"({"name": "concat"})", /*epochs=*/1, /*rows=*/60);
  EXPECT_TRUE(measure(planted.bundle(), planted.run()).is_null());
  EXPECT_FALSE(planted.bundle().model->fusion().wants_attention);
}

TEST(attention, rows_are_spread_evenly) {
  Contributions explained;
  for (int64_t r = 0; r < 10; ++r) {
    explained.rows.push_back(100 + r);
    explained.outputs.push_back(r % 3);
  }
  const Chosen some = choose_rows(explained, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4}, 4);
  EXPECT_EQ(some.rows, (std::vector<int64_t>{100, 102, 105, 107}));
  EXPECT_EQ(some.outputs, (std::vector<int64_t>{0, 2, 2, 1}));
  EXPECT_EQ(some.groups, (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(choose_rows(explained, {}, 100).rows, explained.rows);
}

}  // namespace
}  // namespace braid::explain
