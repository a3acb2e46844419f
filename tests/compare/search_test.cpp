// Successive halving: which candidates there are, who goes on, and that nothing is decided twice.
#include "compare/search.h"

#include <gtest/gtest.h>

#include <set>

#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_job.h"

namespace braid::compare {
namespace {

using checks::expect_error;
using checks::TinyData;

CompareJob searching(const TinyData& data, const std::string& out,
                     const std::vector<std::string>& methods, int64_t epochs) {
  CompareJob job = checks::tiny_job(checks::tiny_config(data, epochs), out, methods);
  job.config.compare.search.name = "halving";
  job.config.compare.search.factor = 2;
  job.config.compare.search.first_epochs = 1;
  job.config.compare.search.keep = 1;
  job.config.compare.search.train = Json::parse(R"({"lr": [0.000001, 0.02]})");
  return job;
}

TEST(search, rungs_grow_by_the_factor_up_to_the_whole_training) {
  SearchOptions options;
  EXPECT_EQ(rungs_of(options, 60), (std::vector<int64_t>{6, 18, 54}));
  EXPECT_EQ(rungs_of(options, 5), (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(rungs_of(options, 1), std::vector<int64_t>{});
  options.factor = 2;
  options.first_epochs = 5;
  EXPECT_EQ(rungs_of(options, 40), (std::vector<int64_t>{5, 10, 20}));
}

class Planned {
 public:
  explicit Planned(const CompareJob& job) : experiment(train::open_experiment(job.config, {})) {
    folds.push_back(experiment.open_fold(0, 1, {}));
    plan = make_plan(job, experiment, folds);
  }
  train::Experiment experiment;
  std::vector<train::Fold> folds;
  Plan plan;
};

TEST(search, candidates_are_every_combination_and_late_fusions_need_none) {
  const TinyData data;
  CompareJob job = searching(data, "", {"concat", "average"}, 8);
  job.config.compare.search.train = Json::parse(R"({"lr": [0.1, 0.2], "batch_size": [4, 8, 16]})");
  job.config.compare.search.fusions =
      Json::parse(R"({"concat": [{"hidden": [4]}, {"dropout": 0.5}]})");
  const Planned planned(job);
  const Candidates all = candidates_of(job, planned.plan);
  EXPECT_EQ(all.contenders.size(), 6u + 6u + 12u);
  std::set<std::string> folders, methods;
  for (const Contender& one : all.contenders) {
    folders.insert(one.folder);
    methods.insert(one.name);
    EXPECT_EQ(train_config(job, one).lr, one.settings["lr"].get<double>());
    EXPECT_EQ(train_config(job, one).batch_size, one.settings["batch_size"].get<int64_t>());
  }
  EXPECT_EQ(folders.size(), all.contenders.size()) << "two would share their checkpoints";
  EXPECT_EQ(methods, (std::set<std::string>{"concat", "sound", "tabular"}));
  EXPECT_EQ(all.contenders.back().model.fusion["dropout"], 0.5);
}

TEST(search, learning_rates_around_the_jobs_own_where_none_is_named) {
  const TinyData data;
  CompareJob job = searching(data, "", {"concat"}, 8);
  job.config.compare.search.train = Json::object();
  job.config.train.lr = 0.03;
  const Planned planned(job);
  std::set<double> rates;
  for (const Contender& one : candidates_of(job, planned.plan).contenders)
    rates.insert(train_config(job, one).lr);
  ASSERT_EQ(rates.size(), 3u);
  EXPECT_NEAR(*rates.begin(), 0.01, 1e-12);
  EXPECT_NEAR(*rates.rbegin(), 0.09, 1e-12);
}

TEST(search, the_rate_that_learns_goes_on_and_is_trained_no_second_time) {
  const TinyData data;
  const TemporaryFolder folder;
  CompareJob job = searching(data, folder / "out", {"concat", "average"}, 8);
  const Json document = compare(job);
  const Json& search = document["search"];
  ASSERT_EQ(search["rungs"].size(), 3u);
  EXPECT_EQ(search["candidates"], 6);
  EXPECT_EQ(search["rungs"][0]["epochs"], 1);
  EXPECT_EQ(search["rungs"][0]["candidates"].size(), 6u);
  EXPECT_EQ(search["rungs"][1]["candidates"].size(), 3u) << "of each method one";
  // 6 candidates for an epoch, then three for the other seven; of all it would be 48.
  EXPECT_EQ(search["epochs"], 6 + 3 * 7);
  EXPECT_EQ(search["epochs_of_all"], 48);
  for (const Json& method : document["methods"]) {
    if (method["name"] == "average") continue;
    EXPECT_EQ(method["settings"], Json({{"lr", 0.02}})) << method["name"];
    EXPECT_EQ(method["runs"][0]["epochs"], 8) << method["name"];
  }
  // Trained in parts, the run is the same as in one go.
  CompareJob plain =
      checks::tiny_job(checks::tiny_config(data, 8), folder / "plain", {"concat", "average"});
  const Json expected = compare(plain);
  for (size_t c = 0; c < document["methods"].size(); ++c)
    EXPECT_EQ(document["methods"][c]["runs"], expected["methods"][c]["runs"]) << c;

  // A second start decides nothing again and says the same.
  int num_ticks = 0;
  job.sinks.progress = [&](const ProgressTick& tick) {
    num_ticks += tick.detail.find("epoch") != std::string::npos;
  };
  const Json again = compare(job);
  EXPECT_EQ(num_ticks, 0);
  EXPECT_EQ(again["search"], document["search"]);

  job.config.compare.search.keep = 2;
  expect_error(ErrorKind::config, "expected the choices of this very search",
               [&] { compare(job); });
}

TEST(search, mistakes_are_found_before_any_training) {
  const TinyData data;
  const TemporaryFolder folder;
  const auto fails = [&](const char* part, const std::function<void(SearchOptions*)>& change) {
    CompareJob job = searching(data, folder / "out", {"concat", "average"}, 4);
    change(&job.config.compare.search);
    expect_error(ErrorKind::config, part, [&] { compare(job); });
    EXPECT_FALSE(file_exists(folder / "out/runs/sound")) << part;
  };
  fails("compare.search.train.lr: expected a list of values to try, got 0.1; write [0.1]",
        [](SearchOptions* o) {
          o->train = {{"lr", 0.1}};
        });
  fails("did you mean 'compare.search.train.lr'",
        [](SearchOptions* o) { o->train = Json::parse(R"({"lrr": [0.1]})"); });
  fails("compare.search.train.lr",
        [](SearchOptions* o) { o->train = Json::parse(R"({"lr": [7]})"); });
  fails("compare.search.fusions.average: expected a fusion that trains",
        [](SearchOptions* o) { o->fusions = Json::parse(R"({"average": [{"hidden": [3]}]})"); });
  fails("compare.search.fusions.lmf: expected a method of this comparison",
        [](SearchOptions* o) { o->fusions = Json::parse(R"({"lmf": [{"rank": 3}]})"); });
}

}  // namespace
}  // namespace braid::compare
