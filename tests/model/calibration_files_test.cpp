// A calibrated bundle: what is loaded answers bit for bit as what was saved, a masked modality is
// an absent one, and what is broken says so.
#include "model/calibration_files.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "braid/predictor.h"
#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_bundle.h"
#include "support/tiny_calibration.h"

namespace braid::model {
namespace {

using checks::expect_error;
using checks::TinyData;

class Calibrated {
 public:
  explicit Calibrated(const std::string& task = "multiclass", double temperature = 2)
      : data_(options(task)), bundle_(checks::tiny_bundle(data_.config())) {
    const data::Dataset dataset = data::Dataset::open(data_.config());
    for (int64_t r = 0; r < dataset.size(); ++r) samples_.push_back(dataset.sample(r));
    bundle_.calibration = checks::shared(checks::tiny_calibration(bundle_, samples_, temperature));
  }
  Bundle& bundle() { return bundle_; }
  // The first rows, the second of them with a sound far from all others.
  std::vector<data::Sample> faulty() const {
    std::vector<data::Sample> rows(samples_.begin(), samples_.begin() + 4);
    rows[1].values["sound"] = std::vector<float>{900, -900, 900, -900};
    return rows;
  }
  std::string saved() {
    save_bundle(folder_ / "b", bundle_);
    return folder_ / "b";
  }

 private:
  static checks::TinyOptions options(const std::string& task) {
    checks::TinyOptions made;
    made.task = task;
    return made;
  }
  TinyData data_;
  Bundle bundle_;
  std::vector<data::Sample> samples_;
  TemporaryFolder folder_;
};

TEST(calibration_files, loads_to_the_same_answers_bit_for_bit) {
  for (const char* task : {"multiclass", "multilabel", "regression"}) {
    Calibrated made(task, /*temperature=*/task == std::string("regression") ? 1 : 1.7);
    Bundle loaded = load_bundle(made.saved());
    ASSERT_NE(loaded.calibration, nullptr);
    const Scores before = score(made.bundle(), made.faulty(), 1),
                 after = score(loaded, made.faulty(), 1);
    EXPECT_EQ(before.scores, after.scores) << task;
    EXPECT_EQ(before.masked, after.masked);
    EXPECT_EQ(after.masked[1], (std::vector<bool>{true, false})) << task;
    EXPECT_EQ(loaded.calibration->temperature, made.bundle().calibration->temperature);
    EXPECT_EQ(loaded.calibration->conformal.threshold, 0.7);
    EXPECT_EQ(loaded.calibration->measured, made.bundle().calibration->measured);
  }
}

TEST(calibration_files, a_masked_modality_is_an_absent_one) {
  Calibrated made;
  std::vector<data::Sample> without = made.faulty();
  without[1].values.erase("sound");
  EXPECT_EQ(score(made.bundle(), made.faulty(), 1).scores[1],
            score(made.bundle(), without, 1).scores[1]);
  const Scores absent = score(made.bundle(), without, 1);
  EXPECT_EQ(absent.masked[1], (std::vector<bool>{false, false})) << "it is missing, not masked";
}

TEST(calibration_files, the_temperature_softens_scores_and_keeps_their_order) {
  Calibrated made;
  Bundle plain = made.bundle();
  plain.calibration = nullptr;
  const auto hot = score(made.bundle(), made.faulty(), 1).scores;
  const auto cold = score(plain, made.faulty(), 1).scores;
  // Of the rows that are not masked: p^(1 / 2), normalised.
  for (size_t i : {0, 2, 3}) {
    double sum = 0;
    for (double p : cold[i]) sum += std::sqrt(p);
    for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(hot[i][k], std::sqrt(cold[i][k]) / sum, 1e-6);
    EXPECT_EQ(std::max_element(hot[i].begin(), hot[i].end()) - hot[i].begin(),
              std::max_element(cold[i].begin(), cold[i].end()) - cold[i].begin());
  }
}

TEST(calibration_files, an_older_bundle_has_none_and_an_older_braid_refuses_a_newer_one) {
  Calibrated made;
  const std::string path = made.saved();
  EXPECT_EQ(parse_json(read_file(path + "/config.json"), "")["format_version"], 2);
  made.bundle().calibration = nullptr;
  made.saved();
  EXPECT_EQ(parse_json(read_file(path + "/config.json"), "")["format_version"], 1);
  EXPECT_FALSE(file_exists(path + "/calibration.json"));
  EXPECT_EQ(load_bundle(path).calibration, nullptr);
}

TEST(calibration_files, what_is_infinite_is_read_back) {
  Calibrated made;
  calibration::Calibration changed = *made.bundle().calibration;
  changed.conformal.threshold = std::numeric_limits<double>::infinity();
  changed.gate.modalities[0].threshold = std::numeric_limits<double>::infinity();
  made.bundle().calibration = checks::shared(changed);
  const Bundle loaded = load_bundle(made.saved());
  EXPECT_TRUE(std::isinf(loaded.calibration->conformal.threshold));
  EXPECT_TRUE(std::isinf(loaded.calibration->gate.modalities[0].threshold));
  made.bundle().calibration = calibration::without_gate(changed);
  EXPECT_TRUE(load_bundle(made.saved()).calibration->gate.modalities.empty());
}

TEST(calibration_files, broken_ones_are_format_errors) {
  Calibrated made;
  const auto expect = [&](const std::string& message, const std::function<void(Json*)>& change) {
    const std::string place = made.saved(), path = place + "/calibration.json";
    Json document = parse_json(read_file(path), path);
    change(&document);
    write_file_atomically(path, document.dump());
    expect_error(ErrorKind::format, message, [&] { load_bundle(place); });
  };
  expect("calibration.json: expected calibration version 1, got 2",
         [](Json* d) { (*d)["version"] = 2; });
  expect("calibration.json: unknown key 'temprature'; did you mean 'temperature'?",
         [](Json* d) { (*d)["temprature"] = 2; });
  expect("calibration.json: expected the key \"sets\", which is not there",
         [](Json* d) { d->erase("sets"); });
  expect("temperature: expected a number above 0 and below inf, got -1",
         [](Json* d) { (*d)["temperature"] = -1; });
  expect("sets: unknown kind of sets 'adaptve'; did you mean 'adaptive'?",
         [](Json* d) { (*d)["sets"]["kind"] = "adaptve"; });
  expect("sets: coverage: expected a number above 0 and below 1, got 1",
         [](Json* d) { (*d)["sets"]["coverage"] = 1; });
  expect("gate.modalities: expected 2 modalities, got 1",
         [](Json* d) { (*d)["gate"]["modalities"].erase(1); });
  expect("gate.modalities[0]: expected the modality \"sound\", got \"noise\"",
         [](Json* d) { (*d)["gate"]["modalities"][0]["name"] = "noise"; });
  expect("gate.modalities[1]: views: expected none or 2, got 1",
         [](Json* d) { (*d)["gate"]["modalities"][1]["views"].erase(0); });
  const std::string place = made.saved();
  std::string tensors = read_file(place + "/gate.safetensors");
  write_file_atomically(place + "/gate.safetensors", tensors.substr(0, tensors.size() / 2));
  expect_error(ErrorKind::format, "gate.safetensors", [&] { load_bundle(place); });
  write_file_atomically(place + "/gate.safetensors", formats::serialize_safetensors({}));
  expect_error(ErrorKind::format, "expected the tensor 'sound.encoded.mean' of type F64",
               [&] { load_bundle(place); });
}

TEST(calibration_files, the_promise_says_what_is_masked_and_what_cannot_be_ruled_out) {
  Calibrated made;
  const std::string place = made.saved();
  Predictor predictor = Predictor::load(place);
  EXPECT_TRUE(predictor.is_calibrated());
  EXPECT_EQ(predictor.coverage(), 0.9);
  const std::vector<float> far = {900, -900, 900, -900};
  const Prediction masked = predictor.predict(
      Sample().set_embedding("sound", far).set_number("x1", 1).set_number("x2", 0));
  EXPECT_EQ(masked.masked, std::vector<std::string>{"sound"});
  EXPECT_TRUE(masked.missing.empty());
  EXPECT_FALSE(masked.is_refused);
  EXPECT_EQ(masked.scores,
            predictor.predict(Sample().set_number("x1", 1).set_number("x2", 0)).scores);
  // The labels whose score is at least 0.3 (the threshold is 0.7), and the first.
  for (size_t k = 0; k < 3; ++k) {
    const bool is_in = std::count(masked.set.begin(), masked.set.end(), predictor.labels()[k]) > 0;
    EXPECT_EQ(is_in, 1 - masked.scores[k] <= 0.7 || predictor.labels()[k] == masked.label);
  }
  EXPECT_EQ(masked.set[0], masked.label);
  // Nothing is left: refused, and nothing is ruled out.
  const Prediction refused = predictor.predict(Sample().set_embedding("sound", far));
  EXPECT_TRUE(refused.is_refused);
  EXPECT_EQ(refused.missing, std::vector<std::string>{"tabular"});
  EXPECT_EQ(refused.set.size(), 3u);
  EXPECT_EQ(refused.scores, predictor.predict(Sample()).scores);
  EXPECT_FALSE(predictor.predict(Sample()).is_refused) << "nothing was masked";
  PredictorOptions options;
  options.has_gate = false;
  const Prediction open =
      Predictor::load(place, options).predict(Sample().set_embedding("sound", far));
  EXPECT_TRUE(open.masked.empty());
  EXPECT_NE(open.scores, refused.scores);
}

TEST(calibration_files, the_promise_of_values_is_an_interval) {
  Calibrated made("regression", /*temperature=*/1);
  Predictor predictor = Predictor::load(made.saved());
  const Prediction p = predictor.predict(Sample().set_number("x1", 1).set_number("x2", 0));
  EXPECT_DOUBLE_EQ(p.low, p.value - 0.7);
  EXPECT_DOUBLE_EQ(p.high, p.value + 0.7);
  EXPECT_TRUE(p.set.empty());
  const Prediction refused =
      predictor.predict(Sample().set_embedding("sound", {900, -900, 900, -900}));
  EXPECT_TRUE(refused.is_refused);
  EXPECT_TRUE(std::isinf(refused.low) && refused.low < 0);
  EXPECT_TRUE(std::isinf(refused.high));
}

}  // namespace
}  // namespace braid::model
