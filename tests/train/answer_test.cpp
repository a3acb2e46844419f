// The answers to rows of a manifest are those of serving.
#include "train/answer.h"

#include <gtest/gtest.h>

#include "support/module_checks.h"
#include "support/tiny_bundle.h"
#include "support/tiny_calibration.h"

namespace braid::train {
namespace {

using checks::TinyData;

TEST(answer, is_what_serving_says) {
  checks::TinyOptions options;
  // One row has a sound alone.
  options.change = [](int64_t row, checks::TinyRow* cells) {
    if (row == 4) cells->x1 = cells->x2 = "";
  };
  const TinyData data(options);
  const data::Dataset dataset = data::Dataset::open(data.config());
  model::Bundle bundle = checks::tiny_bundle(data.config());
  std::vector<data::Sample> samples, known;
  std::vector<int64_t> rows;
  for (int64_t r = 0; r < dataset.size(); ++r) {
    samples.push_back(dataset.sample(r));
    rows.push_back(r);
    if (r != 4) known.push_back(samples.back());
  }
  data::PreparedStore store(dataset, bundle.preparation, /*limit_bytes=*/0);
  calibration::Calibration made = checks::tiny_calibration(bundle, known);
  made.gate.modalities[0].threshold = -1e9;  // every sound is masked
  bundle.calibration = checks::shared(made);
  const Answers answers = answer(bundle, store, rows, {0, 1}, /*batch_size=*/7);
  const model::Scores scores = model::score(bundle, samples, /*num_threads=*/1);
  EXPECT_EQ(answers.masked, scores.masked);
  EXPECT_EQ(answers.present, scores.present);
  EXPECT_TRUE(answers.masked[9][0]);
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t k = 0; k < 3; ++k)
      EXPECT_NEAR(answers.predictions.scores[3 * i + k], scores.scores[i][k], 1e-6);
  EXPECT_EQ(answers.predictions.targets, dataset.targets().values);

  // Row 4 is refused: its set holds everything. The others' as their scores say.
  SetFacts facts;
  for (int64_t r = 0; r < dataset.size(); ++r) facts.add(made.conformal, answers, r);
  EXPECT_EQ(facts.sizes[4], 3);
  EXPECT_EQ(facts.covered[4], 1);
  EXPECT_EQ(facts.sizes[5], calibration::set_size(made.conformal, answers.predictions, 5));
  const Json summary = summarize(facts, answers.predictions.task, {"sound", "tabular"}, {});
  EXPECT_EQ(summary["masked sound"]["mean"], 1);
  EXPECT_NEAR(summary["refused"]["mean"].get<double>(), 1.0 / 60, 0.05);
  double covered = 0;
  for (double one : facts.covered) covered += one / 60;
  EXPECT_NEAR(summary["coverage"]["mean"].get<double>(), covered, 1e-12);

  // Without the sound in view it is missing, and nothing is masked of it.
  const Answers blind = answer(bundle, store, rows, {1});
  EXPECT_FALSE(blind.present[9][0]);
  EXPECT_FALSE(blind.masked[9][0]);
}

}  // namespace
}  // namespace braid::train
