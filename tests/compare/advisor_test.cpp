// The advisor's rules, and that what it is told of data with a known truth leads to the right one.
#include "compare/advisor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_job.h"

namespace braid::compare {
namespace {

using checks::TinyData;
using checks::TinyOptions;
using checks::TinyRow;

Evidence::Modality useful(const std::string& name) { return {name, 0.8, {0.3, 0.2, 0.4}, 0, 1}; }

Evidence two(const explain::Decomposition& bits, int64_t train_rows = 5000) {
  Evidence evidence;
  evidence.modalities = {useful("image"), useful("text")};
  Evidence::Pair pair;
  pair.b = 1;
  pair.has_bits = true;
  pair.bits = bits;
  evidence.pairs = {pair};
  evidence.train_rows = train_rows;
  return evidence;
}

TEST(advisor, what_is_told_only_together_needs_early_fusion) {
  const Advice advice = advise(two({0.1, 0.1, 0.1, 0.7}));
  EXPECT_EQ(advice.family, "early");
  EXPECT_NE(advice.reasons[0].find("image and text tell 70 %"), std::string::npos)
      << advice.reasons[0];
  // Even where none alone tells anything.
  Evidence exclusive_or = two({0, 0, 0, 0.9});
  for (Evidence::Modality& one : exclusive_or.modalities) one.gain = {0, -0.1, 0.1};
  EXPECT_EQ(advise(exclusive_or).family, "early");
}

TEST(advisor, what_both_say_is_averaged) {
  EXPECT_EQ(advise(two({0.8, 0.1, 0.1, 0.0})).family, "late");
}

TEST(advisor, what_each_knows_is_learned_together_where_rows_are_enough) {
  EXPECT_EQ(advise(two({0.2, 0.4, 0.3, 0.1})).family, "hybrid");
  const Advice few = advise(two({0.2, 0.4, 0.3, 0.1}, /*train_rows=*/200));
  EXPECT_EQ(few.family, "late");
  EXPECT_NE(few.reasons[0].find("200 training rows are few"), std::string::npos);
  Evidence sequences = two({0.2, 0.4, 0.3, 0.1});
  for (Evidence::Modality& one : sequences.modalities) one.tokens = 20;
  const Advice tokens = advise(sequences);
  EXPECT_EQ(std::count(tokens.methods.begin(), tokens.methods.end(), "cross_attention"), 1);
}

TEST(advisor, one_that_tells_anything_is_used_alone) {
  Evidence evidence = two({0, 0.5, 0, 0});
  evidence.modalities[1].gain = {0.01, -0.02, 0.04};
  const Advice advice = advise(evidence);
  EXPECT_EQ(advice.family, "single");
  EXPECT_NE(advice.reasons[0].find("image alone tells something"), std::string::npos);
}

TEST(advisor, many_absent_modalities_call_for_methods_that_leave_them_out) {
  Evidence evidence = two({0.2, 0.4, 0.3, 0.1});
  EXPECT_EQ(advise(evidence).methods,
            (std::vector<std::string>{"concat_project", "gmu", "weighted"}));
  evidence.modalities[0].missing = 0.3;
  const Advice advice = advise(evidence);
  EXPECT_EQ(advice.methods.back(), "attention_pooling");
  EXPECT_NE(advice.reasons.back().find("image (30 %)"), std::string::npos);
}

TEST(advisor, every_method_it_names_is_there) {
  for (const Evidence& evidence :
       {two({0, 0, 0, 1}), two({1, 0, 0, 0}), two({0, 0.5, 0.5, 0}), two({0, 0.5, 0.5, 0}, 10)})
    for (const std::string& name : advise(evidence).methods) EXPECT_NO_THROW(fusion::find(name));
}

// The label is a copy of one bit in each of the two modalities, or their exclusive or.
TinyOptions two_bits(const std::string& how) {
  TinyOptions options;
  options.rows = 600;
  options.change = [how](int64_t row, TinyRow* cells) {
    // The first sound value is large in every third row: class a. x1 decides the rest.
    const bool in_sound = row % 3 == 0;
    const bool in_table = how == "xor" ? (row / 3) % 2 == 0 : in_sound;
    cells->x1 = in_table ? "1" : "-1";
    cells->x2 = "0";
    const bool truth = how == "xor" ? in_sound != in_table : in_sound;
    cells->label = truth ? "a" : "b";
  };
  return options;
}

TEST(advisor, advised_comparisons_follow_the_data) {
  for (const auto& [how, family] : {std::pair<const char*, const char*>{"xor", "early"},
                                    std::pair<const char*, const char*>{"copy", "late"}}) {
    const TinyData data(two_bits(how));
    const TemporaryFolder folder;
    CompareJob job =
        checks::tiny_job(checks::tiny_config(data, /*epochs=*/25), folder / "out", {"advised"});
    job.config.train.batch_size = 16;
    const Json document = compare(job);
    const Json& advice = document["advice"];
    EXPECT_EQ(advice["family"], family) << how << " " << advice.dump(2);
    for (const Json& name : advice["methods"]) {
      bool is_there = false;
      for (const Json& method : document["methods"]) is_there = is_there || method["name"] == name;
      EXPECT_TRUE(is_there) << name;
    }
  }
}

TEST(advisor, advised_stands_alone) {
  const TinyData data;
  const TemporaryFolder folder;
  checks::expect_error(ErrorKind::config, "expected 'advised' alone, got advised, concat", [&] {
    compare(checks::tiny_job(checks::tiny_config(data), folder / "out", {"advised", "concat"}));
  });
}

}  // namespace
}  // namespace braid::compare
