// Scores of rows and of subsets of the modalities: a hidden modality must look exactly like one
// that is not there.
#include "train/evaluate.h"

#include <gtest/gtest.h>

#include "support/module_checks.h"
#include "support/tiny_runs.h"

namespace braid::train {
namespace {

using checks::bits;
using checks::close;
using checks::expect_error;
using checks::TinyData;
using checks::TinyOptions;
using checks::TinyRow;
using checks::TinyRun;

at::Tensor tensor(const std::vector<double>& values) {
  return torch::tensor(values, torch::kDouble);
}

TEST(evaluate, predictions_come_in_row_order) {
  const TinyData data;
  TinyRun run(data);
  TrainResult result = train(run.task());
  const std::vector<int64_t> rows = {25, 3, 57, 3, 0};
  const Evaluation all =
      evaluate(*result.model, run.store(), result.modalities, rows, /*batch_size=*/2);
  ASSERT_EQ(all.predictions.size(), 5);
  for (size_t i = 0; i < rows.size(); ++i) {
    const Evaluation one = evaluate(*result.model, run.store(), result.modalities, {rows[i]});
    EXPECT_EQ(all.predictions.targets[i], static_cast<double>(rows[i] % 3));
    for (size_t k = 0; k < 3; ++k)
      EXPECT_NEAR(all.predictions.scores[3 * i + k], one.predictions.scores[k], 1e-6) << i;
  }
  // The loss is the mean of the rows' -log p(target).
  double sum = 0;
  for (size_t i = 0; i < rows.size(); ++i)
    sum -= std::log(all.predictions.scores[3 * i + static_cast<size_t>(rows[i] % 3)]);
  EXPECT_NEAR(all.loss, sum / 5, 1e-5);
  EXPECT_EQ(all.present.sizes(), (std::vector<int64_t>{5, 2}));
}

TEST(evaluate, a_hidden_modality_equals_one_that_is_not_there) {
  // Two manifests that differ in the test rows alone: there the second has no sound. Training sees
  // no difference.
  TinyOptions without;
  without.change = [](int64_t, TinyRow* row) {
    if (row->split == "test") row->sound.clear();
  };
  const TinyData full_data, empty_data(without);
  for (const fusion::Method* method : fusion::methods()) {
    if (method->family == fusion::Family::single) continue;
    auto config = checks::tiny_config(full_data, /*epochs=*/1);
    config.model.encoders = Json::object();
    config.model.fusion = {{"name", method->name}};
    TinyRun full(config);
    config.data = empty_data.config();
    TinyRun empty(config);
    TrainResult result = train(full.task());
    const auto& rows = full.split().test;
    const auto subsets =
        evaluate_subsets(*result.model, full.store(), result.modalities, rows, {{1}, {0, 1}, {}});
    const Evaluation missing = evaluate(*result.model, empty.store(), result.modalities, rows);
    EXPECT_TRUE(
        close(tensor(subsets[0].predictions.scores), tensor(missing.predictions.scores), 1e-6))
        << method->name;
    EXPECT_NEAR(subsets[0].loss, missing.loss, 1e-6) << method->name;
    EXPECT_TRUE(subsets[0].present.equal(missing.present)) << method->name;
    EXPECT_FALSE(
        close(tensor(subsets[0].predictions.scores), tensor(subsets[1].predictions.scores), 1e-4))
        << method->name << ": sound has to matter";
    // With nothing at all every row gets the same finite answer.
    const at::Tensor none = tensor(subsets[2].predictions.scores).view({-1, 3});
    EXPECT_TRUE(at::isfinite(none).all().item<bool>()) << method->name;
    EXPECT_TRUE(close(none, none[0].unsqueeze(0).expand_as(none), 1e-6)) << method->name;
  }
}

TEST(evaluate, no_rows_are_no_predictions) {
  for (const char* task : {"multiclass", "multilabel", "regression"}) {
    TinyOptions options;
    options.task = task;
    const TinyData data(options);
    TinyRun run(data, /*epochs=*/1);
    TrainResult result = train(run.task());
    const Evaluation none = evaluate(*result.model, run.store(), result.modalities, {});
    EXPECT_EQ(none.predictions.size(), 0) << task;
    EXPECT_EQ(none.loss, 0) << task;
  }
}

TEST(evaluate, labels_and_values_are_laid_out_as_metrics_want_them) {
  TinyOptions options;
  options.task = "multilabel";
  const TinyData labels(options);
  TinyRun run(labels, /*epochs=*/1);
  TrainResult result = train(run.task());
  const Evaluation e = evaluate(*result.model, run.store(), result.modalities, {0, 1, 2});
  EXPECT_EQ(e.predictions.num_outputs, 3);
  EXPECT_EQ(e.predictions.scores.size(), 9u);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(e.predictions.targets[3 * i + i], 1) << "row i has class i's label";
  EXPECT_EQ(target_tensor(run.dataset().targets(), {0, 1}).sizes(), (std::vector<int64_t>{2, 3}));

  options.task = "regression";
  const TinyData values(options);
  TinyRun other(values, /*epochs=*/1);
  result = train(other.task());
  const Evaluation v = evaluate(*result.model, other.store(), result.modalities, {4, 2});
  EXPECT_EQ(v.predictions.num_outputs, 1);
  EXPECT_EQ(v.predictions.targets, (std::vector<double>{other.dataset().targets().values[4],
                                                        other.dataset().targets().values[2]}));
  EXPECT_EQ(target_tensor(other.dataset().targets(), {0, 1}).dim(), 1);
}

TEST(evaluate, leaves_parameters_alone_and_the_model_in_evaluation_mode) {
  const TinyData data;
  TinyRun run(data, /*epochs=*/1);
  TrainResult result = train(run.task());
  const std::string before = bits(*result.model);
  result.model->train();
  const Evaluation first =
      evaluate(*result.model, run.store(), result.modalities, run.split().validation);
  EXPECT_FALSE(result.model->is_training());
  EXPECT_EQ(bits(*result.model), before);
  const Evaluation second =
      evaluate(*result.model, run.store(), result.modalities, run.split().validation);
  EXPECT_EQ(first.predictions.scores, second.predictions.scores);
}

TEST(evaluate, outputs_that_are_not_finite_are_an_error) {
  const TinyData data;
  TinyRun run(data, /*epochs=*/1);
  TrainResult result = train(run.task());
  {
    torch::NoGradGuard no_grad;
    result.model->parameters()[0].fill_(std::nan(""));
  }
  expect_error(ErrorKind::numeric,
               "the model's outputs: expected finite numbers, got NaN or infinity",
               [&] { evaluate(*result.model, run.store(), result.modalities, run.split().test); });
}

}  // namespace
}  // namespace braid::train
