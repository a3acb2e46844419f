// The whole job on a tiny dataset: what it promises to write, and what the choice may depend on.
#include "compare/compare.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "model/bundle.h"
#include "support/module_checks.h"
#include "support/tiny_job.h"

namespace braid::compare {
namespace {

using checks::expect_error;
using checks::TinyData;
using checks::TinyOptions;
using checks::TinyRow;

// Without what a clock says.
Json timeless(Json document) {
  for (const char* key : {"created", "notes", "machine"}) document.erase(key);
  for (Json& method : document["methods"]) {
    method.erase("latency_ms");
    method.erase("train_seconds");
  }
  document["pareto"].erase("front");
  for (Json& less : document["without"])
    for (const char* key : {"latency_ms", "latency_change"}) less.erase(key);
  return document;
}

TEST(compare, writes_what_it_promises_and_trains_nothing_twice) {
  const TinyData data;
  const TemporaryFolder folder;
  CompareJob job = checks::tiny_job(checks::tiny_config(data), folder / "out",
                                    {"concat", "average", "stacking"}, /*seeds=*/2);
  const Json document = compare(job);
  for (const char* key :
       {"braid",     "created", "command", "manifest",    "fingerprint", "seed",
        "machine",   "task",    "target",  "labels",      "metric",      "data",
        "bootstrap", "methods", "subsets", "best_single", "winner",      "verdict",
        "notes",     "advice",  "pareto",  "without"})
    EXPECT_TRUE(document.contains(key)) << key;
  ASSERT_EQ(document["methods"].size(), 5u);
  for (const Json& method : document["methods"]) {
    for (const char* key : {"name", "family", "summary", "modalities", "metric", "validation",
                            "difference_to_best_single", "metrics", "parameters", "train_seconds",
                            "latency_ms", "runs", "curves", "subsets"})
      EXPECT_TRUE(method.contains(key)) << method["name"] << " " << key;
    const double mean = method["metric"]["mean"], low = method["metric"]["interval"][0],
                 high = method["metric"]["interval"][1];
    EXPECT_TRUE(low <= mean && mean <= high) << method["name"];
    EXPECT_GT(method["latency_ms"].get<double>(), 0);
    EXPECT_GT(method["parameters"].get<int64_t>(), 0);
    EXPECT_EQ(method["runs"].size(), 2u);
    EXPECT_EQ(method["difference_to_best_single"].is_null(),
              method["name"] == document["best_single"]);
  }
  EXPECT_EQ(document["data"]["train"], 36);
  EXPECT_EQ(document["data"]["test"], 12);
  EXPECT_EQ(document["subsets"].size(), 3u);

  EXPECT_EQ(parse_json(read_file(folder / "out/compare.json"), "compare.json"), document);
  EXPECT_NE(read_file(folder / "out/report.html")
                .find(document["verdict"].get<std::string>().substr(0, 12)),
            std::string::npos);
  // The winner's bundle predicts as its trial did.
  model::Bundle best = model::load_bundle(folder / "out/best");
  EXPECT_EQ(best.metrics["method"], document["winner"]);
  const data::Dataset dataset = data::Dataset::open(data.config());
  EXPECT_EQ(model::score(best, {dataset.sample(24)}, 1).scores[0].size(), 3u);

  int num_trained = 0;
  job.sinks.progress = [&](const ProgressTick& tick) {
    num_trained += tick.detail.find("epoch") != std::string::npos;
  };
  job.num_threads = 2;
  const Json again = compare(job);
  EXPECT_EQ(num_trained, 0);
  EXPECT_EQ(timeless(again).dump(), timeless(document).dump());

  job.config.train.lr = 0.001;
  expect_error(ErrorKind::config, "belongs to another config, data set or seed",
               [&] { compare(job); });
}

TEST(compare, test_labels_have_no_say_in_the_choice) {
  TinyOptions options;
  options.change = [](int64_t, TinyRow* row) {
    if (row->split == "test") row->label = row->label == "a" ? "b" : row->label == "b" ? "c" : "a";
  };
  const TinyData data, flipped(options);
  const TemporaryFolder folder;
  const Json one = compare(
      checks::tiny_job(checks::tiny_config(data, /*epochs=*/8), folder / "one", {"concat"}));
  const Json other = compare(
      checks::tiny_job(checks::tiny_config(flipped, /*epochs=*/8), folder / "other", {"concat"}));
  EXPECT_EQ(one["winner"], other["winner"]);
  EXPECT_EQ(one["best_single"], other["best_single"]);
  for (size_t c = 0; c < one["methods"].size(); ++c)
    EXPECT_EQ(one["methods"][c]["validation"], other["methods"][c]["validation"]);
  EXPECT_NE(one["methods"][2]["metric"]["mean"], other["methods"][2]["metric"]["mean"])
      << "or the flip did nothing";
}

TEST(compare, other_targets_and_folds_with_groups) {
  for (const char* task : {"regression", "multilabel"}) {
    TinyOptions options;
    options.task = task;
    options.has_speaker = true;
    const TinyData data(options);
    auto config = checks::tiny_config(data, /*epochs=*/2);
    config.split.folds = 2;
    const TemporaryFolder folder;
    const Json document = compare(checks::tiny_job(config, folder.path(), {"concat", "stacking"}));
    EXPECT_EQ(document["task"], task);
    EXPECT_EQ(document["data"]["folds"], 2);
    EXPECT_EQ(document["data"]["group"], "speaker");
    for (const Json& method : document["methods"]) {
      EXPECT_EQ(method["runs"].size(), 2u) << task;
      EXPECT_TRUE(method["metric"]["mean"].is_number()) << task << " " << method["name"];
    }
    EXPECT_EQ(document["metric"]["higher_is_better"], std::string(task) == "multilabel");
    EXPECT_EQ(document["methods"][0].contains("scatter"), std::string(task) == "regression");
  }
}

TEST(compare, one_modality_is_nothing_to_fuse) {
  const TinyData data;
  auto config = checks::tiny_config(data, /*epochs=*/2);
  config.data.fields = {"x1", "x2"};
  config.model.encoders = Json::object();
  const TemporaryFolder folder;
  const Json document = compare(checks::tiny_job(config, folder.path(), {}));
  EXPECT_EQ(document["best_single"], "tabular");
  EXPECT_NE(document["verdict"].get<std::string>().find("nothing was fused"), std::string::npos)
      << document["verdict"];
}

TEST(compare, singles_alone_can_be_compared) {
  const TinyData data;
  const TemporaryFolder folder;
  const Json document =
      compare(checks::tiny_job(checks::tiny_config(data, /*epochs=*/1), folder.path(), {"single"}));
  EXPECT_EQ(document["methods"].size(), 2u);
  EXPECT_EQ(document["subsets"][2]["methods"].size(), 2u);
}

TEST(compare, the_plan_trains_and_writes_nothing) {
  const TinyData data;
  const TemporaryFolder folder;
  CompareJob job =
      checks::tiny_job(checks::tiny_config(data), folder / "out", {"concat"}, /*seeds=*/3);
  const std::string plan = plan_text(job);
  EXPECT_NE(plan.find("36 train, 12 validation, 12 test"), std::string::npos) << plan;
  EXPECT_NE(plan.find("concat"), std::string::npos);
  EXPECT_NE(plan.find("trials      9 (3 seeds, 1 folds)"), std::string::npos) << plan;
  EXPECT_FALSE(file_exists(folder / "out"));
}

TEST(compare, mistakes_are_found_before_training) {
  const TinyData data;
  const TemporaryFolder folder;
  auto expect = [&](ErrorKind kind, const std::string& part,
                    const std::function<void(CompareConfig*)>& spoil) {
    CompareJob job = checks::tiny_job(checks::tiny_config(data), folder / "out", {"concat"});
    job.sinks.progress = [](const ProgressTick& tick) {
      EXPECT_EQ(tick.detail.find("epoch"), std::string::npos) << "it trains already";
    };
    spoil(&job.config);
    expect_error(kind, part, [&] { compare(job); });
  };
  expect(ErrorKind::usage, "compare: expected a target; add --target NAME",
         [](CompareConfig* c) { c->data.target = ""; });
  expect(ErrorKind::config, "compare.metric: 'rmse' does not fit a multiclass target",
         [](CompareConfig* c) { c->compare.metric = "rmse"; });
  expect(ErrorKind::config, "did you mean 'concat'?",
         [](CompareConfig* c) { c->compare.methods = {"conct"}; });
  expect(ErrorKind::data, "compare: expected rows to test on, got none", [](CompareConfig* c) {
    c->data.split = "";
    c->data.exclude = {"split"};
    c->split.test = 0;
  });
}

TEST(compare, stopping_gives_nothing_and_the_next_run_goes_on) {
  const TinyData data;
  const TemporaryFolder folder;
  CompareJob job =
      checks::tiny_job(checks::tiny_config(data), folder / "whole", {"concat", "stacking"});
  const Json whole = compare(job);
  job.out = folder / "pieces";
  std::atomic<bool> stop{false};
  job.stop = &stop;
  int ticks = 0;
  job.sinks.progress = [&](const ProgressTick&) { stop = ++ticks % 20 == 0; };
  Json pieces = compare(job);
  EXPECT_TRUE(pieces.is_null());
  EXPECT_FALSE(file_exists(folder / "pieces/compare.json"));
  for (int round = 0; pieces.is_null() && round < 20; ++round) {
    stop = false;
    pieces = compare(job);
  }
  EXPECT_EQ(timeless(pieces).dump(), timeless(whole).dump());
}

}  // namespace
}  // namespace braid::compare
