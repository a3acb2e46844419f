// Which rows are shown, and that what decides in them is found, by every method.
#include "explain/samples.h"

#include <gtest/gtest.h>

#include "explain/attribution.h"
#include "explain/picture.h"
#include "explain/planted.h"

namespace braid::explain {
namespace {

Contributions scores(const std::vector<int64_t>& outputs, const std::vector<double>& score) {
  Contributions made;
  for (size_t i = 0; i < outputs.size(); ++i) made.rows.push_back(static_cast<int64_t>(i));
  made.outputs = outputs;
  made.score = score;
  return made;
}

TEST(samples, half_are_right_and_half_are_wrong) {
  data::Targets targets;
  targets.labels = {"a", "b"};
  targets.values = {0, 0, 0, 1, 1, 0, 1};
  //                right: 0, 1, 2, 3   wrong: 4, 5, 6
  const Contributions made = scores({0, 0, 0, 1, 0, 1, 0}, {0.9, 0.95, 0.8, 0.6, 0.7, 0.5, 0.99});
  using Rows = std::vector<size_t>;
  // The surest, outputs that were not shown before first.
  EXPECT_EQ(choose_samples(made, targets, 4), (Rows{1, 3, 6, 5}));
  EXPECT_EQ(choose_samples(made, targets, 3), (Rows{1, 3, 6}));
  EXPECT_EQ(choose_samples(made, targets, 6), (Rows{1, 3, 0, 6, 5, 4}));
  EXPECT_EQ(choose_samples(made, targets, 99).size(), 7u);
  EXPECT_TRUE(choose_samples(made, targets, 0).empty());
  // Nothing is wrong: right ones fill up.
  targets.values = {0, 0, 0, 1, 0, 1, 0};
  EXPECT_EQ(choose_samples(made, targets, 4), (Rows{6, 3, 1, 0}));
}

TEST(samples, of_values_the_smallest_and_the_largest_errors) {
  data::Targets targets;
  targets.task = metrics::Task::regression;
  targets.values = {1, 2, 3, 4};
  EXPECT_EQ(choose_samples(scores({0, 0, 0, 0}, {1.5, 2, 9, 4.1}), targets, 2),
            (std::vector<size_t>{1, 2}));
}

const Json& modality(const Json& sample, const std::string& name) {
  for (const Json& one : sample["modalities"])
    if (one["name"] == name) return one;
  throw std::runtime_error("no modality " + name);
}

TEST(samples, the_word_that_decides_is_found) {
  checks::Planted planted(checks::kMerged);
  metrics::BootstrapOptions few;
  few.num_resamples = 200;
  ContributionOptions options;
  options.bootstrap = few;
  const Contributions explained =
      contributions(planted.bundle(), planted.run().store(), planted.run().split().test, options);
  const std::vector<size_t> chosen = {0, 1, 2, 3, 4, 5};
  const Json made = samples(planted.bundle(), planted.run().store(), explained, chosen);
  ASSERT_EQ(made.size(), 6u);
  std::map<std::string, int> found;
  for (const Json& sample : made) {
    const Json& parts = modality(sample, "note")["parts"];
    ASSERT_EQ(parts.size(), 6u);
    for (const char* method : {"gradients", "occlusion", "attention"}) {
      size_t most = 0;
      for (size_t w = 0; w < 6; ++w)
        if (parts[w][method] > parts[most][method]) most = w;
      found[method] += parts[most]["name"] == "storm" || parts[most]["name"] == "calm";
    }
    EXPECT_EQ(modality(sample, "vector")["parts"].size(), 16u);
    EXPECT_EQ(modality(sample, "vector")["parts"][1]["name"], "3 to 4");
    EXPECT_EQ(modality(sample, "tabular")["parts"][0]["name"], "age");
    EXPECT_LT(sample["gradients"]["gap"], 0.02);
    // Parts add up to what the score gained.
    double sum = 0;
    for (const Json& one : sample["modalities"])
      for (const Json& part : one["parts"]) sum += part["gradients"].get<double>();
    EXPECT_NEAR(
        sum,
        sample["gradients"]["score"].get<double>() - sample["gradients"]["baseline"].get<double>(),
        0.03);
  }
  // Attention sees tokens that the encoder has mixed; by chance it would be one of six.
  for (const auto& [method, count] : found)
    EXPECT_GE(count, method == "attention" ? 3 : 5) << method;

  const Json gathered =
      attribution(planted.bundle(), planted.run().store(), explained, {{}, few, {}});
  EXPECT_GT(gathered["faithfulness"]["orders"][0]["deletion_gain"]["interval"][0], 0.1);
  double note = 0, others = 0;
  for (const Json& one : gathered["modalities"])
    (one["name"] == "note" ? note : others) += one["moves"].get<double>();
  EXPECT_GT(note, 2 * others);
  EXPECT_LT(gathered["gap"]["most"], 0.02);
}

TEST(samples, maps_are_rounded_and_small) {
  EXPECT_EQ(map_of(at::tensor({0.123456, 2.0, -3.0, 4e-9}).view({2, 2})),
            Json::parse("[[0.123, 2.0], [-3.0, 4e-9]]"));
  EXPECT_EQ(map_of(at::ones({200, 3})).size(), 64u);
  EXPECT_TRUE(rounded(std::nan("")).is_null());
}

}  // namespace
}  // namespace braid::explain
