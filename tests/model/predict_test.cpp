// The public promise: load a bundle, hand over any part of a sample from files or memory, get a
// prediction.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "braid/predictor.h"
#include "core/file.h"
#include "formats/audio.h"
#include "formats/image.h"
#include "support/module_checks.h"
#include "support/tiny_bundle.h"

namespace braid {
namespace {

using checks::expect_error;
using checks::TinyData;
using checks::TinyOptions;
using checks::TinyRow;

// The tiny dataset's bundle, untrained; its predictions follow its random parameters.
class Loaded {
 public:
  explicit Loaded(const std::string& json = "{}", const TinyOptions& options = {})
      : data_(options) {
    model::save_bundle(folder_ / "bundle", checks::tiny_bundle(data_.config(), json));
  }
  Predictor predictor(const PredictorOptions& options = {}) const {
    return Predictor::load(folder_ / "bundle", options);
  }
  std::string sound(int row) const { return data_.folder() + "/sound.npy#" + std::to_string(row); }
  std::vector<float> vector(int row) const {
    const auto values = formats::read_npy_row(data_.folder() + "/sound.npy", row).values;
    return {values.begin(), values.end()};
  }

 private:
  TinyData data_;
  TemporaryFolder folder_;
};

TEST(predict, says_what_the_model_is) {
  const Loaded loaded;
  const Predictor predictor = loaded.predictor();
  EXPECT_EQ(predictor.labels(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(predictor.modalities(), (std::vector<std::string>{"sound", "tabular"}));
  EXPECT_EQ(predictor.target(), "label");
  EXPECT_EQ(predictor.task(), "multiclass");
  std::vector<std::string> fields;
  for (const FieldInfo& field : predictor.fields()) fields.push_back(field.name + ":" + field.kind);
  EXPECT_EQ(fields, (std::vector<std::string>{"sound:embedding", "x1:numeric", "x2:numeric"}));
}

TEST(predict, memory_equals_files) {
  const Loaded loaded;
  Predictor predictor = loaded.predictor();
  for (int row = 0; row < 5; ++row) {
    const Prediction from_file = predictor.predict(
        Sample().set_file("sound", loaded.sound(row)).set_number("x1", 0.5).set_number("x2", -1));
    const Prediction from_memory = predictor.predict(Sample()
                                                         .set_embedding("sound", loaded.vector(row))
                                                         .set_number("x1", 0.5)
                                                         .set_number("x2", -1));
    const Prediction from_cells = predictor.predict(Sample()
                                                        .set_cell("sound", " " + loaded.sound(row))
                                                        .set_cell("x1", "0.5")
                                                        .set_cell("x2", " -1.0 "));
    EXPECT_EQ(from_file.scores, from_memory.scores) << row;
    EXPECT_EQ(from_file.scores, from_cells.scores) << row;
  }
}

TEST(predict, pictures_and_sound_from_memory_equal_files) {
  if (!formats::has_ffmpeg()) GTEST_SKIP() << "built without FFmpeg";
  const TemporaryFolder folder;
  formats::Image image;
  image.width = image.height = 8;
  image.channels = 3;
  for (int i = 0; i < 192; ++i) image.pixels.push_back(static_cast<uint8_t>(i * 37 % 256));
  formats::Audio sound;
  sound.rate_hz = 8000;
  // Whole 16-bit steps, so that the file holds the same numbers.
  for (int i = 0; i < 4000; ++i)
    sound.samples.push_back(static_cast<float>(std::lround(8000 * std::sin(i * 0.2))) / 32768.0f);
  write_file_atomically(folder / "a.png", formats::encode_png(image));
  write_file_atomically(folder / "a.wav", formats::encode_wav(sound));
  std::string text = "label,split,face,voice\n";
  for (int i = 0; i < 12; ++i) text += fmt::format("{},train,a.png,a.wav\n", i % 2 ? "yes" : "no");
  write_file_atomically(folder / "m.csv", text);
  data::DatasetConfig config;
  config.manifest = folder / "m.csv";
  config.target = "label";
  model::save_bundle(folder / "bundle", checks::tiny_bundle(config));
  Predictor predictor = Predictor::load(folder / "bundle");
  const Prediction files = predictor.predict(
      Sample().set_file("face", folder / "a.png").set_file("voice", folder / "a.wav"));
  const Prediction memory = predictor.predict(
      Sample()
          .set_image("face", image.pixels.data(), 8, 8, 3)
          .set_audio("voice", sound.samples.data(), sound.samples.size(), sound.rate_hz));
  EXPECT_EQ(files.scores, memory.scores);
  EXPECT_TRUE(files.missing.empty());
  EXPECT_EQ(predictor.predict(Sample().set_file("face", folder / "a.png")).missing,
            std::vector<std::string>{"voice"});
  expect_error(ErrorKind::shape,
               "field \"face\": expected a picture with 1, 3 or 4 channels, got 8x8x2",
               [&] { Sample().set_image("face", image.pixels.data(), 8, 8, 2); });
  expect_error(ErrorKind::shape, "field \"voice\": expected sound, got 0 samples",
               [&] { Sample().set_audio("voice", nullptr, 0, 8000); });
}

TEST(predict, any_part_of_a_sample_will_do) {
  const Loaded loaded(R"({"fusion": "average"})");
  Predictor predictor = loaded.predictor();
  const std::vector<Sample> samples = {
      Sample(), Sample().set_number("x1", 1), Sample().set_embedding("sound", loaded.vector(0)),
      Sample().set_embedding("sound", loaded.vector(0)).set_number("x2", 1),
      Sample().set_cell("x1", " ").set_cell("sound", "")};
  const std::vector<std::vector<std::string>> missing = {
      {"sound", "tabular"}, {"sound"}, {"tabular"}, {}, {"sound", "tabular"}};
  const auto predictions = predictor.predict(samples);
  ASSERT_EQ(predictions.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(predictions[i].missing, missing[i]) << i;
    double sum = 0;
    for (double score : predictions[i].scores) sum += score;
    EXPECT_NEAR(sum, 1, 1e-5) << i;
    ASSERT_EQ(predictions[i].weights.size(), 2u);
  }
  EXPECT_EQ(predictions[1].weights, (std::vector<double>{0, 1}));
  EXPECT_EQ(predictions[3].weights, (std::vector<double>{0.5, 0.5}));
}

TEST(predict, a_batch_equals_single_samples) {
  for (const fusion::Method* method : fusion::methods()) {
    if (method->family == fusion::Family::single) continue;
    const Loaded loaded(Json{{"fusion", method->name}}.dump());
    Predictor predictor = loaded.predictor();
    std::vector<Sample> samples;
    for (int row = 0; row < 7; ++row) {
      samples.emplace_back();
      if (row % 3 != 1) samples.back().set_embedding("sound", loaded.vector(row));
      if (row % 3 != 2) samples.back().set_number("x1", row * 0.3);
    }
    const auto batch = predictor.predict(samples);
    for (size_t i = 0; i < samples.size(); ++i) {
      const Prediction one = predictor.predict(samples[i]);
      EXPECT_EQ(one.missing, batch[i].missing);
      for (size_t k = 0; k < 3; ++k)
        EXPECT_NEAR(one.scores[k], batch[i].scores[k], 1e-5) << method->name << " " << i;
    }
    EXPECT_TRUE(predictor.predict(std::vector<Sample>()).empty());
  }
}

TEST(predict, the_label_is_the_class_of_the_largest_score) {
  const Loaded loaded;
  Predictor predictor = loaded.predictor();
  const Prediction p = predictor.predict(Sample().set_number("x1", 2));
  const auto best = std::max_element(p.scores.begin(), p.scores.end());
  EXPECT_EQ(p.label, predictor.labels()[static_cast<size_t>(best - p.scores.begin())]);
  EXPECT_EQ(p.value, *best);
}

TEST(predict, labels_of_at_least_a_half_are_joined) {
  TinyOptions options;
  options.task = "multilabel";
  // A head that sees nothing: with zeros everywhere every score is exactly 0.5, which counts as
  // predicted, as in the metrics.
  const TinyData data(options);
  model::Bundle bundle = checks::tiny_bundle(data.config());
  {
    torch::NoGradGuard no_grad;
    for (at::Tensor& p : bundle.model->parameters()) p.zero_();
    bundle.model->named_parameters()["fusion.classifier.2.bias"][1] = -5;
  }
  const TemporaryFolder folder;
  model::save_bundle(folder / "b", bundle);
  Predictor predictor = Predictor::load(folder / "b");
  const Prediction p = predictor.predict(Sample().set_number("x1", 1));
  EXPECT_EQ(p.label, "a;c");
  EXPECT_EQ(p.value, 0.5);
  EXPECT_EQ(predictor.task(), "multilabel");
}

TEST(predict, values_come_in_the_targets_own_units) {
  TinyOptions options;
  options.task = "regression";
  const TinyData data(options);
  model::Bundle bundle = checks::tiny_bundle(data.config());
  {
    torch::NoGradGuard no_grad;
    for (at::Tensor& p : bundle.model->parameters()) p.zero_();
    bundle.model->named_parameters()["fusion.classifier.2.bias"][0] = 3;
  }
  const TemporaryFolder folder;
  model::save_bundle(folder / "b", bundle);
  Predictor predictor = Predictor::load(folder / "b");
  const Prediction p = predictor.predict(Sample().set_number("x1", 1));
  EXPECT_NEAR(p.value, 10.1 + 3 * (1.0 / 3), 1e-5);  // mean and deviation of the bundle's head
  EXPECT_EQ(p.label, "");
  EXPECT_TRUE(predictor.labels().empty());
}

TEST(predict, columns_of_one_vector) {
  TinyOptions options;
  options.change = [](int64_t, TinyRow*) {};
  const TinyData data(options);
  data::DatasetConfig config = data.config();
  config.embeddings = {{"gyro", {"x1", "x2"}}};
  const TemporaryFolder folder;
  model::save_bundle(folder / "b", checks::tiny_bundle(config));
  Predictor predictor = Predictor::load(folder / "b");
  EXPECT_EQ(predictor.modalities(), (std::vector<std::string>{"sound", "gyro"}));
  const Prediction vector = predictor.predict(Sample().set_embedding("gyro", {0.5f, -1.5f}));
  const Prediction columns =
      predictor.predict(Sample().set_cell("x1", "0.5").set_cell("x2", "-1.5"));
  EXPECT_EQ(vector.scores, columns.scores);
  EXPECT_EQ(columns.missing, std::vector<std::string>{"sound"});
  EXPECT_EQ(predictor.predict(Sample().set_cell("x1", "0.5")).missing,
            (std::vector<std::string>{"sound", "gyro"}))
      << "half a vector is none";
  std::vector<std::string> fields;
  for (const FieldInfo& field : predictor.fields()) fields.push_back(field.name + ":" + field.kind);
  EXPECT_EQ(fields, (std::vector<std::string>{"sound:embedding", "gyro:embedding", "x1:numeric",
                                              "x2:numeric"}));
}

TEST(predict, mistakes_name_the_sample_and_the_field) {
  const Loaded loaded;
  Predictor predictor = loaded.predictor();
  auto expect = [&](ErrorKind kind, const std::string& part, const Sample& sample) {
    expect_error(kind, part, [&] { predictor.predict(sample); });
  };
  expect(ErrorKind::config, "unknown field 'sond'; did you mean 'sound'? (known: sound, x1, x2)",
         Sample().set_text("sond", "x"));
  expect(ErrorKind::config, "unknown field 'x3'; did you mean 'x1'?", Sample().set_cell("x3", "1"));
  expect(ErrorKind::data,
         "talks.csv:9: field \"x1\": expected a number, got \"1,5\"; correct it, or leave it empty",
         Sample().set_cell("x1", "1,5").set_where("talks.csv:9"));
  for (const char* cell : {"nan", "inf", "0x10", "1e999"})
    expect(ErrorKind::data, "expected a number", Sample().set_cell("x1", cell));
  expect(ErrorKind::data, "field \"sound\"", Sample().set_embedding("sound", {1, 2}));
  expect(ErrorKind::data, "field \"sound\"", Sample().set_embedding("sound", {1, 2, 3, NAN}));
  EXPECT_THROW(predictor.predict(Sample().set_file("sound", "none.npy")), Error);
}

TEST(predict, fields_of_modalities_the_model_does_not_read_are_ignored) {
  const Loaded loaded(R"({"modalities": ["tabular"]})");
  Predictor predictor = loaded.predictor();
  const Prediction plain = predictor.predict(Sample().set_number("x1", 1));
  const Prediction more =
      predictor.predict(Sample().set_number("x1", 1).set_embedding("sound", loaded.vector(0)));
  EXPECT_EQ(plain.scores, more.scores);
  EXPECT_TRUE(plain.missing.empty());
}

TEST(predict, samples_are_values) {
  const Loaded loaded;
  Predictor predictor = loaded.predictor();
  Sample first;
  first.set_number("x1", 1);
  Sample copy = first;
  copy.set_number("x1", 5);
  EXPECT_NE(predictor.predict(first).scores, predictor.predict(copy).scores);
  Sample moved = std::move(copy);
  copy = first;  // a moved-from sample can be assigned to
  EXPECT_EQ(predictor.predict(copy).scores, predictor.predict(first).scores);
  EXPECT_NE(predictor.predict(moved).scores, predictor.predict(first).scores);
  Predictor other = std::move(predictor);
  EXPECT_EQ(other.predict(first).scores.size(), 3u);
}

TEST(predict, threads_change_no_bit_and_those_of_the_caller_stay) {
  const Loaded loaded(R"({"fusion": {"name": "concat", "hidden": [4096, 1024]}})");
  const Sample sample = Sample().set_file("sound", loaded.sound(0)).set_number("x1", 0.5);
  const int before = at::get_num_threads();
  const std::vector<double> expected = loaded.predictor().predict(sample).scores;
  for (int num_threads : {1, 2, 3}) {
    PredictorOptions options;
    options.num_threads = num_threads;
    EXPECT_EQ(loaded.predictor(options).predict(sample).scores, expected) << num_threads;
    EXPECT_EQ(at::get_num_threads(), before);
  }
}

TEST(predict, bf16_rounds_and_stays_close) {
  const Loaded loaded;
  PredictorOptions options;
  options.precision = "bf16";
  Predictor exact = loaded.predictor(), rounded = loaded.predictor(options);
  bool differs = false;
  for (int row = 0; row < 5; ++row) {
    const Sample sample =
        Sample().set_file("sound", loaded.sound(row)).set_number("x1", 0.5).set_number("x2", -1);
    const std::vector<double> a = exact.predict(sample).scores, b = rounded.predict(sample).scores;
    // Factors keep 8 significant bits; an untrained model's outputs are of order 1.
    for (size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 0.02);
    differs = differs || a != b;
  }
  EXPECT_TRUE(differs);
  options.precision = "bf61";
  expect_error(ErrorKind::config,
               "PredictorOptions::precision: unknown precision 'bf61'; did you mean 'bf16'?",
               [&] { loaded.predictor(options); });
}

TEST(predict, loading_fails_with_a_reason) {
  expect_error(ErrorKind::io, "expected a bundle", [] { Predictor::load("/none"); });
  const Loaded loaded;
  const TemporaryFolder folder;
  const TinyData data;
  model::save_bundle(folder / "b", checks::tiny_bundle(data.config()));
  PredictorOptions options;
  options.device = "tpu9";
  expect_error(ErrorKind::usage, "--device tpu9: expected cpu, cuda or cuda:N",
               [&] { Predictor::load(folder / "b", options); });
}

}  // namespace
}  // namespace braid
