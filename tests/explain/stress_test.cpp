// Stress of an untrained and of a hand-made model: what is hidden, changed and shuffled is what the
// document says.
#include "explain/stress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>

#include "support/module_checks.h"
#include "support/tiny_bundle.h"
#include "support/tiny_calibration.h"
#include "support/tiny_runs.h"
#include "train/evaluate.h"

namespace braid::explain {
namespace {

using checks::expect_error;
using checks::TinyData;
using checks::TinyRun;

// A trained model of sound and a table; all rows.
class Trained {
 public:
  explicit Trained(const checks::TinyOptions& options = {}, const Json& fusion = Json())
      : data_(options), run_(config(data_, fusion)) {
    train::TrainResult result = train::train(run_.task());
    bundle_.emplace(model::Bundle{result.model, run_.store().preparation(), result.modalities,
                                  "label", run_.dataset().targets().labels, Json::object()});
    for (int64_t r = 0; r < run_.dataset().size(); ++r) rows_.push_back(r);
  }
  Json stress(StressOptions options = {}) {
    options.bootstrap.num_resamples = 20;
    return explain::stress(*bundle_, run_.dataset(), rows_, options);
  }
  model::Bundle& bundle() { return *bundle_; }
  TinyRun& run() { return run_; }
  std::vector<int64_t>& rows() { return rows_; }

 private:
  static train::ExperimentConfig config(const TinyData& data, const Json& fusion) {
    train::ExperimentConfig config = checks::tiny_config(data, /*epochs=*/15);
    if (!fusion.is_null()) config.model.fusion = fusion;
    return config;
  }

  TinyData data_;
  TinyRun run_;
  std::optional<model::Bundle> bundle_;
  std::vector<int64_t> rows_;
};

double mean(const Json& value) { return value.at("mean"); }

TEST(stress, whole_rows_and_subsets_are_what_evaluate_says) {
  Trained trained;
  const Json made = trained.stress();
  const auto& metric = metrics::default_metric(metrics::Task::multiclass);
  const std::vector<std::vector<size_t>> subsets = {{}, {0}, {1}, {0, 1}};
  const std::vector<train::Evaluation> expected =
      train::evaluate_subsets(*trained.bundle().model, trained.run().store(),
                              trained.bundle().modalities, trained.rows(), subsets);
  for (size_t s = 0; s < subsets.size(); ++s)
    EXPECT_DOUBLE_EQ(mean(made["subsets"][s]), metric.value(expected[s].predictions)) << s;
  EXPECT_DOUBLE_EQ(mean(made["clean"]), metric.value(expected[3].predictions));
  EXPECT_GT(mean(made["clean"]), 0.7) << "not learned";
  EXPECT_EQ(made["subsets"][1]["modalities"], Json({"sound"}));
}

TEST(stress, curves_begin_with_whole_rows_and_fall) {
  Trained trained;
  const Json made = trained.stress();
  ASSERT_EQ(made["missing_at_random"].size(), 3u);  // each, and all at once
  for (const Json& curve : made["missing_at_random"]) {
    ASSERT_EQ(curve["points"].size(), 10u);
    EXPECT_DOUBLE_EQ(mean(curve["points"][0]), mean(made["clean"]));
    EXPECT_NEAR(curve["points"][9]["at"].get<double>(), 0.9, 1e-9);
    EXPECT_LE(curve["relative_robustness"], 1.05);
  }
  const Json& all = made["missing_at_random"][2]["points"];
  EXPECT_LT(mean(all[9]), mean(all[0]));
  for (const Json& curve : made["corruptions"]) {
    EXPECT_TRUE(curve["points"][0]["at"].is_null());
    EXPECT_DOUBLE_EQ(mean(curve["points"][0]), mean(made["clean"]));
  }
}

TEST(stress, every_corruption_of_a_modalitys_kind_is_tried_and_hurts) {
  Trained trained;
  const Json made = trained.stress();
  std::set<std::string> names;
  for (const Json& curve : made["corruptions"])
    names.insert(curve["modality"].get<std::string>() + " " + curve["name"].get<std::string>());
  EXPECT_EQ(names, (std::set<std::string>{"sound feature_noise", "sound feature_drop",
                                          "tabular scaled_number", "tabular missing_columns"}));
  for (const Json& curve : made["corruptions"])
    if (curve["name"] == "feature_noise") {
      EXPECT_LT(mean(curve["points"].back()), mean(made["clean"]));
    }
}

TEST(stress, the_fault_gate_masks_what_is_corrupted) {
  Trained trained;
  std::vector<data::Sample> samples;
  for (int64_t row : trained.rows()) samples.push_back(trained.run().dataset().sample(row));
  calibration::Calibration made = checks::tiny_calibration(trained.bundle(), samples);
  StressOptions options;
  options.corruptions = {"feature_noise"};
  EXPECT_FALSE(trained.stress(options)["corruptions"][0]["points"][1].contains("gate"));
  const auto at_threshold = [&](double threshold) {
    made.gate.modalities[0].threshold = threshold;
    trained.bundle().calibration = checks::shared(made);
    return trained.stress(options);
  };
  // Everything is masked: the metric is that of the other modality. Nothing: that of the corrupted.
  const Json all = at_threshold(-1e9), none = at_threshold(1e9);
  const Json& curve = all["corruptions"][0]["points"];
  EXPECT_FALSE(curve[0].contains("gate"));
  for (size_t l = 1; l < curve.size(); ++l) {
    EXPECT_EQ(curve[l]["gate"]["masked"], 1);
    EXPECT_DOUBLE_EQ(mean(curve[l]["gate"]), mean(all["subsets"][2]));
    const Json& open = none["corruptions"][0]["points"][l];
    EXPECT_EQ(open["gate"]["masked"], 0);
    EXPECT_DOUBLE_EQ(mean(open["gate"]), mean(open));
    EXPECT_DOUBLE_EQ(mean(open), mean(curve[l])) << "the curve itself is without the gate";
  }
}

TEST(stress, levels_of_ones_own) {
  Trained trained;
  StressOptions options;
  options.corruptions = {"feature_drop"};
  options.levels["feature_drop"] = {0.0, 0.9};
  const Json points = trained.stress(options)["corruptions"][0]["points"];
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[1]["at"], 0.0);
  EXPECT_DOUBLE_EQ(mean(points[1]), mean(points[0]));
  EXPECT_EQ(points[2]["at"], 0.9);
  EXPECT_LT(mean(points[2]), mean(points[0]));
}

TEST(stress, chosen_corruptions_alone) {
  Trained trained;
  StressOptions options;
  options.corruptions = {"feature_drop"};
  const Json made = trained.stress(options);
  ASSERT_EQ(made["corruptions"].size(), 1u);
  EXPECT_EQ(made["corruptions"][0]["name"], "feature_drop");
  options.corruptions = {"blur"};
  expect_error(ErrorKind::config,
               "--corruptions: 'blur' is for image, which the model does not read",
               [&] { trained.stress(options); });
  options.corruptions = {"feature_dorp"};
  expect_error(ErrorKind::config, "did you mean 'feature_drop'?", [&] { trained.stress(options); });
}

TEST(stress, the_same_seed_gives_the_same_document_on_any_number_of_threads) {
  Trained trained;
  StressOptions options;
  const Json first = trained.stress(options);
  options.num_threads = 3;
  EXPECT_EQ(trained.stress(options), first);
  options.seed = 2;
  EXPECT_NE(trained.stress(options), first);
}

// A model that looks at one modality alone loses everything when that one is shuffled, and nothing
// when the other is.
TEST(stress, shuffling_tells_whether_a_modality_is_looked_at) {
  checks::TinyOptions only_sound;
  only_sound.change = [](int64_t, checks::TinyRow* row) { row->x1 = row->x2; };  // x2 is noise
  Trained trained(only_sound);
  const Json made = trained.stress();
  ASSERT_EQ(made["shuffled"].size(), 2u);
  EXPECT_EQ(made["shuffled"][0]["modality"], "sound");
  EXPECT_LT(mean(made["shuffled"][0]), 0.6);
  EXPECT_GT(mean(made["shuffled"][1]), mean(made["clean"]) - 0.15);
}

// Rows in the order of their class: within a class every sound is as good as any other.
// All that the model still looks at is the table's tap.
TEST(stress, shuffling_takes_taps_along) {
  Trained trained({}, {{"name", "centralnet"}, {"width", 8}});
  auto parameters = trained.bundle().model->named_parameters();
  torch::NoGradGuard no_grad;
  parameters["fusion.alphas.sound"].zero_();
  parameters["fusion.alphas.tabular"][1].zero_();
  const Json made = trained.stress();
  EXPECT_GT(mean(made["clean"]), 0.5) << "not learned";
  EXPECT_DOUBLE_EQ(mean(made["shuffled"][0]), mean(made["clean"]));
  EXPECT_LT(mean(made["shuffled"][1]), mean(made["clean"]) - 0.1);
}

TEST(stress, shuffling_crosses_classes_however_the_rows_lie) {
  checks::TinyOptions sorted;
  sorted.rows = 900;
  Trained trained(sorted);
  std::vector<int64_t>& rows = trained.rows();
  std::stable_sort(rows.begin(), rows.end(), [](int64_t a, int64_t b) { return a % 3 < b % 3; });
  EXPECT_LT(mean(trained.stress()["shuffled"][0]), mean(trained.stress()["clean"]) - 0.2);
}

TEST(stress, rows_that_lack_modalities_keep_what_they_have) {
  // Every second row has no sound; hiding the table from it would leave nothing.
  checks::TinyOptions rare;
  rare.change = [](int64_t r, checks::TinyRow* row) {
    if (r % 2 == 0) row->sound = "";
  };
  Trained trained(rare);
  std::vector<int64_t> without;
  for (int64_t row : trained.rows())
    if (row % 2 == 0) without.push_back(row);
  trained.rows() = without;
  const Json made = trained.stress();
  for (const Json& curve : made["missing_at_random"])  // of the table too: it is the last one
    for (const Json& point : curve["points"])
      EXPECT_DOUBLE_EQ(mean(point), mean(made["clean"])) << curve["modalities"];
}

TEST(stress, a_model_of_one_modality_loses_it) {
  const TinyData data;
  train::ExperimentConfig config = checks::tiny_config(data, /*epochs=*/15);
  config.model.modalities = {"sound"};
  config.model.fusion = Json::object();
  config.model.encoders = Json::object();
  TinyRun run(config);
  train::TrainResult result = train::train(run.task());
  model::Bundle bundle{result.model, run.store().preparation(),      result.modalities,
                       "label",      run.dataset().targets().labels, Json::object()};
  std::vector<int64_t> rows;
  for (int64_t r = 0; r < run.dataset().size(); ++r) rows.push_back(r);
  StressOptions options;
  options.bootstrap.num_resamples = 20;
  const Json made = stress(bundle, run.dataset(), rows, options);
  ASSERT_EQ(made["missing_at_random"].size(), 1u);
  EXPECT_LT(mean(made["missing_at_random"][0]["points"][9]), mean(made["clean"]) - 0.2);
}

TEST(stress, a_lone_row_keeps_what_it_has) {
  Trained trained;
  trained.rows() = {5};
  const Json made = trained.stress();
  EXPECT_EQ(mean(made["shuffled"][0]), mean(made["clean"]));
}

}  // namespace
}  // namespace braid::explain
