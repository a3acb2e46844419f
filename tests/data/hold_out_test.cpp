// Rows held out of training by the values of a column.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "data/split.h"
#include "manifests.h"

namespace braid::data {
namespace {

// 40 rows of four sites; the split column says train, val and test in turn.
std::string sites(bool has_split) {
  std::string text = has_split ? "label,x,site,split\n" : "label,x,site\n";
  const char* const sides[] = {"train", "train", "val", "test", "train"};
  for (int i = 0; i < 40; ++i) {
    text += fmt::format("{},{}.5,s{}", i % 2 == 0 ? "a" : "b", i, i / 2 % 4);
    text += has_split ? fmt::format(",{}\n", sides[i % 5]) : "\n";
  }
  return text;
}

TEST(hold_out, held_out_rows_judge_and_nothing_else) {
  for (const bool has_split : {false, true}) {
    Manifest m(sites(has_split));
    const Dataset dataset = m.open();
    SplitConfig config;
    config.hold_out = Json::parse(R"({"site": ["s1", "s3"]})");
    const Split split = make_splits(dataset, config)[0];
    // Ten rows a site, in the column's own split two of each site say test, which leaves four out.
    EXPECT_EQ(split.test.size(), 20u);
    EXPECT_EQ(split.train.size() + split.validation.size(), has_split ? 16u : 20u);
    EXPECT_FALSE(split.validation.empty());
    for (const int64_t row : split.test) {
      const std::string_view site = dataset.cell(row, "site");
      EXPECT_TRUE(site == "s1" || site == "s3") << row;
    }
    for (const auto* part : {&split.train, &split.validation})
      for (const int64_t row : *part) {
        const std::string_view site = dataset.cell(row, "site");
        EXPECT_TRUE(site == "s0" || site == "s2") << row;
        if (has_split) EXPECT_NE(dataset.cell(row, "split"), "test") << row;
      }
    EXPECT_TRUE(std::is_sorted(split.test.begin(), split.test.end()));
  }
}

TEST(hold_out, parts_no_group_and_takes_numbers) {
  // Five people with 16 rows each, at sites 0, 1 and 2 or 2, 3 and 0 in turn.
  std::string text = "label,x,site,who\n";
  for (int i = 0; i < 80; ++i)
    text += fmt::format("{},{}.5,{},p{}\n", i % 3 == 0 ? "a" : "b", i, (i / 8 + i % 2) % 4, i / 16);
  Manifest m(text);
  m.config.group = "who";
  const Dataset dataset = m.open();
  SplitConfig config;
  config.hold_out = {{"site", {1}}};
  const Split split = make_splits(dataset, config)[0];
  const std::set<int64_t> test = groups_in(dataset, split.test);
  EXPECT_FALSE(overlap(groups_in(dataset, split.train), test));
  EXPECT_FALSE(overlap(groups_in(dataset, split.validation), test));
  const auto num_held = std::count_if(split.test.begin(), split.test.end(), [&](int64_t row) {
    return dataset.cell(row, "site") == "1";
  });
  EXPECT_EQ(static_cast<size_t>(num_held), split.test.size());
  EXPECT_EQ(num_held, 24);
  EXPECT_EQ(split.train.size() + split.validation.size(), 32u);  // two people were never at site 1
}

TEST(hold_out, without_a_target_rows_are_held_out_too) {
  Manifest m(sites(false));
  m.config.target = "";
  const Dataset dataset = m.open();
  SplitConfig config;
  config.hold_out = Json::parse(R"({"site": ["s1"], "x": ["0.5"]})");
  const Split split = make_splits(dataset, config)[0];
  EXPECT_EQ(split.test.size(), 11u);  // ten of the site, and the row of the other column
  EXPECT_EQ(split.train.size() + split.validation.size(), 29u);
}

TEST(hold_out, says_what_it_cannot_do) {
  Manifest m(sites(false));
  const Dataset dataset = m.open();
  const auto error = [&](const char* hold_out, int64_t folds) {
    SplitConfig config;
    config.hold_out = Json::parse(hold_out);
    config.folds = folds;
    try {
      make_splits(dataset, config);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_NE(error(R"({"sit": ["s1"]})", 0).find("did you mean"), std::string::npos);
  EXPECT_NE(error(R"({"site": ["s9"]})", 0).find("got 's9'"), std::string::npos);
  EXPECT_NE(error(R"({"site": "s1"})", 0).find("expected {column: [value, ...]}"),
            std::string::npos);
  EXPECT_NE(error(R"({"site": ["s1"]})", 5).find("no folds beside it"), std::string::npos);
  // A class that only held out rows have cannot be learned.
  EXPECT_NE(error(R"({"label": ["a"]})", 0).find("class 'a'"), std::string::npos);
  EXPECT_NE(error(R"({"site": ["s0", "s1", "s2", "s3"]})", 0).find("left to train on"),
            std::string::npos);
  for (const char* odd : {"[]", "null", R"({"site": []})", R"({"site": [["s1"]]})"})
    EXPECT_NE(error(odd, 0).find("expected {column: [value, ...]}"), std::string::npos) << odd;
}

}  // namespace
}  // namespace braid::data
