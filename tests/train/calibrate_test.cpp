// Calibration of a trained model: honest on rows it has not seen, and clear about too few of them.
#include "train/calibrate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <set>

#include "support/module_checks.h"
#include "support/tiny_runs.h"
#include "train/answer.h"

namespace braid::train {
namespace {

using checks::expect_error;
using checks::TinyData;
using checks::TinyOptions;
using checks::TinyRun;

TinyOptions options_of(const std::string& task, int64_t rows, bool has_speaker = false) {
  TinyOptions options;
  options.task = task;
  options.rows = rows;
  options.has_speaker = has_speaker;
  return options;
}

class Trained {
 public:
  explicit Trained(const TinyOptions& options, int64_t epochs = 20)
      : data_(options), run_(data_, epochs) {
    train::TrainResult result = train::train(run_.task());
    bundle_.emplace(model::Bundle{result.model, run_.store().preparation(), result.modalities,
                                  "label", run_.dataset().targets().labels, Json::object()});
    calibrate_.bootstrap.num_resamples = 50;
    calibrate_.sinks.log = [this](LogLevel, const std::string& line) { log_ += line + "\n"; };
  }
  calibration::Calibration calibrate() { return calibrate(run_.split().validation); }
  calibration::Calibration calibrate(const std::vector<int64_t>& rows) {
    return train::calibrate(*bundle_, run_.store(), rows, calibrate_);
  }
  Answers test(const calibration::Calibration& made) {
    bundle_->calibration = std::make_shared<const calibration::Calibration>(made);
    return answer(*bundle_, run_.store(), run_.split().test, {0, 1});
  }
  // Outputs three times as large, in the same order: too sure by a known factor.
  void exaggerate() {
    const torch::NoGradGuard no_grad;
    for (const auto& item : bundle_->model->named_parameters()) {
      const bool is_last = item.key().rfind("fusion.", 0) == 0 && item.value().size(0) == 3;
      if (is_last) item.value().mul_(3);
    }
  }
  CalibrateOptions& options() { return calibrate_; }
  TinyRun& run() { return run_; }
  const std::string& log() const { return log_; }

 private:
  TinyData data_;
  TinyRun run_;
  std::optional<model::Bundle> bundle_;
  CalibrateOptions calibrate_;
  std::string log_;
};

double mean(const Json& value) { return value.at("mean").get<double>(); }

double share_covered(const calibration::Calibration& made, const Answers& answers) {
  double covered = 0;
  for (int64_t row = 0; row < answers.predictions.size(); ++row)
    covered += calibration::covers(made.conformal, answers.predictions, row);
  return covered / static_cast<double>(answers.predictions.size());
}

TEST(calibrate, covers_test_rows_as_often_as_asked) {
  for (const char* task : {"multiclass", "multilabel", "regression"}) {
    Trained trained(options_of(task, 1500), /*epochs=*/4);
    trained.options().coverage = 0.9;
    const calibration::Calibration made = trained.calibrate();
    EXPECT_EQ(made.num_rows, 300);
    // Of 300 rows fitted on and 300 tested: four times sqrt(0.09 / 300 + 0.09 / 300).
    const double bound = 4 * 0.0245;
    EXPECT_GT(share_covered(made, trained.test(made)), 0.9 - bound) << task;
    EXPECT_GT(mean(made.measured["coverage"]), 0.9 - bound) << task;
    if (task == std::string("regression"))
      EXPECT_LT(mean(made.measured["coverage"]), 0.9 + bound) << task;
    EXPECT_EQ(made.temperature == 1, task == std::string("regression"));
    // 0.01 of 300 rows in each fold's judgement.
    EXPECT_LT(mean(made.measured["masked sound"]), 0.05);
    EXPECT_EQ(made.gate.modalities.size(), 2u);
  }
}

TEST(calibrate, an_overconfident_model_gets_a_temperature_above_one_and_a_smaller_loss) {
  Trained trained(options_of("multiclass", 600), /*epochs=*/20);
  trained.options().false_alarms = 0;
  const double before = trained.calibrate().temperature;
  trained.exaggerate();
  const calibration::Calibration made = trained.calibrate();
  EXPECT_NEAR(made.temperature, 3 * before, 0.2 * before);
  EXPECT_LT(mean(made.measured["log_loss"]["after"]), mean(made.measured["log_loss"]["before"]));
  EXPECT_TRUE(made.gate.modalities.empty());
  EXPECT_FALSE(made.measured.contains("refused"));
}

TEST(calibrate, masks_the_planted_fault_and_says_so) {
  TinyOptions options = options_of("multiclass", 600);
  options.change = [](int64_t row, checks::TinyRow* cells) {
    if (row % 30 >= 24 && row % 2 == 0) cells->x1 = "1e4";  // of the test rows alone
  };
  Trained trained(options, /*epochs=*/4);
  const Answers answers = trained.test(trained.calibrate());
  for (size_t i = 0; i < answers.masked.size(); ++i)
    if (trained.run().split().test[i] % 2 == 0) EXPECT_TRUE(answers.masked[i][1]) << i;
  int masked = 0;
  for (size_t i = 0; i < answers.masked.size(); ++i)
    masked += trained.run().split().test[i] % 2 != 0 && answers.masked[i][1];
  EXPECT_LE(masked, 6) << "of 60 sound rows";
}

TEST(calibrate, the_same_rows_and_seed_give_the_same_numbers) {
  Trained trained(options_of("multiclass", 300, /*has_speaker=*/true), /*epochs=*/2);
  for (int64_t row : trained.run().split().validation) trained.options().groups.push_back(row / 3);
  const calibration::Calibration first = trained.calibrate(), again = trained.calibrate();
  EXPECT_EQ(first.measured, again.measured);
  EXPECT_EQ(first.temperature, again.temperature);
  EXPECT_EQ(first.gate.modalities[0].threshold, again.gate.modalities[0].threshold);
}

TEST(calibrate, says_when_rows_are_too_few) {
  Trained trained(options_of("multiclass", 300), /*epochs=*/1);
  trained.options().coverage = 0.99;
  const calibration::Calibration made = trained.calibrate();
  EXPECT_TRUE(std::isinf(made.conformal.threshold));
  EXPECT_EQ(mean(made.measured["set_size"]), 3);
  EXPECT_THAT(trained.log(), testing::HasSubstr("coverage 0.99 takes at least 99 rows, got 60: "
                                                "every set holds everything"));
  EXPECT_THAT(trained.log(),
              testing::HasSubstr("sound: a share of false alarms of 0.01 takes at least 99 rows "
                                 "that have it, got 60: nothing is masked"));
  EXPECT_EQ(mean(made.measured["masked sound"]), 0);
}

TEST(calibrate, refuses_rows_that_teach_nothing) {
  Trained trained(options_of("multiclass", 300), /*epochs=*/1);
  std::vector<int64_t> rows = trained.run().split().validation;
  expect_error(ErrorKind::data, "calibrate: expected at least 20 labelled rows, got 19", [&] {
    trained.calibrate({rows.begin(), rows.begin() + 19});
  });
  std::vector<int64_t> alike;
  for (int64_t row = 0; row < 90; row += 3) alike.push_back(row);
  expect_error(ErrorKind::data,
               "calibrate: expected rows of at least two classes, got 30 rows of \"a\" alone",
               [&] { trained.calibrate(alike); });
  trained.options().groups.assign(rows.size(), 4);
  expect_error(ErrorKind::data, "calibrate: expected rows of at least two groups, got one",
               [&] { trained.calibrate(); });
  trained.options().groups.clear();
  trained.options().coverage = 1.5;
  expect_error(ErrorKind::config, "coverage: expected a share above 0 and below 1, got 1.5",
               [&] { trained.calibrate(); });
  trained.options().false_alarms = 2;
  expect_error(ErrorKind::config, "--false-alarms: expected a share from 0 to below 1, got 2",
               [&] { trained.calibrate(); });
}

}  // namespace
}  // namespace braid::train
