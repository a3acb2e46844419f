// Trained models whose truth is known: exclusive or of two modalities, a copied modality, noise.
#include "explain/contribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "support/module_checks.h"
#include "support/tiny_runs.h"

namespace braid::explain {
namespace {

using checks::expect_error;

// Modalities a, b and c of two numbers each, c being noise. `rule`: from a row's two coins to b's
// coin and to the label.
class Known {
 public:
  explicit Known(const std::function<std::pair<int, int>(int, int)>& rule, int64_t rows = 400) {
    Rng rng(3);
    std::map<std::string, std::vector<float>> values;
    std::string text = "label,split,a,b,c\n";
    const auto add = [&](const std::string& name, double mean) {
      for (int k = 0; k < 2; ++k)
        values[name].push_back(static_cast<float>((k == 0 ? mean : 0) + 0.2 * rng.normal()));
    };
    for (int64_t r = 0; r < rows; ++r) {
      const int a = static_cast<int>(rng.below(2)), free = static_cast<int>(rng.below(2));
      const auto [b, label] = rule(a, free);
      add("a", 2 * a - 1);
      add("b", 2 * b - 1);
      add("c", 0);
      text += fmt::format("{},{},a.npy#{},b.npy#{},c.npy#{}\n", label == 0 ? "no" : "yes",
                          r % 5 < 2    ? "train"
                          : r % 5 == 2 ? "val"
                                       : "test",
                          r, r, r);
    }
    for (const auto& [name, numbers] : values)
      write_file_atomically(folder_ / (name + ".npy"), formats::serialize_npy({rows, 2}, numbers));
    write_file_atomically(folder_ / "known.csv", text);
    config_.data.manifest = folder_ / "known.csv";
    config_.data.target = "label";
    config_.model.fusion = Json::parse(R"({"name": "concat", "hidden": [32], "dropout": 0})");
    config_.train.epochs = 30;
    config_.train.lr = 0.02;
    config_.train.modality_dropout = 0.3;
    run_ = std::make_unique<checks::TinyRun>(config_);
    train::TrainResult result = train::train(run_->task());
    bundle_.emplace(model::Bundle{result.model, run_->store().preparation(), result.modalities,
                                  "label", run_->dataset().targets().labels, Json::object()});
  }
  Contributions explain(const ContributionOptions& options = {}) {
    return contributions(*bundle_, run_->store(), run_->split().test, options);
  }
  model::Bundle& bundle() { return *bundle_; }
  checks::TinyRun& run() { return *run_; }

 private:
  TemporaryFolder folder_;
  train::ExperimentConfig config_;
  std::unique_ptr<checks::TinyRun> run_;
  std::optional<model::Bundle> bundle_;
};

double mean(const Json& value) { return value.at("mean"); }

TEST(contribution, exclusive_or_is_shared_and_belongs_to_the_pair) {
  Known known([](int a, int b) { return std::pair(b, a ^ b); });
  const Json summary = known.explain().summary;
  EXPECT_EQ(summary["metric"]["name"], "accuracy");
  const Json &a = summary["contributions"][0], &b = summary["contributions"][1],
             &c = summary["contributions"][2];
  EXPECT_GT(mean(summary["subsets"][7]), 0.9) << "not learned";
  for (const Json* one : {&a, &b}) {
    EXPECT_NEAR(mean((*one)["shapley"]), 0.25, 0.1) << *one;  // half of what is above chance
    EXPECT_NEAR(mean((*one)["alone"]), 0, 0.12) << *one;
    EXPECT_GT(mean((*one)["leave_one_out"]), 0.3) << *one;
  }
  EXPECT_NEAR(mean(c["shapley"]), 0, 0.05);
  const Json& pair = summary["pairs"][0];
  EXPECT_EQ(pair["modalities"], Json({"a", "b"}));
  EXPECT_GT(pair["interaction"]["interval"][0], 0.2);
  EXPECT_GT(pair["information"]["synergistic"], 0.5);
  EXPECT_NEAR(pair["information"]["redundant"].get<double>(), 0, 0.2);
}

TEST(contribution, a_copy_is_redundant) {
  Known known([](int a, int) { return std::pair(a, a); });
  const Json summary = known.explain().summary;
  EXPECT_GT(mean(summary["subsets"][7]), 0.95) << "not learned";
  for (size_t m : {size_t{0}, size_t{1}}) {
    EXPECT_NEAR(mean(summary["contributions"][m]["shapley"]), 0.25, 0.06);
    EXPECT_GT(mean(summary["contributions"][m]["alone"]), 0.3);
    EXPECT_NEAR(mean(summary["contributions"][m]["leave_one_out"]), 0, 0.03);
  }
  const Json& pair = summary["pairs"][0];
  EXPECT_LT(pair["interaction"]["interval"][1], -0.2);
  EXPECT_GT(pair["information"]["redundant"], 0.6);
  EXPECT_NEAR(pair["information"]["synergistic"].get<double>(), 0, 0.3);
}

TEST(contribution, without_any_modality_the_frequencies_are_known) {
  // Three of four rows say yes; the model's own answer to nothing could be anything.
  Known known([](int a, int b) { return std::pair(b, a | b); });
  const Contributions made = known.explain();
  double yes = 0;
  for (int64_t row : made.rows) yes += known.run().dataset().cell(row, "label") == "yes";
  yes /= static_cast<double>(made.rows.size());
  EXPECT_NEAR(mean(made.summary["subsets"][0]), yes, 1e-12);
  for (size_t i = 0; i < made.rows.size(); ++i)
    EXPECT_NEAR(made.base[i], made.outputs[i] == 1 ? yes : 1 - yes, 1e-12);
  // Noise adds nothing to that.
  EXPECT_NEAR(mean(made.summary["contributions"][2]["shapley"]), 0, 0.03);
}

TEST(contribution, shares_of_a_row_add_up_to_its_score) {
  Known known([](int a, int b) { return std::pair(b, a ^ b); }, /*rows=*/100);
  const Contributions made = known.explain();
  const train::Evaluation whole = train::evaluate(*known.bundle().model, known.run().store(),
                                                  known.bundle().modalities, made.rows);
  ASSERT_EQ(made.shares.size(), 3 * made.rows.size());
  double leads = 0;
  for (size_t i = 0; i < made.rows.size(); ++i) {
    EXPECT_NEAR(made.base[i] + made.shares[3 * i] + made.shares[3 * i + 1] + made.shares[3 * i + 2],
                made.score[i], 1e-9);
    const auto predicted = metrics::predicted_class(whole.predictions, static_cast<int64_t>(i));
    EXPECT_EQ(made.outputs[i], predicted);
    EXPECT_NEAR(made.score[i], whole.predictions.scores[2 * i + static_cast<size_t>(predicted)],
                1e-6);
  }
  for (const Json& one : made.summary["contributions"]) leads += one["leads"].get<double>();
  EXPECT_LE(leads, 1 + 1e-9);
  EXPECT_GT(leads, 0.9);  // ties are rare
}

TEST(contribution, any_metric_and_lower_is_better_all_the_same) {
  Known known([](int a, int) { return std::pair(a, a); }, /*rows=*/100);
  ContributionOptions options;
  options.metric = "log_loss";
  options.bootstrap.num_resamples = 50;
  const Json summary = known.explain(options).summary;
  EXPECT_FALSE(summary["metric"]["higher_is_better"].get<bool>());
  EXPECT_GT(mean(summary["contributions"][0]["shapley"]), 0);  // helps, by lowering the loss
  options.metric = "rmse";
  expect_error(ErrorKind::config, "--metric: 'rmse' does not fit a binary target",
               [&] { known.explain(options); });
  options.metric = "acuracy";
  expect_error(ErrorKind::config, "did you mean 'accuracy'?", [&] { known.explain(options); });
}

TEST(contribution, mistakes_are_named) {
  Known known([](int a, int) { return std::pair(a, a); }, /*rows=*/100);
  std::vector<int64_t> yes;
  for (int64_t row : known.run().split().test)
    if (known.run().dataset().cell(row, "label") == "yes") yes.push_back(row);
  expect_error(ErrorKind::data,
               fmt::format("expected rows of at least two classes, got {} rows of \"yes\" alone",
                           yes.size()),
               [&] { contributions(known.bundle(), known.run().store(), yes, {}); });
  expect_error(ErrorKind::data, "expected at least 2 rows, got 1",
               [&] { contributions(known.bundle(), known.run().store(), {yes[0]}, {}); });
}

}  // namespace
}  // namespace braid::explain
