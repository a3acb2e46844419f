// Heads beside the model: they change nothing unless asked, and what is asked reaches the encoders.
#include "train/balance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/random_input.h"
#include "support/module_checks.h"
#include "support/tiny_model.h"
#include "support/tiny_runs.h"

namespace braid::train {
namespace {

using checks::bits;
using checks::expect_error;
using checks::TinyData;
using checks::TinyRun;

TrainResult trained(const TinyData& data, const std::function<void(TrainConfig*)>& change,
                    int64_t epochs = 3) {
  ExperimentConfig config = checks::tiny_config(data, epochs);
  change(&config.train);
  TinyRun run(config);
  return train(run.task());
}

TEST(balance, blend_weights_by_hand) {
  // (training, validation) before and after. Fused: gain 0.5, overfitting grows by 0.1. First: gain
  // 0.4, by 0.2. Second: loses.
  const std::vector<double> weights =
      blend_weights({{1, 1}, {1, 1}, {1, 1}}, {{0.4, 0.5}, {0.4, 0.6}, {0.9, 1.1}});
  const double fused = 0.5 / 0.01, first = 0.4 / 0.04;
  EXPECT_NEAR(weights[0], 0.1 / 3 + 0.9 * fused / (fused + first), 1e-9);
  EXPECT_NEAR(weights[1], 0.1 / 3 + 0.9 * first / (fused + first), 1e-9);
  EXPECT_NEAR(weights[2], 0.1 / 3, 1e-9);  // never 0: it could not come back
  for (double weight : blend_weights({{1, 1}, {1, 1}}, {{1, 2}, {1, 2}})) EXPECT_EQ(weight, 0.5);
  // Without overfitting the weight has a bound.
  EXPECT_TRUE(std::isfinite(blend_weights({{1, 1}}, {{0.5, 0.5}})[0]));
}

TEST(balance, modulation_by_hand) {
  // 0.9 is 4.5 times the mean of the others (0.2), 0.3 half of 0.5, 0.1 a sixth of 0.6.
  const std::vector<double> factors = modulation_factors({0.9, 0.3, 0.1}, 0.5);
  EXPECT_NEAR(factors[0], 1 - std::tanh(0.5 * 4.5), 1e-12);
  EXPECT_EQ(factors[1], 1);
  EXPECT_EQ(factors[2], 1);
  EXPECT_EQ(modulation_factors({0.5, 0.5}, 1), (std::vector<double>{1, 1}));
  EXPECT_EQ(modulation_factors({0.5, 0}, 1)[1], 1);  // nothing to compare with
  // A modality that no row had is no competitor that did badly.
  EXPECT_EQ(modulation_factors({0.5, 0.5, std::nan("")}, 1), (std::vector<double>{1, 1, 1}));
}

// Gradients of all of the model's parameters, of the head's loss alone or of the balance's total.
std::vector<Tensor> gradients(const BalanceConfig& config, bool has_balance) {
  const auto model = checks::tiny_model(R"({"fusion": {"name": "concat", "dropout": 0}})");
  Balance balance(config, *model, {"sound", "tabular"}, /*weight_decay=*/0, /*seed=*/1);
  std::vector<Input> inputs;
  for (const data::ModalitySpec& spec : model->specs())
    inputs.push_back(model::random_input(spec, /*rows=*/5));
  const std::vector<Encoded> encoded = model->encode(inputs);
  const Tensor targets = torch::tensor({0.0, 1.0, 2.0, 1.0, 0.0}, at::kDouble);
  const Tensor weights = at::ones({5}, at::kDouble);
  Tensor loss = model->head().loss(model->fusion().forward(encoded).output, targets, weights);
  if (has_balance) loss = balance.total(loss, 0, encoded, targets, weights);
  loss.backward();
  std::vector<Tensor> all;
  for (const Tensor& parameter : model->parameters())
    if (parameter.grad().defined()) all.push_back(parameter.grad().clone());
  return all;
}

TEST(balance, a_contrastive_term_reaches_the_encoders_and_its_own_maps) {
  const std::vector<Tensor> without = gradients({}, true);
  BalanceConfig asked;
  asked.contrastive = 0.5;
  const std::vector<Tensor> with = gradients(asked, true);
  ASSERT_EQ(with.size(), without.size());
  bool differs = false;
  for (size_t i = 0; i < with.size(); ++i) differs = differs || !with[i].equal(without[i]);
  EXPECT_TRUE(differs);
  // The linear maps learn, and come back from a checkpoint.
  const TinyData data;
  const TrainResult trained_with = trained(data, [](TrainConfig* train) {
    train->balance.contrastive = 0.5;
    train->modality_dropout = 0.3;  // rows without a modality give no pair
  });
  const TrainResult plain =
      trained(data, [](TrainConfig* train) { train->modality_dropout = 0.3; });
  EXPECT_NE(trained_with.validation.predictions.scores, plain.validation.predictions.scores);
}

TEST(balance, heads_alone_change_no_bit_of_the_gradients) {
  const std::vector<Tensor> without = gradients({}, false), with = gradients({}, true);
  BalanceConfig asked;
  asked.unimodal_loss = 1;
  const std::vector<Tensor> more = gradients(asked, true);
  bool differs = false;
  for (size_t i = 0; i < without.size(); ++i) {
    EXPECT_TRUE(checks::same_bits(with[i], without[i])) << i;
    differs = differs || !more[i].equal(without[i]);
  }
  EXPECT_TRUE(differs);
}

TEST(balance, every_option_reaches_the_model) {
  const TinyData data;
  const std::string plain = bits(*trained(data, [](TrainConfig*) {}).model);
  const std::vector<std::function<void(TrainConfig*)>> changes = {
      [](TrainConfig* c) { c->balance.unimodal_loss = 0.5; },
      [](TrainConfig* c) { c->balance.blending = "gradient_blending"; },
      [](TrainConfig* c) { c->balance.modulation = "ogm"; },
      [](TrainConfig* c) { c->balance.modulation = "ogm_ge"; },
      [](TrainConfig* c) {
        c->lr_scales = {{"sound", 0.1}};
      },
      [](TrainConfig* c) {
        c->modality_dropout_rates = {{"sound", 0.8}};
      },
      [](TrainConfig* c) { c->modality_dropout_schedule = "rising"; },
      [](TrainConfig* c) { c->sampling = "square_root"; }};
  for (size_t i = 0; i < changes.size(); ++i)
    EXPECT_NE(bits(*trained(data, changes[i]).model), plain) << "option " << i;
  const auto loss = [](double weight) {
    return [weight](TrainConfig* c) {
      c->balance.unimodal_loss = 0.5;
      c->balance.unimodal_weights = {{"sound", weight}};
    };
  };
  EXPECT_NE(bits(*trained(data, loss(1)).model), bits(*trained(data, loss(3)).model));
  const auto modulated = [](double alpha) {
    return [alpha](TrainConfig* c) {
      c->balance.modulation = "ogm";
      c->balance.alpha = alpha;
    };
  };
  EXPECT_NE(bits(*trained(data, modulated(0.1)).model), bits(*trained(data, modulated(1)).model));
}

TEST(balance, an_encoder_at_rate_0_stays_as_it_was) {
  const TinyData data;
  const TrainResult result = trained(data, [](TrainConfig* c) { c->lr_scales = {{"sound", 0}}; });
  ExperimentConfig config = checks::tiny_config(data);
  config.train.epochs = 1;
  config.train.lr = 0;
  TinyRun untrained(config);
  const TrainResult initial = train(untrained.task());
  const auto before = initial.model->named_parameters(), after = result.model->named_parameters();
  bool has_learned = false;
  for (const auto& item : after) {
    const bool is_same = item.value().equal(before[item.key()]);
    if (item.key().rfind("encoders.sound.", 0) == 0)
      EXPECT_TRUE(is_same) << item.key();
    else
      has_learned = has_learned || !is_same;
  }
  EXPECT_TRUE(has_learned);
}

TEST(balance, epochs_record_each_modality) {
  const TinyData data;
  const TrainResult result = trained(
      data, [](TrainConfig*) {}, /*epochs=*/15);
  for (const EpochRecord& record : result.progress.history) {
    ASSERT_EQ(record.modalities.size(), 2u);
    EXPECT_EQ(record.modalities[0].name, "sound");
    EXPECT_NEAR(record.modalities[0].gradient_share + record.modalities[1].gradient_share, 1, 1e-9);
  }
  const auto& first = result.progress.history.front().modalities;
  const auto& last = result.progress.history.back().modalities;
  for (size_t m = 0; m < 2; ++m) {
    EXPECT_LT(last[m].train_loss, first[m].train_loss) << "its own head learns";
    EXPECT_GT(last[m].validation_loss, 0);
  }
}

TEST(balance, every_fusion_of_several_takes_all_options) {
  const TinyData data;
  for (const char* fusion : {"concat_features", "linear", "average", "cross_attention", "misa"}) {
    ExperimentConfig config = checks::tiny_config(data, /*epochs=*/2);
    config.model.encoders = Json::object();
    config.model.fusion = {{"name", fusion}};
    config.train.late = "joint";
    config.train.balance.blending = "gradient_blending";
    config.train.balance.blend_epochs = 1;
    config.train.balance.modulation = "ogm_ge";
    TinyRun run(config);
    EXPECT_EQ(train(run.task()).progress.history.size(), 2u) << fusion;
  }
}

TEST(balance, a_stopped_run_goes_on_to_the_same_bits) {
  const TinyData data;
  ExperimentConfig config = checks::tiny_config(data, /*epochs=*/4);
  config.train.balance.blending = "gradient_blending";
  config.train.balance.blend_epochs = 2;
  config.train.balance.modulation = "ogm_ge";
  TinyRun whole(config), parts(config);
  const TrainResult expected = train(whole.task());
  TemporaryFolder folder;
  TrainTask task = parts.task(folder / "run");
  std::atomic<bool> stop{false};
  task.stop = &stop;
  int ticks = 0;
  task.sinks.progress = [&](const ProgressTick&) { stop = ++ticks == 8; };
  ASSERT_TRUE(train(task).was_stopped);
  stop = false;
  task.sinks.progress = nullptr;
  const TrainResult resumed = train(task);
  EXPECT_EQ(bits(*resumed.model), bits(*expected.model));
  EXPECT_EQ(resumed.progress.history.back().modalities[0].train_loss,
            expected.progress.history.back().modalities[0].train_loss);
}

TEST(balance, one_modality_that_takes_over_is_warned_of) {
  // The table is there in every fifteenth row alone.
  checks::TinyOptions rare;
  rare.change = [](int64_t r, checks::TinyRow* row) {
    if (r % 15 != 0) row->x1 = row->x2 = "";
  };
  for (const bool is_rare : {false, true}) {
    const TinyData data(is_rare ? rare : checks::TinyOptions());
    TinyRun run(data, /*epochs=*/4);
    TrainTask task = run.task();
    task.train.balance.unimodal_loss = 0;
    std::vector<std::string> warnings;
    task.sinks.log = [&](LogLevel, const std::string& line) { warnings.push_back(line); };
    train(task);
    ASSERT_EQ(warnings.size(), is_rare ? 1u : 0u);
    if (is_rare) {
      EXPECT_NE(warnings[0].find("modality sound has 9"), std::string::npos) << warnings[0];
    }
  }
}

TEST(balance, mistakes_are_named) {
  const TinyData data;
  const auto expect = [&](const std::string& message, const std::function<void(TrainConfig*)>& c) {
    expect_error(ErrorKind::config, message, [&] { trained(data, c); });
  };
  expect("train.modality_dropout_rates: unknown modality 'sond'; did you mean 'sound'?",
         [](TrainConfig* c) {
           c->modality_dropout_rates = {{"sond", 0.5}};
         });
  expect("train.modality_dropout_rates.sound: expected a number within [0, 0.95], got 2",
         [](TrainConfig* c) {
           c->modality_dropout_rates = {{"sound", 2}};
         });
  expect("train.lr_scales: expected an object, as {sound: 0.5}, got [1]",
         [](TrainConfig* c) { c->lr_scales = Json::array({1}); });
  expect("train.balance.unimodal_weights.sound: expected a number of at least 0, got \"a\"",
         [](TrainConfig* c) {
           c->balance.unimodal_weights = {{"sound", "a"}};
         });
  expect("train.balance.unimodal_weights: they weigh the modalities' own losses, which need",
         [](TrainConfig* c) {
           c->balance.unimodal_weights = {{"sound", 2}};
         });
  checks::TinyOptions values;
  values.task = "regression";
  const TinyData numbers(values);
  expect_error(ErrorKind::config, "train.balance.modulation: 'ogm' compares how sure",
               [&] { trained(numbers, [](TrainConfig* c) { c->balance.modulation = "ogm"; }); });
}

}  // namespace
}  // namespace braid::train
