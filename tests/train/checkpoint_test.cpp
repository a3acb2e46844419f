// A checkpoint continues to the same bits, belongs to one run, and is whole or absent.
#include "train/checkpoint.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_model.h"
#include "support/tiny_runs.h"

namespace braid::train {
namespace {

using checks::bits;
using checks::expect_error;

constexpr const char* kConfig = R"({"encoders": {"sound": {"width": 5}, "tabular": {"width": 3}}})";

struct State {
  explicit State(uint64_t seed)
      : model(checks::tiny_model(kConfig, seed)),
        optimizer(model->named_parameters(), AdamWOptions()) {}
  // One step along a fixed direction.
  void step() {
    optimizer.zero_grad();
    at::Tensor loss = at::zeros({});
    for (const at::Tensor& p : model->parameters()) loss = loss + (p * p * 0.5 + p).sum();
    loss.backward();
    optimizer.step(0.01);
  }
  std::shared_ptr<model::Model> model;
  AdamW optimizer;
};

Progress some_progress() {
  Progress progress;
  progress.epoch = 2;
  progress.step_in_epoch = 1;
  progress.loss_sum = 0.1 + 0.2;  // not a short decimal
  progress.weight_sum = 8;
  progress.best_epoch = 1;
  progress.best_value = 1.0 / 3;
  progress.seconds = 2.5;
  progress.history = {{1, 0.7, 1.0 / 3, std::nan(""), 0.001, 1, 0.25, {}},
                      {2, 0.6, 0.4, 0.5, 0.002, 1.5, 0, {}}};
  return progress;
}

TEST(checkpoint, goes_on_to_the_same_bits) {
  const TemporaryFolder folder;
  State first(1), second(2);
  first.step();
  first.step();
  save_checkpoint(folder.path(), "run", *first.model, first.optimizer, some_progress());
  Progress progress;
  ASSERT_TRUE(
      load_checkpoint(folder.path(), "run", second.model.get(), &second.optimizer, &progress));
  EXPECT_EQ(bits(*first.model), bits(*second.model));
  first.step();
  second.step();
  EXPECT_EQ(bits(*first.model), bits(*second.model));
  EXPECT_EQ(second.optimizer.steps(), 3);
}

TEST(checkpoint, progress_comes_back_exactly) {
  const TemporaryFolder folder;
  State state(1);
  save_checkpoint(folder.path(), "run", *state.model, state.optimizer, some_progress());
  Progress progress;
  load_checkpoint(folder.path(), "run", state.model.get(), &state.optimizer, &progress);
  EXPECT_EQ(progress.epoch, 2);
  EXPECT_EQ(progress.step_in_epoch, 1);
  EXPECT_EQ(progress.loss_sum, 0.1 + 0.2);
  EXPECT_EQ(progress.weight_sum, 8);
  EXPECT_EQ(progress.best_epoch, 1);
  EXPECT_EQ(progress.best_value, 1.0 / 3);
  EXPECT_FALSE(progress.is_finished);
  EXPECT_EQ(progress.seconds, 2.5);
  ASSERT_EQ(progress.history.size(), 2u);
  EXPECT_EQ(progress.history[0].validation_loss, 1.0 / 3);
  EXPECT_TRUE(std::isnan(progress.history[0].validation_metric));
  EXPECT_EQ(progress.history[1].lr, 0.002);
  EXPECT_EQ(progress.history[0].waited_s, 0.25);
}

TEST(checkpoint, the_history_is_one_json_object_per_epoch) {
  const TemporaryFolder folder;
  State state(1);
  save_checkpoint(folder.path(), "run", *state.model, state.optimizer, some_progress());
  const std::string text = read_file(folder / "metrics.jsonl");
  ASSERT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const Json first = parse_json(text.substr(0, text.find('\n')), "metrics.jsonl");
  EXPECT_EQ(first["epoch"], 1);
  EXPECT_EQ(first["train_loss"], 0.7);
  EXPECT_TRUE(first["validation_metric"].is_null());
}

TEST(checkpoint, there_may_be_none) {
  const TemporaryFolder folder;
  State state(1);
  const std::string before = bits(*state.model);
  Progress progress;
  EXPECT_FALSE(
      load_checkpoint(folder.path(), "run", state.model.get(), &state.optimizer, &progress));
  EXPECT_EQ(bits(*state.model), before);
}

TEST(checkpoint, another_runs_is_refused) {
  const TemporaryFolder folder;
  State state(1);
  save_checkpoint(folder.path(), "run", *state.model, state.optimizer, some_progress());
  Progress progress;
  expect_error(ErrorKind::config,
               "last.safetensors: the checkpoint belongs to another config, data set or seed", [&] {
                 load_checkpoint(folder.path(), "other", state.model.get(), &state.optimizer,
                                 &progress);
               });
}

TEST(checkpoint, a_damaged_file_is_a_format_error) {
  const TemporaryFolder folder;
  State state(1);
  save_checkpoint(folder.path(), "run", *state.model, state.optimizer, some_progress());
  const std::string path = folder / "last.safetensors", bytes = read_file(path);
  Progress progress;
  auto load = [&] {
    load_checkpoint(folder.path(), "run", state.model.get(), &state.optimizer, &progress);
  };
  write_file_atomically(path, bytes.substr(0, bytes.size() / 2));
  expect_error(ErrorKind::format, "last.safetensors", load);

  formats::SafeTensors content = formats::parse_safetensors(bytes, "x");
  content.metadata["steps"] = "many";
  write_file_atomically(path, formats::serialize_safetensors(content));
  expect_error(ErrorKind::format, "last.safetensors: expected a step count, got 'many'", load);
  content.metadata["progress"] = R"({"epoch": "two"})";
  write_file_atomically(path, formats::serialize_safetensors(content));
  expect_error(ErrorKind::format, "last.safetensors: expected a checkpoint's progress", load);
}

TEST(checkpoint, the_best_epochs_parameters) {
  const TemporaryFolder folder;
  State best(1), other(2);
  save_best(folder.path(), *best.model);
  load_best(folder.path(), other.model.get());
  EXPECT_EQ(bits(*best.model), bits(*other.model));
}

}  // namespace
}  // namespace braid::train
