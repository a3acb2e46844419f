#include "train/tuning.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

#include "core/file.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "encoders/transformer_stack.h"
#include "layers/layers.h"
#include "model/random_input.h"
#include "ops/random.h"
#include "support/module_checks.h"
#include "support/shared_folders.h"
#include "train/evaluate.h"
#include "train/experiment.h"
#include "train/trainer.h"

namespace braid::train {
namespace {

using at::Tensor;
using checks::close;
using checks::expect_error;
using checks::same_bits;

data::ModalitySpec text() {
  data::ModalitySpec spec;
  spec.name = "text";
  spec.kind = data::Kind::text;
  spec.vocabulary = 20;
  spec.max_length = 7;
  return spec;
}

data::ModalitySpec vector() {
  data::ModalitySpec spec;
  spec.name = "vector";
  spec.kind = data::Kind::embedding;
  spec.features = 4;
  return spec;
}

std::shared_ptr<model::Model> make_model(const Json& encoder = {{"name", "bert"},
                                                                {"dropout", 0.0},
                                                                {"attention_dropout", 0.0}}) {
  model::ModelConfig config;
  config.encoders = {{"text", encoder}};
  config.fusion = {{"name", "concat"}, {"dropout", 0.0}};
  heads::Context head;
  head.task = metrics::Task::multiclass;
  head.num_labels = 3;
  const ops::InitScope init(1);
  return std::make_shared<model::Model>(config, std::vector{text(), vector()}, head);
}

Tuning tune(model::Model* model, const Json& encoders, TuningConfig config = {}) {
  config.encoders = encoders;
  const ops::InitScope init(2);
  return Tuning(config, {text(), vector()}, model);
}

// The last parts of the names of what learns in the text encoder.
std::set<std::string> learning(const model::Model& model) {
  std::set<std::string> names;
  for (const auto& item : model.named_parameters())
    if (item.value().requires_grad() && item.key().compare(0, 14, "encoders.text.") == 0)
      names.insert(item.key().substr(item.key().find_last_of('.') + 1));
  return names;
}

std::vector<Input> inputs() {
  std::vector<Input> made;
  for (const auto& spec : {text(), vector()}) made.push_back(model::random_input(spec, /*rows=*/3));
  return made;
}

TEST(tuning, says_what_learns) {
  const auto frozen = make_model(), bias = make_model(), lora = make_model(), full = make_model();
  tune(frozen.get(), {{"text", "frozen"}});
  EXPECT_TRUE(learning(*frozen).empty());
  tune(bias.get(), {{"text", "bias"}});
  EXPECT_EQ(learning(*bias), (std::set<std::string>{"bias"}));
  tune(lora.get(), {{"text", "lora"}});
  EXPECT_EQ(learning(*lora), (std::set<std::string>{"lora_down", "lora_up"}));
  tune(full.get(), Json::object());  // without a `from`
  EXPECT_EQ(learning(*full), (std::set<std::string>{"bias", "weight"}));
  for (const auto& model : {frozen, bias, lora, full})
    for (const auto& item : model->named_parameters())
      if (item.key().compare(0, 14, "encoders.text.") != 0)
        EXPECT_TRUE(item.value().requires_grad()) << item.key();
}

TEST(tuning, low_rank_products_begin_as_nothing_and_merge_into_the_weights) {
  const auto model = make_model();
  model->eval();
  const Tensor before = model->forward(inputs()).output;
  std::set<std::string> names;
  for (const auto& item : model->named_parameters()) names.insert(item.key());
  Tuning tuning = tune(model.get(), {{"text", "lora"}});
  EXPECT_TRUE(close(model->forward(inputs()).output, before, 1e-6));
  {
    const torch::NoGradGuard no_grad;
    for (auto& item : model->named_parameters())
      if (item.key().find("lora_up") != std::string::npos) item.value().fill_(0.05);
  }
  const Tensor adapted = model->forward(inputs()).output;
  EXPECT_FALSE(close(adapted, before, 1e-4));
  {
    const c10::InferenceMode inference;
    EXPECT_TRUE(close(model->forward(inputs()).output, adapted, 1e-5));
  }
  tuning.finish();
  EXPECT_TRUE(close(model->forward(inputs()).output, adapted, 1e-5));
  std::set<std::string> after;
  for (const auto& item : model->named_parameters()) {
    EXPECT_TRUE(item.value().requires_grad()) << item.key();
    after.insert(item.key());
  }
  EXPECT_EQ(after, names);
}

TEST(tuning, every_low_rank_factor_learns) {
  const auto model = make_model();
  TuningConfig config;
  config.adapts = "all";
  tune(model.get(), {{"text", "lora"}}, config);
  {
    const torch::NoGradGuard no_grad;
    for (auto& item : model->named_parameters())
      if (item.key().find("lora_up") != std::string::npos) item.value().normal_(0, 0.02);
  }
  const ops::RandomScope random(1);
  model->train();
  checks::project(model->forward(inputs()).output, 3).backward();
  int factors = 0;
  for (const auto& item : model->named_parameters()) {
    if (item.key().find("lora_") == std::string::npos) continue;
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_GT(item.value().grad().abs().max().item<double>(), 0) << item.key();
    ++factors;
  }
  EXPECT_EQ(factors, 2 * 2 * 6);  // 2 blocks, query, key, value, out, up, down
}

TEST(tuning, rates_fall_with_the_depth) {
  const auto model = make_model();
  TuningConfig config;
  config.layer_decay = 0.5;
  const Tuning tuning = tune(model.get(), Json::object(), config);
  AdamW optimizer(model->named_parameters(), {});
  tuning.scale_rates(&optimizer);
  std::map<std::string, Tensor> before;
  for (auto& item : model->named_parameters()) {
    before[item.key()] = item.value().detach().clone();
    item.value().mutable_grad() = at::ones_like(item.value());
  }
  optimizer.step(/*lr=*/1e-3);
  const auto moved = [&](const std::string& name) {
    return (model->named_parameters()[name] - before[name]).abs().mean().item<double>();
  };
  // Adam's first step is the rate. Two blocks: depth 3 above them, 2 and 1 in them, 0 below.
  const std::string text = "encoders.text.";
  EXPECT_NEAR(moved(text + "stack.blocks.1.out.bias"), 0.5e-3, 1e-6);
  EXPECT_NEAR(moved(text + "stack.blocks.0.out.bias"), 0.25e-3, 1e-6);
  EXPECT_NEAR(moved(text + "norm.bias"), 1e-3, 1e-6);
}

TEST(tuning, recomputing_gives_the_same_gradients) {
  const auto plain = make_model(), sparing = make_model();
  TuningConfig config;
  config.recompute = true;
  tune(plain.get(), Json::object());
  tune(sparing.get(), Json::object(), config);
  for (const auto& model : {plain, sparing}) {
    const ops::RandomScope random(1);
    model->train();
    checks::project(model->forward(inputs()).output, 3).backward();
  }
  const auto expected = plain->named_parameters();
  for (const auto& item : sparing->named_parameters()) {
    const Tensor want = expected[item.key()].grad();
    ASSERT_EQ(want.defined(), item.value().grad().defined()) << item.key();
    if (want.defined()) EXPECT_TRUE(close(item.value().grad(), want, 1e-6)) << item.key();
  }
}

TEST(tuning, wrong_words_are_errors) {
  const auto model = make_model();
  expect_error(ErrorKind::config,
               "train.tuning.encoders: unknown modality 'txt'; did you mean 'text'?", [&] {
                 tune(model.get(), {{"txt", "lora"}});
               });
  expect_error(ErrorKind::config,
               "train.tuning.encoders.text: expected frozen, bias, lora or full, got \"frosen\"",
               [&] {
                 tune(model.get(), {{"text", "frosen"}});
               });
  expect_error(ErrorKind::config,
               "train.tuning.encoders.vector: expected an encoder with attention, got one without",
               [&] {
                 tune(model.get(), {{"vector", "lora"}});
               });
}

// Forty short texts of two kinds, and an encoder of the goldens.
class PublishedRun {
 public:
  explicit PublishedRun(const std::string& tuning) {
    std::string text = "label,split,text,x\n";
    for (int i = 0; i < 40; ++i)
      text += fmt::format("{},{},{} number {},{}\n", i % 2 == 0 ? "a" : "b",
                          i < 24   ? "train"
                          : i < 32 ? "val"
                                   : "test",
                          i % 2 == 0 ? "a small red cat" : "the big blue house", i, i * 7 % 5);
    write_file_atomically(folder_ / "m.csv", text);
    const std::string encoder = testing::goldens_folder() + "/pipelines/sentence_bert";
    config_ = read_experiment(
        "", "none",
        {"data.manifest=" + std::string(folder_ / "m.csv"), "data.target=label",
         "model.encoders.text.from=" + encoder, "train.epochs=3", "train.warmup=0",
         "train.batch_size=8", "prepare.cache=" + std::string(folder_ / "cache"), tuning});
    experiment_ = std::make_unique<Experiment>(open_experiment(config_, {}));
    fold_ = std::make_unique<Fold>(experiment_->open_fold(0, 1, {}));
  }

  TrainResult run() {
    TrainTask task;
    task.store = fold_->store.get();
    task.split = fold_->split;
    task.model = experiment_->config.model;
    task.train = config_.train;
    task.num_workers = 0;
    return train(task);
  }

  TemporaryFolder folder_;
  ExperimentConfig config_;
  std::unique_ptr<Experiment> experiment_;
  std::unique_ptr<Fold> fold_;
};

TEST(tuning, a_frozen_encoder_encodes_each_row_once_in_all_runs) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  PublishedRun run("train.seed=1");
  const TrainResult result = run.run();
  EXPECT_EQ(result.progress.epoch, 3);
  EXPECT_EQ(run.fold_->store->counts().encoded, 32);  // train and validation rows
  // The model as it is afterwards gives the same, from the texts themselves.
  const Evaluation kept =
      evaluate(*result.model, *run.fold_->store, result.modalities, run.fold_->split.validation);
  EXPECT_EQ(kept.predictions.scores, result.validation.predictions.scores);
  data::PreparedStore fresh(*run.experiment_->dataset, run.fold_->store->preparation(), 1 << 24);
  const Evaluation anew =
      evaluate(*result.model, fresh, result.modalities, run.fold_->split.validation);
  EXPECT_EQ(fresh.counts().encoded, 0);
  for (size_t i = 0; i < anew.predictions.scores.size(); ++i)
    EXPECT_NEAR(anew.predictions.scores[i], kept.predictions.scores[i], 1e-5);
  // Another run with the same cache folder reads them there.
  data::PreparedStore second(*run.experiment_->dataset, run.fold_->store->preparation(), 1 << 24);
  const auto keys =
      keep_encodings(result.model, std::vector<bool>(2, true), result.modalities, &second);
  ASSERT_NE(keys[0], 0u);
  for (int64_t row = 0; row < 32; ++row) second.get_encoded(row, result.modalities[0], keys[0]);
  EXPECT_EQ(second.counts().encoded, 0);
  EXPECT_EQ(second.counts().disk_hits, 32);
  EXPECT_EQ(second.counts().prepared, 0);
}

TEST(tuning, blocks_are_unfrozen_from_the_last_on) {
  if (testing::goldens_folder().empty()) GTEST_SKIP() << "no goldens folder";
  PublishedRun run("train.tuning.encoders={text: full}");
  model::ModelConfig config = run.experiment_->config.model;
  heads::Context head;
  head.task = metrics::Task::multiclass;
  head.num_labels = 2;
  std::shared_ptr<model::Model> model;
  TuningConfig tuning;
  tuning.encoders = {{"text", "full"}};
  tuning.unfreeze_epochs = 2;
  const ops::InitScope init(1);
  model = std::make_shared<model::Model>(config, run.fold_->store->preparation().specs(), head);
  Tuning tuned(tuning, run.fold_->store->preparation().specs(), model.get());
  const auto learns = [&](const std::string& part) {
    return model->named_parameters()["encoders.text." + part].requires_grad();
  };
  const int64_t blocks = model->config().encoders["text"]["layers"].get<int64_t>();
  ASSERT_GE(blocks, 2);
  const auto bias_of = [](int64_t block) { return fmt::format("stack.blocks.{}.out.bias", block); };
  tuned.begin_epoch(1);
  EXPECT_TRUE(learns(bias_of(blocks - 1)));
  EXPECT_FALSE(learns(bias_of(blocks - 2)));
  EXPECT_FALSE(learns("words.weight"));
  tuned.begin_epoch(2);
  EXPECT_FALSE(learns(bias_of(blocks - 2)));
  tuned.begin_epoch(3);
  EXPECT_TRUE(learns(bias_of(blocks - 2)));
  tuned.begin_epoch(1 + 2 * blocks);
  EXPECT_TRUE(learns("words.weight"));
}

}  // namespace
}  // namespace braid::train
