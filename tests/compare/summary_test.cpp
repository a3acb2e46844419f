// From trials made by hand to means, choices and the table of subsets.
#include "compare/summary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/module_checks.h"
#include "support/tiny_model.h"
#include "support/tiny_runs.h"

namespace braid::compare {
namespace {

using checks::TinyData;

// Predictions for the given rows, of which the first `num_right` are right and sure.
metrics::Predictions predictions(const data::Targets& targets, const std::vector<int64_t>& rows,
                                 size_t num_right) {
  metrics::Predictions p;
  p.num_outputs = 3;
  for (size_t i = 0; i < rows.size(); ++i) {
    const double target = targets.values[static_cast<size_t>(rows[i])];
    const int64_t said = (static_cast<int64_t>(target) + (i < num_right ? 0 : 1)) % 3;
    for (int64_t k = 0; k < 3; ++k) p.scores.push_back(k == said ? 0.8 : 0.1);
    p.targets.push_back(target);
  }
  return p;
}

// A finished comparison of sound, tabular and concat on the twelve test rows of the tiny data.
class Made {
 public:
  Made() : experiment_(train::open_experiment(checks::tiny_config(data_), {})) {
    folds_.push_back(experiment_.open_fold(0, 1, {}));
    plan.subsets = {{0}, {1}, {0, 1}};
    plan.num_singles = 2;
    add("sound", "single", {"sound"});
    add("tabular", "single", {"tabular"});
    add("concat", "concat", {"sound", "tabular"});
  }
  void run(size_t contender, double validation, size_t num_right, double loss = 1) {
    Trial trial;
    trial.contender = contender;
    trial.seed = 1 + static_cast<int64_t>(plan.trials.size());
    trial.validation = validation;
    trial.result.validation.loss = loss;
    trial.result.model = checks::tiny_model("{}");
    trial.result.progress.seconds = 2.0 * static_cast<double>(plan.trials.size() + 1);
    trial.test.predictions = of(num_right);
    trial.subsets.assign(3, {});
    if (contender == 2) {
      trial.subsets[0] = of(3);
      trial.subsets[1] = of(6);
    }
    trial.is_done = true;
    plan.trials.push_back(std::move(trial));
  }
  Summary summary(const std::string& metric = "accuracy") const {
    return summarize(experiment_, folds_, metrics::find(metric), plan);
  }

  Plan plan;

 private:
  metrics::Predictions of(size_t num_right) const {
    return predictions(experiment_.dataset->targets(), folds_[0].split.test, num_right);
  }
  void add(const std::string& name, const std::string& method,
           const std::vector<std::string>& modalities) {
    Contender contender;
    contender.name = name;
    contender.method = &fusion::find(method);
    contender.modalities = modalities;
    plan.contenders.push_back(std::move(contender));
  }
  TinyData data_;
  train::Experiment experiment_;
  std::vector<train::Fold> folds_;
};

TEST(summary, chooses_on_validation_whatever_the_test_rows_say) {
  Made made;
  made.run(0, /*validation=*/0.8, /*num_right=*/12);
  made.run(1, 0.9, 3);
  made.run(2, 0.85, 12);
  const Summary summary = made.summary();
  EXPECT_EQ(summary.document["best_single"], "tabular");
  EXPECT_EQ(summary.document["winner"], "tabular");
  EXPECT_EQ(summary.winner, 1u);
  EXPECT_EQ(summary.best_single, 1u);
}

TEST(summary, smaller_is_better_where_the_metric_says_so) {
  Made made;
  made.run(0, 0.8, 6);
  made.run(1, 0.9, 6);
  made.run(2, 0.7, 6);
  const Summary summary = made.summary("log_loss");
  EXPECT_EQ(summary.document["best_single"], "sound");
  EXPECT_EQ(summary.document["winner"], "concat");
}

TEST(summary, a_tie_goes_to_the_lower_validation_loss) {
  Made made;
  made.run(0, 0.8, 6, /*loss=*/0.5);
  made.run(1, 0.8, 6, 0.4);
  made.run(2, 0.8, 6, 0.6);
  EXPECT_EQ(made.summary().document["winner"], "tabular");
}

TEST(summary, what_cannot_be_measured_does_not_win) {
  Made made;
  made.run(0, NAN, 6);
  made.run(1, 0.5, 6);
  made.run(2, NAN, 6);
  const Summary summary = made.summary();
  EXPECT_EQ(summary.document["winner"], "tabular");
  EXPECT_TRUE(summary.document["methods"][0]["validation"]["mean"].is_null());
}

TEST(summary, means_over_runs_by_hand) {
  Made made;
  made.run(0, 0.5, 3);  // 3 of 12 right
  made.run(1, 0.6, 6);
  made.run(2, 0.7, 9);
  made.run(0, 0.7, 6);
  made.run(1, 0.8, 6);
  made.run(2, 0.9, 12);
  const Json document = made.summary().document;
  const Json& sound = document["methods"][0];
  const Json& table = document["methods"][1];
  const Json& concat = document["methods"][2];
  EXPECT_DOUBLE_EQ(sound["metric"]["mean"].get<double>(), 0.375);  // (3 + 6) / 24
  EXPECT_DOUBLE_EQ(concat["metric"]["mean"].get<double>(), 0.875);
  EXPECT_DOUBLE_EQ(sound["validation"]["mean"].get<double>(), 0.6);
  EXPECT_DOUBLE_EQ(sound["train_seconds"].get<double>(), 5);  // (2 + 8) / 2
  EXPECT_EQ(document["best_single"], "tabular");
  EXPECT_TRUE(table["difference_to_best_single"].is_null());
  EXPECT_DOUBLE_EQ(concat["difference_to_best_single"]["mean"].get<double>(),
                   0.375);  // 0.875 - 0.5
  EXPECT_DOUBLE_EQ(sound["difference_to_best_single"]["mean"].get<double>(), -0.125);
  const Json interval = concat["difference_to_best_single"]["interval"];
  EXPECT_LT(interval[0].get<double>(), 0.375);
  EXPECT_GT(interval[1].get<double>(), 0.375);
  EXPECT_EQ(concat["runs"].size(), 2u);
  EXPECT_EQ(concat["runs"][1]["metric"], 1.0);
  EXPECT_EQ(concat["runs"][1]["validation"], 0.9);
  EXPECT_EQ(concat["parameters"], checks::tiny_model("{}")->num_parameters());
  EXPECT_EQ(concat["family"], "early");
  // Both runs of concat together: 21 of 24 on the diagonal.
  int64_t right = 0, all = 0;
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j) {
      all += concat["confusion"][i][j].get<int64_t>();
      if (i == j) right += concat["confusion"][i][j].get<int64_t>();
    }
  EXPECT_EQ(right, 21);
  EXPECT_EQ(all, 24);
  EXPECT_EQ(concat["per_class"].size(), 3u);
  EXPECT_TRUE(concat["metrics"].contains("log_loss"));
}

TEST(summary, subsets_by_hand) {
  Made made;
  made.run(0, 0.5, 4);
  made.run(1, 0.6, 8);
  made.run(2, 0.7, 12);
  const Json document = made.summary().document;
  // A single model gives the same in every subset that holds its modality, and nothing in the
  // others.
  const Json expected = Json::array(
      {{{"modalities", {"sound"}}, {"methods", {{"sound", 4.0 / 12}, {"concat", 0.25}}}},
       {{"modalities", {"tabular"}}, {"methods", {{"tabular", 8.0 / 12}, {"concat", 0.5}}}},
       {{"modalities", {"sound", "tabular"}},
        {"methods", {{"sound", 4.0 / 12}, {"tabular", 8.0 / 12}, {"concat", 1.0}}}}});
  ASSERT_EQ(document["subsets"].size(), 3u);
  for (size_t s = 0; s < 3; ++s) {
    EXPECT_EQ(document["subsets"][s]["modalities"], expected[s]["modalities"]);
    EXPECT_EQ(document["subsets"][s]["methods"].size(), expected[s]["methods"].size());
    for (const auto& item : expected[s]["methods"].items())
      EXPECT_NEAR(document["subsets"][s]["methods"][item.key()].get<double>(),
                  item.value().get<double>(), 1e-12)
          << s << " " << item.key();
  }
  EXPECT_EQ(document["methods"][2]["subsets"][0]["interval"].size(), 2u);
}

TEST(summary, the_verdict_is_about_the_best_fusion) {
  Made made;
  made.run(0, 0.5, 0);
  made.run(1, 0.6, 0);
  made.run(2, 0.55, 12);
  EXPECT_EQ(made.summary().document["verdict"],
            "fusion gains +100.0 points of accuracy, interval [+100.0, +100.0] over tabular alone: "
            "use concat (the validation rows chose tabular, which the bundle holds)");
}

TEST(summary, the_best_trial_is_the_best_on_validation) {
  Made made;
  made.run(2, 0.7, 12);
  made.run(2, 0.9, 0);
  made.run(0, 1.0, 12);
  EXPECT_EQ(best_trial(made.plan, 2, metrics::find("accuracy")).seed, 2);
  EXPECT_EQ(best_trial(made.plan, 2, metrics::find("log_loss")).seed, 1);
}

}  // namespace
}  // namespace braid::compare
