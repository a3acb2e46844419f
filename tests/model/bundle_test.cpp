// A bundle is the whole model: what is loaded predicts bit for bit what was saved, and what is
// broken says so.
#include "model/bundle.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_bundle.h"

namespace braid::model {
namespace {

namespace fs = std::filesystem;
using checks::expect_error;
using checks::tiny_bundle;
using checks::TinyData;
using checks::TinyOptions;

std::vector<data::Sample> samples(const data::DatasetConfig& config, int64_t count) {
  const data::Dataset dataset = data::Dataset::open(config);
  std::vector<data::Sample> all;
  for (int64_t r = 0; r < count; ++r) all.push_back(dataset.sample(r));
  all[1].values.erase("sound");
  all[2].values.clear();
  return all;
}

TEST(bundle, loads_to_the_same_scores_bit_for_bit) {
  const std::vector<std::pair<const char*, Activation>> tasks = {
      {"multiclass", Activation::softmax},
      {"multilabel", Activation::sigmoid},
      {"regression", Activation::identity}};
  for (const auto& [task, activation] : tasks) {
    TinyOptions options;
    options.task = task;
    const TinyData data(options);
    for (const fusion::Method* method : fusion::methods()) {
      if (method->family == fusion::Family::single || !method->supports(activation)) continue;
      Bundle saved = tiny_bundle(data.config(), Json{{"fusion", method->name}}.dump());
      const TemporaryFolder folder;
      saved.metrics = {{"accuracy", 0.1 + 0.2}};
      save_bundle(folder / "bundle", saved);
      Bundle loaded = load_bundle(folder / "bundle");
      const auto rows = samples(data.config(), 9);
      const Scores before = score(saved, rows, 1), after = score(loaded, rows, 2);
      EXPECT_EQ(before.scores, after.scores) << task << " " << method->name;
      EXPECT_EQ(before.weights, after.weights) << task << " " << method->name;
      EXPECT_EQ(before.present, after.present);
      EXPECT_EQ(before.present[1], (std::vector<bool>{false, true}));
      EXPECT_EQ(loaded.labels, saved.labels);
      EXPECT_EQ(loaded.target, "label");
      EXPECT_EQ(loaded.metrics, saved.metrics);
      EXPECT_EQ(dump_config(loaded.model->config()).dump(),
                dump_config(saved.model->config()).dump());
      EXPECT_FALSE(loaded.model->is_training());
    }
  }
}

TEST(bundle, a_model_of_some_modalities_reads_those) {
  const TinyData data;
  Bundle saved = tiny_bundle(data.config(), R"({"modalities": ["tabular"]})");
  const TemporaryFolder folder;
  save_bundle(folder / "b", saved);
  Bundle loaded = load_bundle(folder / "b");
  EXPECT_EQ(loaded.modalities, saved.modalities);
  const auto rows = samples(data.config(), 4);
  EXPECT_EQ(score(loaded, rows, 1).scores, score(saved, rows, 1).scores);
}

TEST(bundle, no_samples_are_no_scores) {
  const TinyData data;
  Bundle bundle = tiny_bundle(data.config());
  EXPECT_TRUE(score(bundle, {}, 1).scores.empty());
}

void rewrite_config(const std::string& folder, const std::function<void(Json*)>& change) {
  const std::string path = folder + "/config.json";
  Json config = parse_json(read_file(path), path);
  change(&config);
  write_file_atomically(path, config.dump());
}

TEST(bundle, another_version_is_refused_before_anything_else) {
  const TinyData data;
  const TemporaryFolder folder;
  save_bundle(folder / "b", tiny_bundle(data.config()));
  rewrite_config(folder / "b", [](Json* config) {
    (*config)["format_version"] = 3;
    (*config)["braid"] = "9.1.0";
  });
  write_file_atomically(folder / "b/preparation.json",
                        "{}");  // a later version's may look like anything
  expect_error(ErrorKind::format,
               "config.json: expected bundle version 1 or 2, got 3; use the Braid that wrote it "
               "(version \"9.1.0\")",
               [&] { load_bundle(folder / "b"); });
  rewrite_config(folder / "b", [](Json* config) { config->erase("format_version"); });
  expect_error(ErrorKind::format, "expected bundle version 1 or 2, got null",
               [&] { load_bundle(folder / "b"); });
  rewrite_config(folder / "b", [](Json* config) { (*config)["format"] = "other"; });
  expect_error(ErrorKind::format, "config.json: expected a file of the format 'braid-bundle'",
               [&] { load_bundle(folder / "b"); });
}

TEST(bundle, broken_files_are_format_errors) {
  const TinyData data;
  const TemporaryFolder folder;
  const std::string place = folder / "b";
  auto fresh = [&] { save_bundle(place, tiny_bundle(data.config())); };
  auto expect = [&](ErrorKind kind, const std::string& part) {
    expect_error(kind, part, [&] { load_bundle(place); });
  };

  fresh();
  const std::string weights = read_file(place + "/model.safetensors");
  write_file_atomically(place + "/model.safetensors", weights.substr(0, weights.size() - 1));
  expect(ErrorKind::format, "model.safetensors");
  write_file_atomically(place + "/model.safetensors", "");
  expect(ErrorKind::format, "model.safetensors");
  fs::remove(place + "/model.safetensors");
  expect(ErrorKind::io, "model.safetensors: cannot open");

  fresh();
  write_file_atomically(place + "/config.json", R"({"format": "braid-bundle")");
  expect(ErrorKind::format, "config.json: byte");
  fresh();
  rewrite_config(place, [](Json* config) { config->erase("labels"); });
  expect(ErrorKind::format, "config.json: expected a bundle's config, got something else");
  fresh();
  rewrite_config(place, [](Json* config) { (*config)["labels"] = {"a"}; });
  expect(ErrorKind::format, "config.json: labels: expected 3 names, got 1");
  fresh();
  rewrite_config(place, [](Json* config) { (*config)["model"]["fusion"]["name"] = "conct"; });
  expect(ErrorKind::config, "unknown fusion method 'conct'");
  fresh();
  fs::remove(place + "/preparation.json");
  expect_error(ErrorKind::format, "preparation.json", [&] {
    try {
      load_bundle(place);
    } catch (const Error& e) {
      throw Error(ErrorKind::format, e.what());  // io or format: the file is named
    }
  });
  expect_error(ErrorKind::io,
               "expected a bundle, got a folder without config.json; give the folder",
               [&] { load_bundle(folder / "none"); });
}

TEST(bundle, replaces_an_older_one_as_a_whole) {
  const TinyData data;
  const TemporaryFolder folder;
  save_bundle(folder / "b", tiny_bundle(data.config(), "{}", 1));
  write_file_atomically(folder / "b/leftover.txt", "of the old one");
  Bundle second = tiny_bundle(data.config(), "{}", 2);
  save_bundle(folder / "b/", second);  // a slash at the end means the same folder
  Bundle loaded = load_bundle(folder / "b");
  const auto rows = samples(data.config(), 4);
  EXPECT_EQ(score(loaded, rows, 1).scores, score(second, rows, 1).scores);
  EXPECT_FALSE(file_exists(folder / "b/leftover.txt"));
  size_t num_entries = 0;
  for (const auto& entry : fs::directory_iterator(folder.path()))
    num_entries += entry.path().filename() != "";
  EXPECT_EQ(num_entries, 1u) << "nothing is left beside it";
}

TEST(bundle, a_failed_save_leaves_the_old_one) {
  const TinyData data;
  const TemporaryFolder folder;
  Bundle first = tiny_bundle(data.config(), "{}", 1);
  save_bundle(folder / "b", first);
  // Two parameters under one name cannot be written.
  const Bundle bad = tiny_bundle(
      data.config(),
      R"({"names": {"fusion.classifier.0.weight": "x", "fusion.classifier.0.bias": "x"}})");
  expect_error(ErrorKind::usage, "x", [&] { save_bundle(folder / "b", bad); });
  Bundle loaded = load_bundle(folder / "b");
  const auto rows = samples(data.config(), 4);
  EXPECT_EQ(score(loaded, rows, 1).scores, score(first, rows, 1).scores);
  EXPECT_FALSE(file_exists(folder / "b.partial"));
  // A folder that cannot be made.
  write_file_atomically(folder / "plain", "");
  expect_error(ErrorKind::io, "cannot create the folder",
               [&] { save_bundle(folder / "plain/b", first); });
}

TEST(bundle, errors_of_samples_name_sample_and_field) {
  const TinyData data;
  Bundle bundle = tiny_bundle(data.config());
  auto rows = samples(data.config(), 4);
  rows[3].values["sound"] = std::vector<float>{1, 2};
  rows[3].where = "talks.csv:9";
  expect_error(ErrorKind::data, "talks.csv:9: field \"sound\"", [&] { score(bundle, rows, 2); });
}

}  // namespace
}  // namespace braid::model
