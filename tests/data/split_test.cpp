#include "data/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/rng.h"
#include "manifests.h"
#include "support/shared_folders.h"

namespace braid::data {
namespace {

int64_t count_class(const Dataset& dataset, const std::vector<int64_t>& rows, double value) {
  return std::count_if(rows.begin(), rows.end(),
                       [&](int64_t r) { return dataset.targets().values[r] == value; });
}

// Every row in one part at most, ascending.
void expect_parts(const Split& split, size_t num_rows) {
  std::set<int64_t> seen;
  for (const auto* rows : {&split.train, &split.validation, &split.test}) {
    EXPECT_TRUE(std::is_sorted(rows->begin(), rows->end()));
    seen.insert(rows->begin(), rows->end());
  }
  EXPECT_EQ(seen.size(), split.train.size() + split.validation.size() + split.test.size());
  EXPECT_EQ(seen.size(), num_rows);
}

// 30 people with 3 to 8 rows each, three classes of unequal size.
std::string people(uint64_t seed) {
  Rng rng(seed);
  std::string text = "label,x,who\n";
  for (int person = 0; person < 30; ++person)
    for (uint64_t i = 0; i < 3 + rng.below(6); ++i) {
      const double draw = rng.uniform();
      text += fmt::format("{},{},p{}\n",
                          draw < 0.6    ? "a"
                          : draw < 0.85 ? "b"
                                        : "c",
                          rng.normal(), person);
    }
  return text;
}

TEST(split, classes_keep_their_share) {
  std::string text = "label,x\n";
  for (int i = 0; i < 200; ++i) text += fmt::format("{},{}.5\n", i % 10 == 0 ? "rare" : "usual", i);
  Manifest m(text);
  const Dataset dataset = m.open();
  for (int64_t seed = 0; seed < 200; ++seed) {
    SplitConfig config;
    config.seed = seed;
    const Split split = make_splits(dataset, config)[0];
    expect_parts(split, 200);
    // 20 rare rows: 0.65, 0.15, 0.2 of them are 13, 3, 4; 180 usual rows: 117, 27, 36.
    EXPECT_EQ(count_class(dataset, split.train, 0), 13);
    EXPECT_EQ(count_class(dataset, split.validation, 0), 3);
    EXPECT_EQ(count_class(dataset, split.test, 0), 4);
    EXPECT_EQ(split.train.size(), 130u);
    EXPECT_EQ(split.test.size(), 40u);
  }
}

TEST(split, same_seed_same_rows_and_another_seed_others) {
  Manifest m(people(1));
  const Dataset dataset = m.open();
  SplitConfig config;
  EXPECT_EQ(make_splits(dataset, config)[0].test, make_splits(dataset, config)[0].test);
  const auto first = make_splits(dataset, config)[0].test;
  config.seed = 2;
  EXPECT_NE(make_splits(dataset, config)[0].test, first);
}

TEST(split, groups_are_never_parted_and_classes_stay_close) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Manifest m(people(seed));
    m.config.group = "who";
    const Dataset dataset = m.open();
    SplitConfig config;
    config.seed = static_cast<int64_t>(seed);
    const Split split = make_splits(dataset, config)[0];
    expect_parts(split, static_cast<size_t>(dataset.size()));
    const auto train = groups_in(dataset, split.train),
               validation = groups_in(dataset, split.validation),
               test = groups_in(dataset, split.test);
    EXPECT_FALSE(overlap(train, test) || overlap(train, validation) || overlap(validation, test))
        << seed;
    const double share =
        static_cast<double>(split.test.size()) / static_cast<double>(dataset.size());
    EXPECT_NEAR(share, 0.2, 0.06) << seed;
    const double rows = static_cast<double>(split.test.size());
    std::vector<int64_t> all(dataset.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
    EXPECT_NEAR(
        static_cast<double>(count_class(dataset, split.test, 0)) / rows,
        static_cast<double>(count_class(dataset, all, 0)) / static_cast<double>(dataset.size()),
        0.12)
        << seed;
  }
}

TEST(split, folds_test_every_row_once_and_part_no_group) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Manifest m(people(seed));
    m.config.group = "who";
    const Dataset dataset = m.open();
    SplitConfig config;
    config.folds = 5;
    config.seed = static_cast<int64_t>(seed);
    const std::vector<Split> splits = make_splits(dataset, config);
    ASSERT_EQ(splits.size(), 5u);
    std::vector<int> tested(dataset.size());
    for (const Split& split : splits) {
      expect_parts(split, static_cast<size_t>(dataset.size()));
      for (const int64_t row : split.test) ++tested[row];
      EXPECT_FALSE(overlap(groups_in(dataset, split.train), groups_in(dataset, split.test)));
      EXPECT_FALSE(overlap(groups_in(dataset, split.train), groups_in(dataset, split.validation)));
      for (int k = 0; k < 3; ++k) EXPECT_GT(count_class(dataset, split.train, k), 0);
      EXPECT_NEAR(
          static_cast<double>(split.validation.size()) / static_cast<double>(dataset.size()), 0.15,
          0.06);
    }
    EXPECT_EQ(std::count(tested.begin(), tested.end(), 1), dataset.size());
  }
}

TEST(split, two_rows_of_a_class_never_share_a_fold) {
  std::string text = "label,x\n";
  for (int i = 0; i < 50; ++i) text += fmt::format("{},{}.5\n", i < 2 ? "rare" : "usual", i);
  Manifest m(text);
  const Dataset dataset = m.open();
  for (int64_t seed = 0; seed < 200; ++seed) {
    SplitConfig config;
    config.folds = 5;
    config.seed = seed;
    for (const Split& split : make_splits(dataset, config))
      EXPECT_GE(count_class(dataset, split.train, 0), 1);
  }
}

TEST(split, a_class_of_one_group_trains) {
  // Class b lives in one group of four; it must not be drawn into the test part.
  std::string text = "label,x,who\n";
  for (int i = 0; i < 40; ++i)
    text += fmt::format("{},{}.5,g{}\n", i % 4 == 3 ? "b" : "a", i, i % 4);
  Manifest m(text);
  m.config.group = "who";
  const Dataset dataset = m.open();
  for (int64_t seed = 0; seed < 200; ++seed) {
    SplitConfig config;
    config.seed = seed;
    m.warnings.clear();
    const Split split = make_splits(dataset, config, m.sinks)[0];
    EXPECT_EQ(count_class(dataset, split.train, 1), 10);
    EXPECT_FALSE(split.validation.empty() || split.test.empty());
    EXPECT_TRUE(m.warned("class 'b' has no row in test"));
  }
}

TEST(split, the_split_column_in_all_its_spellings) {
  Manifest m(
      "label,x,split\na,1.5,train\nb,2,Training\na,3,val\nb,4,dev\na,5,valid\nb,6,test\na,7,"
      "eval\nb,8,corrupt\na,9,\n"
      "b,10,corrupt\n");
  const Split split = make_splits(m.open(), {}, m.sinks)[0];
  EXPECT_EQ(split.train, (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(split.validation, (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(split.test, (std::vector<int64_t>{5, 6}));
  EXPECT_TRUE(m.warned(
      "got '' in 1 rows from line 10, 'corrupt' in 2 rows from line 9; these rows are not used"));
}

TEST(split, validation_and_test_are_drawn_from_train_where_the_column_has_none) {
  std::string text = "label,x,split\n";
  for (int i = 0; i < 100; ++i) text += fmt::format("{},{}.5,{}\n", i % 2, i, "train");
  Manifest m(text);
  const Split split = make_splits(m.open(), {}, m.sinks)[0];
  // 20 of 100 test, then 15 % of the other 80 validate: 12.
  EXPECT_EQ(split.test.size(), 20u);
  EXPECT_EQ(split.validation.size(), 12u);
  EXPECT_EQ(split.train.size(), 68u);
  EXPECT_TRUE(m.warned("no row says test; 20 rows are drawn from train"));
}

TEST(split, columns_that_cannot_be_used) {
  Manifest none("label,x,split\na,1.5,corrupt\nb,2,test\n");
  EXPECT_FAILURE(
      make_splits(none.open(), {}), data,
      "column \"split\": expected rows with train, got none ('corrupt' in 1 rows from line 2)");
  Manifest one_side("label,x,split\na,1.5,train\na,2,train\nb,3,test\nb,4,test\na,5,val\n");
  EXPECT_FAILURE(make_splits(one_side.open(), {}), data,
                 "class 'b': expected rows in train, got none (validation 0, test 2)");
  Manifest folds("label,x,f\na,1.5,0\nb,2,0\n");
  folds.config.fold = "f";
  EXPECT_FAILURE(make_splits(folds.open(), {}), data, "expected at least 2 folds, got 1");
}

TEST(split, a_group_on_both_sides_of_the_users_column_is_warned_of) {
  Manifest m(
      "label,x,who,split\na,1.5,ann,train\nb,2,bob,train\na,3,ann,test\nb,4,cid,test\na,5,dan,"
      "val\n");
  m.config.group = "who";
  make_splits(m.open(), {}, m.sinks);
  EXPECT_TRUE(m.warned(
      "1 of 4 groups of \"who\" stand on more than one side (first 'ann' in lines 2 and 4)"));
}

TEST(split, too_few_groups) {
  Manifest m("label,x,who\na,1.5,ann\nb,2,ann\na,3,bob\nb,4,bob\n");
  m.config.group = "who";
  const Dataset dataset = m.open();
  EXPECT_FAILURE(make_splits(dataset, {}), data, "expected at least 3 groups of \"who\"");
  SplitConfig folds;
  folds.folds = 3;
  EXPECT_FAILURE(make_splits(dataset, folds), data,
                 "split.folds: expected at least 3 groups of \"who\", got 2");
  folds.folds = 1;
  EXPECT_FAILURE(make_splits(dataset, folds), config,
                 "split.folds: expected 0 (one split) or at least 2, got 1");
}

TEST(split, a_class_of_one_row_cannot_be_tested_by_folds) {
  std::string text = "label,x\n";
  for (int i = 0; i < 30; ++i) text += fmt::format("{},{}.5\n", i == 0 ? "once" : "usual", i);
  Manifest m(text);
  SplitConfig config;
  config.folds = 5;
  EXPECT_FAILURE(make_splits(m.open(), config), data,
                 "class 'once': expected rows in train, got none");
}

TEST(split, rows_without_target_are_in_no_part) {
  std::string text = "label,x\n";
  for (int i = 0; i < 60; ++i)
    text += fmt::format("{},{}.5\n", i % 3 == 0 ? "" : i % 3 == 1 ? "a" : "b", i);
  Manifest m(text);
  expect_parts(make_splits(m.open(), {})[0], 40);
}

TEST(split, without_a_target_every_row_has_a_part) {
  std::string text = "x,y\n";
  for (int i = 0; i < 60; ++i) text += fmt::format("{}.5,{}.25\n", i, 60 - i);
  Manifest m(text);
  m.config.target = "";
  const Split split = make_splits(m.open(), {})[0];
  expect_parts(split, 60);
  EXPECT_EQ(split.validation.size(), 9u);  // 0.15 and 0.2 of 60
  EXPECT_EQ(split.test.size(), 12u);
}

TEST(split, regression_by_tenths) {
  std::string text = "label,x\n";
  for (int i = 0; i < 200; ++i) text += fmt::format("{}.5,{}\n", (i * 73) % 200, i % 7);
  Manifest m(text);
  const Dataset dataset = m.open();
  for (int64_t seed = 0; seed < 20; ++seed) {
    SplitConfig config;
    config.seed = seed;
    const Split split = make_splits(dataset, config)[0];
    expect_parts(split, 200);
    std::vector<int> tenths(10);
    for (const int64_t row : split.test)
      ++tenths[static_cast<int>(dataset.targets().values[row] / 20)];
    EXPECT_EQ(tenths, std::vector<int>(10, 4));  // 20 % of the 20 rows of each tenth
  }
}

TEST(split, several_labels_keep_their_share) {
  std::string text = "label,x\n";
  for (int i = 0; i < 300; ++i)
    text += fmt::format("all{}{},{}.5\n", i % 2 ? ";half" : "", i % 10 ? "" : ";tenth", i);
  Manifest m(text);
  m.config.task = "multilabel";
  const Dataset dataset = m.open();
  const Split split = make_splits(dataset, {})[0];
  int64_t num_half = 0, num_tenth = 0;
  for (const int64_t row : split.test) {
    num_half += dataset.targets().values[row * 3 + 1] != 0;
    num_tenth += dataset.targets().values[row * 3 + 2] != 0;
  }
  EXPECT_NEAR(num_half, 30, 2);  // 20 % of 150
  EXPECT_NEAR(num_tenth, 6, 1);  // 20 % of 30
}

TEST(split, real_sets) {
  DatasetConfig config;
  config.manifest = testing::data_folder() + "/avdigits/manifest.csv";
  if (!file_exists(config.manifest)) GTEST_SKIP() << "no real data here";
  config.target = "label";
  config.fields = {"image"};
  const Split digits = make_splits(Dataset::open(config), {})[0];
  EXPECT_EQ(digits.train.size(), 1000u);
  EXPECT_EQ(digits.validation.size(), 200u);
  EXPECT_EQ(digits.test.size(), 300u);

  config.manifest = testing::data_folder() + "/covid_cxr/manifest.csv";
  config.target = "in_icu";
  config.fold = "fold";
  config.group = "patient";
  std::vector<std::string> warnings;
  Sinks sinks;
  sinks.log = [&](LogLevel level, const std::string& line) {
    if (level == LogLevel::warning) warnings.push_back(line);
  };
  const std::vector<Split> folds = make_splits(Dataset::open(config), {}, sinks);
  ASSERT_EQ(folds.size(), 5u);
  size_t num_tested = 0;
  for (const Split& fold : folds) num_tested += fold.test.size();
  EXPECT_EQ(num_tested, 171u);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
}

}  // namespace
}  // namespace braid::data
