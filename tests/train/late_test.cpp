// Late fusion: each modality alone, then a combination that learned nothing from rows it is judged
// by.
#include "train/late.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_runs.h"

namespace braid::train {
namespace {

using checks::bits;
using checks::close;
using checks::expect_error;
using checks::same_bits;
using checks::TinyData;
using checks::TinyOptions;
using checks::TinyRow;
using checks::TinyRun;

TrainTask late_task(TinyRun& run, const std::string& fusion, const std::string& folder = "") {
  TrainTask task = run.task(folder);
  task.model.fusion = {{"name", fusion}};
  return task;
}

std::vector<Tensor> decision(const TrainResult& result) {
  std::vector<Tensor> values;
  for (const Tensor& p : result.model->fusion().decision_parameters())
    values.push_back(p.detach().clone());
  return values;
}

TEST(late, encoders_and_heads_are_the_singles_bits) {
  const TinyData data;
  TinyRun run(data);
  const TrainTask task = late_task(run, "average");
  const TrainResult combined = train(task);
  const auto all = combined.model->named_parameters();
  for (const char* modality : {"sound", "tabular"}) {
    const TrainResult single = train(single_task(task, modality));
    size_t num_same = 0;
    for (const auto& item : single.model->named_parameters()) {
      const Tensor* here = all.find(item.key());
      ASSERT_NE(here, nullptr) << item.key();
      EXPECT_TRUE(same_bits(*here, item.value())) << item.key();
      ++num_same;
    }
    EXPECT_GE(num_same, 4u) << "encoder, head and stand-in";
    // And so are the modality's own outputs.
    const Evaluation own =
        evaluate(*single.model, run.store(), single.modalities, run.split().test);
    const Evaluation both =
        evaluate(*combined.model, run.store(), combined.modalities, run.split().test);
    const int64_t m = std::string(modality) == "sound" ? 0 : 1;
    EXPECT_TRUE(close(both.per_modality.select(1, m), own.per_modality.select(1, 0), 1e-6))
        << modality;
  }
}

TEST(late, a_short_name_is_trained_the_same_way) {
  const TinyData data;
  TinyRun run(data, /*epochs=*/2);
  TrainTask task = late_task(run, "stacking");
  const TrainResult by_object = train(task);
  task.model.fusion = "stacking";
  const TrainResult by_name = train(task);
  EXPECT_EQ(bits(*by_object.model), bits(*by_name.model));
  EXPECT_TRUE(by_name.progress.history.empty()) << "trained separately";
  task.model.fusion = {{"name", "auto"}};
  EXPECT_STREQ(train(task).model->fusion_method().name, "concat");
}

TEST(late, the_combination_is_fitted_to_the_validation_rows_alone) {
  const TinyData data;
  TinyRun run(data, /*epochs=*/2);
  const TrainTask task = late_task(run, "stacking");
  const TrainResult sound = train(single_task(task, "sound")),
                    table = train(single_task(task, "tabular"));
  const std::vector<const TrainResult*> singles = {&sound, &table};
  const std::vector<Tensor> fitted = decision(combine_singles(task, singles));
  TrainTask other_train = task;
  other_train.split.train.resize(20);
  TrainTask other_validation = task;
  other_validation.split.validation.resize(8);
  const std::vector<Tensor> same = decision(combine_singles(other_train, singles)),
                            changed = decision(combine_singles(other_validation, singles));
  for (size_t p = 0; p < fitted.size(); ++p) EXPECT_TRUE(same_bits(fitted[p], same[p])) << p;
  EXPECT_FALSE(close(fitted[0], changed[0], 1e-4));
  // It begins as the mean of the outputs, weight 1/2 where modality and class agree, and has to
  // move.
  EXPECT_GT((fitted[0][0][0] - 0.5).abs().item<double>(), 1e-4);
}

TEST(late, validation_predictions_are_held_out_where_something_is_fitted) {
  const TinyData data;
  TinyRun run(data, /*epochs=*/2);
  TrainResult stacked = train(late_task(run, "stacking"));
  const Evaluation seen =
      evaluate(*stacked.model, run.store(), stacked.modalities, run.split().validation);
  ASSERT_EQ(stacked.validation.predictions.size(), seen.predictions.size());
  EXPECT_EQ(stacked.validation.predictions.targets, seen.predictions.targets);
  EXPECT_NE(stacked.validation.predictions.scores, seen.predictions.scores);
  EXPECT_GT(stacked.validation.loss, seen.loss) << "what was fitted to a row does better on it";

  TrainResult averaged = train(late_task(run, "average"));
  const Evaluation plain =
      evaluate(*averaged.model, run.store(), averaged.modalities, run.split().validation);
  EXPECT_EQ(averaged.validation.predictions.scores, plain.predictions.scores);
}

TEST(late, a_rows_own_label_does_not_reach_its_held_out_prediction) {
  // The second dataset says something else of one validation row in 48: too little to choose
  // another strength, which is the one thing that all rows' labels decide together. One epoch: the
  // singles' best epoch is the first whatever the labels say.
  constexpr int64_t kRow = 18;
  TinyOptions options;
  options.rows = 240;
  const TinyData data(options);
  options.change = [](int64_t r, TinyRow* row) {
    if (r == kRow) row->label = row->label == "b" ? "c" : "b";
  };
  const TinyData other_data(options);
  TinyRun run(data, /*epochs=*/1), other(other_data, /*epochs=*/1);
  ASSERT_EQ(run.split().validation[0], kRow);
  const TrainResult a = train(late_task(run, "stacking")), b = train(late_task(other, "stacking"));
  const auto& mine = a.validation.predictions;
  const auto& others = b.validation.predictions;
  ASSERT_NE(mine.targets[0], others.targets[0]);
  for (size_t k = 0; k < 3; ++k)
    EXPECT_EQ(mine.scores[k], others.scores[k]) << "row 18's own prediction";
  int num_changed = 0;
  for (size_t i = 3; i < mine.scores.size(); ++i) num_changed += mine.scores[i] != others.scores[i];
  EXPECT_GT(num_changed, 0) << "the other parts were fitted with row 18";
}

TEST(late, heads_of_another_shape_are_refused) {
  const TinyData data;
  TinyRun run(data, /*epochs=*/1);
  TrainTask task = late_task(run, "average");
  const TrainResult sound = train(single_task(task, "sound")),
                    table = train(single_task(task, "tabular"));
  task.model.fusion["hidden"] = {8};
  expect_error(ErrorKind::config,
               "fusion average: parameter 'fusion.heads.sound.classifier.0.weight' is not in the "
               "model of sound alone",
               [&] {
                 combine_singles(task, {&sound, &table});
               });
  EXPECT_NO_THROW(train(task)) << "trained as a whole, the singles have the same hidden layers";
}

TEST(late, goes_on_where_it_was_stopped) {
  const TinyData data;
  TinyRun run(data);
  const TemporaryFolder folder;
  const TrainResult whole = train(late_task(run, "weighted", folder / "whole"));
  TrainTask task = late_task(run, "weighted", folder / "pieces");
  std::atomic<bool> stop{false};
  int ticks = 0, num_stops = 0;
  task.stop = &stop;
  task.sinks.progress = [&](const ProgressTick&) { stop = ++ticks % 7 == 0; };
  TrainResult pieces = train(task);
  for (; pieces.was_stopped && num_stops < 20; ++num_stops) {
    EXPECT_EQ(pieces.model, nullptr) << "there is no combination yet";
    stop = false;
    pieces = train(task);
  }
  EXPECT_GE(num_stops, 2);
  EXPECT_EQ(bits(*pieces.model), bits(*whole.model));
  EXPECT_TRUE(file_exists(folder / "pieces/single-sound/best.safetensors"));
  EXPECT_TRUE(file_exists(folder / "pieces/best.safetensors"));
}

TEST(late, joint_training_reaches_everything_at_once) {
  const TinyData data;
  TinyRun run(data);
  TrainTask task = late_task(run, "stacking");
  const TrainResult separate = train(task);
  task.train.late = "joint";
  const TrainResult joint = train(task);
  EXPECT_EQ(joint.progress.history.size(), 3u);
  task.train.lr = 0;
  const auto start = train(task).model->named_parameters();
  for (const auto& item : joint.model->named_parameters()) {
    // What stands for an absent modality counts only in rows that have nothing at all; here there
    // are none.
    if (item.key().find(".missing") != std::string::npos) continue;
    // Late fusion reads pooled vectors: what makes the table's tokens stays as it was.
    if (item.key().rfind("encoders.tabular.", 0) == 0 &&
        item.key().rfind("encoders.tabular.mlp.", 0) != 0)
      continue;
    EXPECT_FALSE(item.value().equal(start[item.key()])) << item.key() << " is not trained";
  }
  EXPECT_NE(bits(*joint.model), bits(*separate.model));
}

TEST(late, names_with_dots_find_their_own_places) {
  // "so.und" and "so_und" would both be called so_und inside a model; the second becomes so_und_2
  // when they stand side by side.
  TinyOptions options;
  options.change = [](int64_t r, TinyRow* row) {
    row->x2 = fmt::format("sound.npy#{}", (r + 1) % 60);
  };
  const TinyData data(options);
  auto config = checks::tiny_config(data, /*epochs=*/1);
  std::string text = read_file(config.data.manifest);
  text.replace(0, text.find('\n'), "label,split,so.und,x1,so_und");
  config.data.manifest = data.folder() + "/dots.csv";
  write_file_atomically(config.data.manifest, text);
  config.data.exclude = {"x1"};
  config.model.encoders = Json::object();
  TinyRun run(config);
  const TrainTask task = late_task(run, "average");
  const TrainResult combined = train(task);
  const Evaluation both =
      evaluate(*combined.model, run.store(), combined.modalities, run.split().test);
  for (int64_t m = 0; m < 2; ++m) {
    const TrainResult single = train(single_task(task, m == 0 ? "so.und" : "so_und"));
    const Evaluation own =
        evaluate(*single.model, run.store(), single.modalities, run.split().test);
    EXPECT_TRUE(close(both.per_modality.select(1, m), own.per_modality.select(1, 0), 1e-6)) << m;
  }
}

}  // namespace
}  // namespace braid::train
