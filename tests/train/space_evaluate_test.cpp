// Directions, their answers and their chance levels, by hand.
#include "train/space_evaluate.h"

#include <gtest/gtest.h>

#include "support/module_checks.h"
#include "support/tiny_space.h"
#include "train/space_trainer.h"

namespace braid::train {
namespace {

// Two modalities of four rows on a circle; row 3 lacks the second.
SpaceRows four_rows() {
  SpaceRows rows;
  rows.vectors = {at::tensor({1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0, -1.0}, at::kFloat).view({4, 2}),
                  at::tensor({0.8, 0.6, 1.0, 0.1, -1.0, 0.2, 0.0, 0.0}, at::kFloat).view({4, 2})};
  rows.present = {{true, true, true, true}, {true, true, true, false}};
  rows.content = {{1, 2, 3, 4}, {5, 6, 7, 0}};
  return rows;
}

TEST(space_evaluate, ranks_by_hand) {
  const std::vector<Direction> directions = rank_directions(four_rows(), /*num_threads=*/1);
  ASSERT_EQ(directions.size(), 2u);
  // From the first: (1, 0) has row 1's text at 0.995 before its own at 0.8; (0, 1) has its own at
  // 0.1 after 0.6 and 0.2; (-1, 0) has its own first.
  EXPECT_EQ(directions[0].num_candidates, 3);
  ASSERT_EQ(directions[0].queries.size(), 3u);
  EXPECT_EQ(directions[0].queries[0].rank, 2);
  EXPECT_EQ(directions[0].queries[1].rank, 3);
  EXPECT_EQ(directions[0].queries[2].rank, 1);
  // From the second: four pictures. (0.8, 0.6) has its own first; (1, 0.1) its own at 0.1 after
  // 0.995; (-1, 0.2) its own first.
  EXPECT_EQ(directions[1].num_candidates, 4);
  EXPECT_EQ(directions[1].queries[0].rank, 1);
  EXPECT_EQ(directions[1].queries[1].rank, 2);
  EXPECT_EQ(directions[1].queries[2].rank, 1);
  EXPECT_NEAR(directions[0].chance[0], 1.0 / 3, 1e-12);
  EXPECT_NEAR(directions[1].chance[0], 1.0 / 4, 1e-12);
  EXPECT_NEAR(directions[0].chance[1], 1, 1e-12);
  // Ranks 2, 3, 1 of three and 1, 2, 1 of four: all within ten.
  EXPECT_NEAR(mean_retrieval(directions).recall_10, 1, 1e-12);
  EXPECT_NEAR(mean_retrieval(directions).average_precision,
              ((1.0 / 2 + 1.0 / 3 + 1) / 3 + (1 + 1.0 / 2 + 1) / 3) / 2, 1e-12);
}

TEST(space_evaluate, the_same_content_is_an_answer_too) {
  SpaceRows rows = four_rows();
  rows.content[1] = {5, 5, 7, 0};  // rows 0 and 1 have the same text
  const std::vector<Direction> directions = rank_directions(rows, 1);
  EXPECT_EQ(directions[0].queries[0].rank, 1) << "row 1's text is as good as its own";
  EXPECT_EQ(directions[1].queries[1].rank, 1) << "either picture answers the text of both";
  // Two answers for two of three queries: (2/3 + 2/3 + 1/3) / 3.
  EXPECT_NEAR(directions[0].chance[0], 5.0 / 9, 1e-12);
}

TEST(space_evaluate, modalities_without_a_common_row_have_no_direction) {
  SpaceRows rows = four_rows();
  rows.present = {{true, true, false, false}, {false, false, true, false}};
  EXPECT_TRUE(rank_directions(rows, 1).empty());
  EXPECT_EQ(mean_retrieval({}).recall_10, 0);
}

TEST(space_evaluate, measures_what_the_verb_reports) {
  const checks::TinySpaceData data;
  SpaceExperimentConfig config;
  config.data = data.config();
  const Experiment experiment = open_experiment(config, {});
  const Fold fold = experiment.open_fold(0, 1, {});
  const auto space = checks::tiny_space(data);
  const auto content = contents_of(*space, *fold.store, fold.split.test, 2);
  const SpaceRows rows = encode_rows(*space, *fold.store, fold.split.test, content, 2);
  ASSERT_EQ(rows.vectors.size(), 3u);
  EXPECT_EQ(rows.vectors[0].size(0), 24);
  for (size_t i = 0; i < 24; ++i) {
    EXPECT_EQ(content[1][i] != 0, rows.present[1][i]);
    EXPECT_EQ(rows.present[1][i], fold.split.test[i] % 7 != 6);
  }
  const Json measured = measure_space(rows, space->modalities(), 1);
  EXPECT_EQ(measured["rows"], 24);
  EXPECT_EQ(measured["directions"].size(), 6u);
  EXPECT_EQ(measured["pairs"].size(), 3u);
  EXPECT_EQ(measured["uniformity"].size(), 3u);
  const Json& first = measured["directions"][0];
  EXPECT_EQ(first["from"], "a");
  EXPECT_EQ(first["to"], "b");
  EXPECT_LE(first["recall_10"]["interval"][0], first["recall_10"]["mean"]);
}

}  // namespace
}  // namespace braid::train
