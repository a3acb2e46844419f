// One config for a run: file, then overrides; what is wrong is named with its place.
#include "train/config.h"

#include <gtest/gtest.h>

#include "support/module_checks.h"

namespace braid::train {
namespace {

using checks::expect_error;

TEST(config, overrides_win_over_the_file) {
  const ExperimentConfig config = read_experiment(
      "data: {manifest: a.csv, target: y}\ntrain: {epochs: 3, lr: 0.1}\nmodel: {fusion: average}\n",
      "run.yaml", {"train.epochs=5", "model.encoders.image={width: 8}"});
  EXPECT_EQ(config.data.manifest, "a.csv");
  EXPECT_EQ(config.train.epochs, 5);
  EXPECT_EQ(config.train.lr, 0.1);
  EXPECT_EQ(config.train.batch_size, TrainConfig().batch_size);
  EXPECT_EQ(config.model.fusion, Json("average"));
  EXPECT_EQ(config.model.encoders.dump(), R"({"image":{"width":8}})");
}

TEST(config, an_empty_file_is_all_defaults) {
  EXPECT_EQ(dump_config(read_experiment("", "run.yaml", {})).dump(),
            dump_config(ExperimentConfig()).dump());
  EXPECT_EQ(dump_config(read_experiment("# nothing\n", "run.yaml", {})).dump(),
            dump_config(ExperimentConfig()).dump());
}

TEST(config, the_dump_makes_the_same_run) {
  const ExperimentConfig config = read_experiment(
      "train: {late: joint, seed: 9}\nprepare: {image: {size: 32}}\n", "run.yaml", {});
  EXPECT_EQ(dump_config(read_experiment(dump_config(config).dump(), "config.json", {})).dump(),
            dump_config(config).dump());
}

TEST(config, mistakes_are_named) {
  expect_error(ErrorKind::config, "unknown config key 'train.epoch'; did you mean 'train.epochs'?",
               [] { read_experiment("train: {epoch: 3}", "run.yaml", {}); });
  expect_error(ErrorKind::config, "train.late: expected one of separate, joint, got 'apart'",
               [] { read_experiment("", "run.yaml", {"train.late=apart"}); });
  expect_error(ErrorKind::config, "train.precision: expected one of float32, bf16, got 'fp16'",
               [] { read_experiment("", "run.yaml", {"train.precision=fp16"}); });
  expect_error(ErrorKind::config,
               "train.modality_dropout: expected a number between 0 and 0.95, got 1",
               [] { read_experiment("", "run.yaml", {"train.modality_dropout=1"}); });
}

}  // namespace
}  // namespace braid::train
