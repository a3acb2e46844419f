// From a config to data ready to train on.
#include "train/experiment.h"

#include <gtest/gtest.h>

#include "support/module_checks.h"
#include "support/tiny_runs.h"

namespace braid::train {
namespace {

using checks::expect_error;
using checks::TinyData;
using checks::TinyOptions;
using checks::TinyRow;

TEST(experiment, opens_data_splits_and_a_store) {
  const TinyData data;
  const Experiment experiment = open_experiment(checks::tiny_config(data), {});
  ASSERT_EQ(experiment.splits.size(), 1u);
  const Fold fold = experiment.open_fold(0, 1, {});
  EXPECT_EQ(fold.split.train.size(), 36u);
  EXPECT_EQ(fold.split.validation.size(), 12u);
  EXPECT_EQ(fold.split.test.size(), 12u);
  ASSERT_EQ(fold.store->preparation().specs().size(), 2u);
  EXPECT_EQ(fold.store->preparation().specs()[0].features, 4);
  EXPECT_TRUE(fold.bad_rows.empty());
}

TEST(experiment, bad_rows_are_left_out_when_asked) {
  TinyOptions options;
  options.change = [](int64_t r, TinyRow* row) {
    if (r == 1 || r == 20 || r == 25) row->sound = "none.npy";
  };
  const TinyData data(options);
  auto config = checks::tiny_config(data);
  config.data.skip_bad = true;
  std::string warnings;
  Sinks sinks;
  sinks.log = [&](LogLevel level, const std::string& line) {
    if (level == LogLevel::warning) warnings += line + "\n";
  };
  const Experiment experiment = open_experiment(config, {});
  const Fold fold = experiment.open_fold(0, 1, sinks);
  EXPECT_EQ(fold.split.train.size(), 35u);
  EXPECT_EQ(fold.split.validation.size(), 11u);
  EXPECT_EQ(fold.split.test.size(), 11u);
  ASSERT_EQ(fold.bad_rows.size(), 3u);
  EXPECT_NE(fold.bad_rows[0].find("tiny.csv:3: field \"sound\""), std::string::npos)
      << fold.bad_rows[0];  // row 1 stands on line 3
  EXPECT_NE(warnings.find("3 bad rows are left out"), std::string::npos) << warnings;
}

TEST(experiment, bad_rows_are_errors_otherwise) {
  TinyOptions options;
  options.change = [](int64_t r, TinyRow* row) {
    if (r == 1) row->sound = "none.npy";
  };
  const TinyData data(options);
  const Experiment experiment = open_experiment(checks::tiny_config(data), {});
  EXPECT_THROW(experiment.open_fold(0, 1, {}), Error);
}

TEST(experiment, each_fold_learns_its_preparation_on_its_own_training_rows) {
  TinyOptions options;
  options.has_speaker = true;
  const TinyData data(options);
  auto config = checks::tiny_config(data);
  config.split.folds = 3;
  const Experiment experiment = open_experiment(config, {});
  ASSERT_EQ(experiment.splits.size(), 3u);
  std::set<uint64_t> fingerprints;
  std::set<int64_t> tested;
  for (size_t f = 0; f < 3; ++f) {
    const Fold fold = experiment.open_fold(f, 1, {});
    fingerprints.insert(fold.store->preparation().fingerprint());
    tested.insert(fold.split.test.begin(), fold.split.test.end());
    for (int64_t row : fold.split.test)
      for (int64_t other : fold.split.train)
        EXPECT_NE(experiment.dataset->groups()[row], experiment.dataset->groups()[other]);
  }
  EXPECT_EQ(fingerprints.size(), 3u);
  EXPECT_EQ(tested.size(), 60u) << "every row is tested once";
}

}  // namespace
}  // namespace braid::train
