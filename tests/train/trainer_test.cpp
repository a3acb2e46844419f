// Reproducible, resumable, honest: what the loop promises whatever the model.
#include "train/trainer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_runs.h"

namespace braid::train {
namespace {

namespace fs = std::filesystem;
using checks::bits;
using checks::expect_error;
using checks::timeless;
using checks::TinyData;
using checks::TinyOptions;
using checks::TinyRow;
using checks::TinyRun;

void copy_folder(const std::string& from, const std::string& to) {
  fs::copy(from, to, fs::copy_options::recursive);
}

TEST(trainer, the_same_seed_gives_the_same_bits) {
  const TinyData data;
  TinyRun run(data), again(data);
  TrainTask task = run.task();
  task.num_workers = 1;
  const TrainResult first = train(task);
  TrainTask other = again.task();
  other.num_workers = 2;
  const TrainResult second = train(other);
  EXPECT_EQ(bits(*first.model), bits(*second.model));
  EXPECT_EQ(timeless(first.progress), timeless(second.progress));
  EXPECT_EQ(first.validation.predictions.scores, second.validation.predictions.scores);
  task.train.seed = 2;
  EXPECT_NE(bits(*train(task).model), bits(*first.model));
}

TEST(trainer, bf16_learns_as_float32_does_and_is_not_ignored) {
  const TinyData data;
  TinyRun run(data, /*epochs=*/20), rounded(data, /*epochs=*/20);
  TrainTask task = rounded.task();
  task.train.precision = "bf16";
  const TrainResult exact = train(run.task()), result = train(task);
  EXPECT_NE(bits(*result.model), bits(*exact.model));
  const double loss = exact.progress.history.back().train_loss;
  EXPECT_NEAR(result.progress.history.back().train_loss, loss, 0.1 * loss);
}

TEST(trainer, learns_as_well_where_it_leaves_cores_to_others) {
  const TinyData data;
  TinyRun run(data), sharing(data);
  TrainTask task = sharing.task();
  task.shares_cores = true;
  const TrainResult alone = train(run.task()), shared = train(task);
  EXPECT_NEAR(shared.progress.history.back().train_loss, alone.progress.history.back().train_loss,
              1e-3);
}

TEST(trainer, learns) {
  const TinyData data;
  TinyRun run(data, /*epochs=*/20);
  const TrainResult result = train(run.task());
  EXPECT_LT(result.progress.history.back().train_loss,
            0.6 * result.progress.history.front().train_loss);
  EXPECT_EQ(result.progress.epoch, 20);
  EXPECT_TRUE(result.progress.is_finished);
}

// Stops after every `every` ticks of the progress sink, until the run is finished. A tick comes
// after each step and at each epoch's end.
TrainResult train_in_pieces(TrainTask task, int every, int* num_stops) {
  std::atomic<bool> stop{false};
  int ticks = 0;
  task.stop = &stop;
  task.sinks.progress = [&](const ProgressTick&) {
    if (++ticks % every == 0) stop = true;
  };
  *num_stops = 0;
  for (;;) {
    stop = false;
    TrainResult result = train(task);
    if (!result.was_stopped) return result;
    EXPECT_FALSE(result.progress.is_finished);
    if (++*num_stops > 100) ADD_FAILURE() << "makes no progress";
    if (*num_stops > 100) return result;
  }
}

TEST(trainer, a_stopped_run_goes_on_to_the_same_bits) {
  const TinyData data;
  auto config = checks::tiny_config(data, /*epochs=*/4);
  config.train.modality_dropout = 0.3;
  config.train.sampling = "balanced";
  TinyRun run(config);
  const TemporaryFolder folder;
  const TrainResult whole = train(run.task(folder / "whole"));
  // Thirty-six rows to train on, eight a step: five steps and an end per epoch. Mid-epoch, and
  // (six) at every epoch's end.
  ASSERT_EQ(run.split().train.size(), 36u);
  for (const int every : {1, 2, 4, 5, 6, 7}) {
    const std::string place = folder / fmt::format("every{}", every);
    int num_stops = 0;
    const TrainResult pieces = train_in_pieces(run.task(place), every, &num_stops);
    EXPECT_GE(num_stops, 2) << every;
    EXPECT_EQ(bits(*pieces.model), bits(*whole.model)) << every;
    EXPECT_EQ(timeless(pieces.progress), timeless(whole.progress)) << every;
    EXPECT_EQ(pieces.validation.predictions.scores, whole.validation.predictions.scores) << every;
    EXPECT_EQ(read_file(place + "/best.safetensors"), read_file(folder / "whole/best.safetensors"))
        << every;
  }
}

TEST(trainer, a_killed_run_goes_on_to_the_same_bits) {
  const TinyData data;
  TinyRun run(data, /*epochs=*/5);
  const TemporaryFolder folder;
  // Copies of the folder as a kill would leave it: in the middle of an epoch, and after the best
  // parameters are written but not yet the checkpoint.
  TrainTask task = run.task(folder / "whole");
  int tick = 0;
  std::vector<std::string> copies;
  task.sinks.progress = [&](const ProgressTick&) {
    ++tick;
    if (tick != 8 && tick != 12 && tick != 18 && tick != 21) return;
    copies.push_back(folder / fmt::format("killed{}", tick));
    copy_folder(folder / "whole", copies.back());
  };
  const TrainResult whole = train(task);
  ASSERT_EQ(copies.size(), 4u);
  for (const std::string& copy : copies) {
    // What else a kill may leave: half a temporary file, no history.
    write_file_atomically(copy + "/last.safetensors.1234.0.tmp", "half");
    fs::remove(copy + "/metrics.jsonl");
    const TrainResult resumed = train(run.task(copy));
    EXPECT_EQ(bits(*resumed.model), bits(*whole.model)) << copy;
    EXPECT_EQ(timeless(resumed.progress), timeless(whole.progress)) << copy;
    EXPECT_EQ(read_file(copy + "/best.safetensors"), read_file(folder / "whole/best.safetensors"));
    EXPECT_TRUE(file_exists(copy + "/metrics.jsonl"));
  }
}

TEST(trainer, a_finished_run_is_not_trained_again) {
  const TinyData data;
  TinyRun run(data);
  const TemporaryFolder folder;
  const TrainResult first = train(run.task(folder.path()));
  TrainTask task = run.task(folder.path());
  task.sinks.progress = [](const ProgressTick& tick) { ADD_FAILURE() << tick.detail; };
  const TrainResult second = train(task);
  EXPECT_EQ(bits(*second.model), bits(*first.model));
  EXPECT_EQ(second.progress.seconds, first.progress.seconds);
}

TEST(trainer, another_config_does_not_resume) {
  const TinyData data;
  TinyRun run(data);
  const TemporaryFolder folder;
  train(run.task(folder.path()));
  TrainTask task = run.task(folder.path());
  task.train.lr = 0.03;
  expect_error(ErrorKind::config, "belongs to another config, data set or seed",
               [&] { train(task); });
  task = run.task(folder.path());
  task.split.train.pop_back();
  expect_error(ErrorKind::config, "belongs to another config, data set or seed",
               [&] { train(task); });
}

TEST(trainer, another_target_of_the_same_manifest_does_not_resume) {
  // Both columns are in the file and hold as many classes; only the config says which is meant.
  TinyOptions options;
  options.has_speaker = true;
  options.change = [](int64_t r, TinyRow* row) {
    row->speaker = std::string(1, static_cast<char>('a' + (r + 1) % 3));
  };
  const TinyData data(options);
  auto config = checks::tiny_config(data);
  config.data.group = "";
  config.data.fields = {"sound", "x1", "x2"};
  const TemporaryFolder folder;
  TinyRun run(config);
  train(run.task(folder.path()));
  config.data.target = "speaker";
  TinyRun other(config);
  expect_error(ErrorKind::config, "belongs to another config, data set or seed",
               [&] { train(other.task(folder.path())); });
}

TEST(trainer, the_test_rows_change_nothing) {
  // Other values and other labels in the test rows alone.
  TinyOptions options;
  options.change = [](int64_t, TinyRow* row) {
    if (row->split != "test") return;
    row->label = row->label == "a" ? "b" : "a";
    row->sound = "sound.npy#0";
    row->x1 = "1000";
  };
  const TinyData data, other_data(options);
  for (const char* fusion : {"concat", "stacking"}) {
    auto config = checks::tiny_config(data, /*epochs=*/8);
    config.model.fusion = {{"name", fusion}};
    config.train.patience = 1;
    TinyRun run(config);
    config.data = other_data.config();
    TinyRun other(config);
    const TrainResult a = train(run.task()), b = train(other.task());
    EXPECT_EQ(bits(*a.model), bits(*b.model)) << fusion;
    EXPECT_EQ(timeless(a.progress), timeless(b.progress)) << fusion;
    EXPECT_EQ(a.validation.predictions.scores, b.validation.predictions.scores) << fusion;
  }
}

// Labels that mean nothing are learned by heart, so that the validation loss soon rises.
TinyOptions meaningless() {
  TinyOptions options;
  options.change = [](int64_t r, TinyRow* row) {
    row->label = std::string(1, static_cast<char>('a' + (r * 7 + r / 4) % 3));
  };
  return options;
}

TEST(trainer, the_best_epoch_is_restored) {
  const TinyData data(meaningless());
  TinyRun run(data, /*epochs=*/15);
  const TemporaryFolder folder;
  const TrainResult result = train(run.task());
  const auto& history = result.progress.history;
  ASSERT_EQ(history.size(), 15u);
  const auto best = std::min_element(
      history.begin(), history.end(),
      [](const auto& a, const auto& b) { return a.validation_loss < b.validation_loss; });
  EXPECT_EQ(result.progress.best_epoch, best->epoch);
  EXPECT_LT(best->epoch, 15) << "otherwise this tests nothing";
  EXPECT_DOUBLE_EQ(result.validation.loss, best->validation_loss);
  EXPECT_NE(result.validation.loss, history.back().validation_loss);
  EXPECT_EQ(bits(*train(run.task(folder.path())).model), bits(*result.model))
      << "with a folder as without";
}

TEST(trainer, patience_counts_epochs_without_a_better_one) {
  const TinyData data(meaningless());
  auto config = checks::tiny_config(data, /*epochs=*/40);
  config.train.patience = 3;
  TinyRun run(config);
  const TrainResult result = train(run.task());
  EXPECT_LT(result.progress.epoch, 40);
  EXPECT_EQ(result.progress.epoch, result.progress.best_epoch + 3);
}

TEST(trainer, a_named_metric_judges_in_its_own_direction) {
  const TinyData data(meaningless());
  auto config = checks::tiny_config(data, /*epochs=*/10);
  config.train.metric = "accuracy";
  TinyRun run(config);
  const TrainResult result = train(run.task());
  double best = 0;
  for (const EpochRecord& r : result.progress.history) best = std::max(best, r.validation_metric);
  EXPECT_EQ(result.progress.history[static_cast<size_t>(result.progress.best_epoch - 1)]
                .validation_metric,
            best);
}

TEST(trainer, mistakes_are_found_before_the_first_epoch) {
  const TinyData data;
  TinyRun run(data);
  auto expect = [&](ErrorKind kind, const std::string& part,
                    const std::function<void(TrainTask*)>& spoil) {
    TrainTask task = run.task();
    task.sinks.progress = [](const ProgressTick&) { ADD_FAILURE() << "it trains already"; };
    spoil(&task);
    expect_error(kind, part, [&] { train(task); });
  };
  expect(ErrorKind::config, "'acuracy'; did you mean 'accuracy'?",
         [](TrainTask* t) { t->train.metric = "acuracy"; });
  expect(ErrorKind::config,
         "train.metric: 'rmse' does not fit a multiclass target; use auto or 'accuracy'",
         [](TrainTask* t) { t->train.metric = "rmse"; });
  expect(ErrorKind::config, "unknown fusion method 'conct'; did you mean 'concat'?",
         [](TrainTask* t) { t->model.fusion["name"] = "conct"; });
  expect(ErrorKind::data, "expected rows to train and to validate on, got 36 and 0",
         [](TrainTask* t) { t->split.validation.clear(); });
  expect(ErrorKind::usage, "--device tpu9", [](TrainTask* t) { t->device = "tpu9"; });
}

TEST(trainer, a_loss_that_is_not_finite_stops_with_the_place) {
  // Decay turns every weight over and multiplies it by nine each step: 9^40 > 1e38.
  const TinyData data;
  auto config = checks::tiny_config(data, /*epochs=*/40);
  config.train.lr = 1;
  config.train.weight_decay = 10;
  config.train.clip_norm = 0;
  config.train.warmup = 0;
  config.train.schedule = "constant";
  config.train.batch_size = 1;
  TinyRun run(config);
  TrainTask task = run.task();
  task.name = "concat";
  expect_error(ErrorKind::numeric, "lower train.lr", [&] { train(task); });
}

TEST(trainer, heads_know_the_training_rows_only) {
  TinyOptions options;
  options.change = [](int64_t r, TinyRow* row) {
    if (row->split == "train") row->label = r < 6 ? "a" : r < 12 ? "c" : "b";
  };
  const TinyData data(options);
  TinyRun run(data);
  // Six rows of a, twenty-four of b, six of c: 36 / (3 * 6) and 36 / (3 * 24).
  const heads::Context head = head_context(run.dataset().targets(), run.split().train, "balanced");
  ASSERT_EQ(head.class_weights.size(), 3u);
  EXPECT_DOUBLE_EQ(head.class_weights[0], 2);
  EXPECT_DOUBLE_EQ(head.class_weights[1], 0.5);
  EXPECT_TRUE(
      head_context(run.dataset().targets(), run.split().train, "none").class_weights.empty());
  TrainTask task = run.task();
  const std::string plain = bits(*train(task).model);
  task.train.class_weights = "balanced";
  EXPECT_NE(bits(*train(task).model), plain);

  data::Targets values;
  values.task = metrics::Task::regression;
  values.values = {1, 3, 100};
  const heads::Context scale = head_context(values, {0, 1}, "none");
  EXPECT_EQ(scale.target_mean, 2);
  EXPECT_EQ(scale.target_deviation, 1);  // sqrt((1 + 1) / 2)
  EXPECT_EQ(head_context(values, {2}, "none").target_deviation, 1) << "a constant target";
}

TEST(trainer, the_learned_stand_in_is_trained_and_used) {
  TinyOptions options;
  options.change = [](int64_t r, TinyRow* row) {
    if (r % 4 == 0) row->sound.clear();
  };
  const TinyData data(options);
  TinyRun run(data);
  TrainTask task = run.task();
  task.train.modality_dropout = 0;
  TrainResult result = train(task);
  TrainTask start = task;
  start.train.lr = 0;
  EXPECT_FALSE(train(start).model->named_parameters()["fusion.missing.sound"].equal(
      result.model->named_parameters()["fusion.missing.sound"]))
      << "not trained";
  const std::vector<int64_t> rows = {4, 5};  // without and with sound
  const auto before =
      evaluate(*result.model, run.store(), result.modalities, rows).predictions.scores;
  {
    torch::NoGradGuard no_grad;
    result.model->named_parameters()["fusion.missing.sound"].add_(3);
  }
  const auto after =
      evaluate(*result.model, run.store(), result.modalities, rows).predictions.scores;
  EXPECT_GT(std::abs(before[0] - after[0]), 1e-4) << "not used";
  EXPECT_NEAR(before[3], after[3], 1e-7) << "the row that has sound does not see it";
}

TEST(trainer, modality_dropout_and_augmentation_take_part) {
  const TinyData data;
  TinyRun run(data);
  TrainTask task = run.task();
  const std::string plain = bits(*train(task).model);
  task.train.modality_dropout = 0;
  const std::string without_dropout = bits(*train(task).model);
  EXPECT_NE(without_dropout, plain);
  task.train.augment = false;
  EXPECT_NE(bits(*train(task).model), without_dropout);
}

TEST(trainer, every_kind_of_target_trains) {
  for (const char* kind : {"multilabel", "regression"}) {
    TinyOptions options;
    options.task = kind;
    const TinyData data(options);
    TinyRun run(data, /*epochs=*/10);
    const TrainResult result = train(run.task());
    EXPECT_LT(result.progress.history.back().train_loss, result.progress.history.front().train_loss)
        << kind;
  }
}

}  // namespace
}  // namespace braid::train
