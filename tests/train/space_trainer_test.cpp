// Training a space: it learns, the same seed gives the same bits, and configs are not ignored.
#include "train/space_trainer.h"

#include <gtest/gtest.h>

#include "model/module_state.h"
#include "support/module_checks.h"
#include "support/tiny_space.h"

namespace braid::train {
namespace {

using checks::expect_error;
using checks::TinySpaceData;

class SpaceRun {
 public:
  explicit SpaceRun(const TinySpaceData& data) {
    config_.data = data.config();
    config_.model = checks::tiny_space_encoders();
    config_.space.width = 8;
    config_.train.epochs = 4;
    config_.train.batch_size = 24;
    config_.train.lr = 0.02;
    experiment_ = open_experiment(config_, {});
    fold_ = experiment_.open_fold(0, /*num_threads=*/1, {});
  }
  SpaceTask task() {
    SpaceTask task;
    task.store = fold_.store.get();
    task.split = fold_.split;
    task.model = config_.model;
    task.space = config_.space;
    task.train = config_.train;
    task.augment = config_.augment;
    return task;
  }

 private:
  SpaceExperimentConfig config_;
  Experiment experiment_;
  Fold fold_;
};

std::string bits(const model::SharedSpace& space) {
  return formats::serialize_safetensors(model::module_state(space));
}

TEST(space_trainer, learns_which_rows_belong_together) {
  const TinySpaceData data(/*rows=*/300);
  SpaceRun run(data);
  for (const std::string loss : {"infonce", "sigmoid"}) {
    SpaceTask task = run.task();
    task.space.loss = loss;
    task.train.epochs = 30;
    const SpaceResult result = train_space(task);
    EXPECT_LT(result.history.back().train_loss, 0.7 * result.history.front().train_loss) << loss;
    // Of 60 validation rows chance is a sixth.
    EXPECT_GT(result.history[static_cast<size_t>(result.best_epoch) - 1].validation.recall_10, 0.7)
        << loss;
    EXPECT_FALSE(result.space->is_training());
  }
}

TEST(space_trainer, the_same_seed_gives_the_same_bits) {
  const TinySpaceData data;
  SpaceRun run(data);
  SpaceTask task = run.task();
  const SpaceResult first = train_space(task);
  task.num_workers = 3;
  EXPECT_EQ(bits(*train_space(task).space), bits(*first.space));
  task.train.seed = 2;
  EXPECT_NE(bits(*train_space(task).space), bits(*first.space));
}

TEST(space_trainer, no_key_is_ignored) {
  const TinySpaceData data;
  SpaceRun run(data);
  const std::string plain = bits(*train_space(run.task()).space);
  const std::vector<std::function<void(SpaceTask*)>> changes = {
      [](SpaceTask* t) { t->space.hardness = 2; },
      [](SpaceTask* t) { t->space.noise = 0.2; },
      [](SpaceTask* t) { t->space.temperature = 0.5; },
      [](SpaceTask* t) { t->space.projection = "mlp"; },
      [](SpaceTask* t) { t->space.frozen = {"b"}; },
      [](SpaceTask* t) { t->space.members = 2; },
      [](SpaceTask* t) {
        t->train.lr_scales = {{"a", 0.1}};
      },
      [](SpaceTask* t) { t->train.augment = false; },
      [](SpaceTask* t) { t->train.clip_norm = 0.01; },
      [](SpaceTask* t) { t->train.schedule = "constant"; },
      [](SpaceTask* t) { t->train.weight_decay = 5; },
      [](SpaceTask* t) { t->train.batch_size = 30; }};
  for (size_t i = 0; i < changes.size(); ++i) {
    SpaceTask task = run.task();
    changes[i](&task);
    EXPECT_NE(bits(*train_space(task).space), plain) << i;
  }
}

TEST(space_trainer, a_frozen_encoder_stays_as_it_was) {
  const TinySpaceData data;
  SpaceRun run(data);
  SpaceTask task = run.task();
  task.space.frozen = {"b"};
  task.train.epochs = 1;
  const auto once = train_space(task).space;
  task.train.epochs = 3;
  const auto thrice = train_space(task).space;
  checks::expect_same_state(once->encoder(1), thrice->encoder(1));
  EXPECT_NE(bits(*once), bits(*thrice));
}

TEST(space_trainer, stops_when_patience_is_over_and_keeps_the_best_epoch) {
  const TinySpaceData data;
  SpaceRun run(data);
  SpaceTask task = run.task();
  task.train.epochs = 50;
  task.train.patience = 2;
  task.train.lr = 0.3;  // too much to get better for long
  const SpaceResult result = train_space(task);
  EXPECT_EQ(static_cast<int64_t>(result.history.size()), result.best_epoch + 2);
  for (const SpaceEpoch& epoch : result.history)
    EXPECT_LE(
        epoch.validation.average_precision,
        result.history[static_cast<size_t>(result.best_epoch) - 1].validation.average_precision);
}

TEST(space_trainer, a_stop_is_seen) {
  const TinySpaceData data;
  SpaceRun run(data);
  SpaceTask task = run.task();
  std::atomic<bool> stop{true};
  task.stop = &stop;
  const SpaceResult result = train_space(task);
  EXPECT_TRUE(result.was_stopped);
  EXPECT_TRUE(result.history.empty());
}

TEST(space_trainer, errors_say_what_to_do) {
  const TinySpaceData data;
  SpaceRun run(data);
  SpaceTask task = run.task();
  task.space.frozen = {"bb"};
  expect_error(ErrorKind::config, "space.frozen: unknown modality 'bb'",
               [&] { train_space(task); });
  task = run.task();
  task.train.lr_scales = {{"d", 1}};
  expect_error(ErrorKind::config, "train.lr_scales", [&] { train_space(task); });
  task = run.task();
  task.split.validation.clear();
  expect_error(ErrorKind::data, "expected rows to train and to validate on",
               [&] { train_space(task); });
  task = run.task();
  task.split.validation = {6};  // lacks b
  task.model.modalities = {"a", "b"};
  task.model.encoders.erase("c");
  expect_error(ErrorKind::data, "expected validation rows that have two of the modalities a, b",
               [&] { train_space(task); });
}

}  // namespace
}  // namespace braid::train
