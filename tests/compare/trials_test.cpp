// Who takes part in a comparison, with which keys, and how a stop ends it.
#include "compare/trials.h"

#include <gtest/gtest.h>

#include <set>

#include "core/file.h"
#include "support/module_checks.h"
#include "support/tiny_job.h"

namespace braid::compare {
namespace {

using checks::expect_error;
using checks::TinyData;
using checks::TinyOptions;

class Planned {
 public:
  explicit Planned(const CompareJob& job) : experiment(train::open_experiment(job.config, {})) {
    folds.push_back(experiment.open_fold(0, 1, {}));
    plan = make_plan(job, experiment, folds);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Contender& contender : plan.contenders) all.push_back(contender.name);
    return all;
  }
  const Contender& contender(const std::string& name) const {
    for (const Contender& c : plan.contenders)
      if (c.name == name) return c;
    throw Error(ErrorKind::internal, name);
  }
  train::Experiment experiment;
  std::vector<train::Fold> folds;
  Plan plan;
};

TEST(trials, singles_come_first_and_every_fusion_that_fits) {
  const TinyData data;
  const Planned planned(checks::tiny_job(checks::tiny_config(data), "", {"all"}, /*seeds=*/2));
  const auto names = planned.names();
  ASSERT_GE(names.size(), 2u);
  EXPECT_EQ(names[0], "sound");
  EXPECT_EQ(names[1], "tabular");
  EXPECT_EQ(planned.plan.num_singles, 2u);
  size_t num_fusions = 0;
  for (const fusion::Method* method : fusion::methods())
    num_fusions += method->family != fusion::Family::single;
  EXPECT_EQ(names.size(), 2 + num_fusions);
  EXPECT_EQ(planned.plan.trials.size(), 2 * names.size());
  std::set<int64_t> seeds;
  for (const Trial& trial : planned.plan.trials) seeds.insert(trial.seed);
  EXPECT_EQ(seeds, (std::set<int64_t>{1, 2}));
  EXPECT_EQ(planned.plan.subsets, (std::vector<std::vector<size_t>>{{0}, {1}, {0, 1}}));
}

TEST(trials, the_usual_fusions_where_none_is_named) {
  const TinyData data;
  const auto names = Planned(checks::tiny_job(checks::tiny_config(data), "", {})).names();
  size_t num_usual = 0;
  for (const fusion::Method* method : fusion::methods()) {
    const bool is_usual = method->family != fusion::Family::single && !method->is_on_request;
    num_usual += is_usual;
    EXPECT_EQ(std::count(names.begin(), names.end(), method->name), is_usual) << method->name;
  }
  EXPECT_EQ(names.size(), 2 + num_usual);
}

TEST(trials, the_user_names_methods_and_modalities) {
  const TinyData data;
  auto config = checks::tiny_config(data);
  EXPECT_EQ(Planned(checks::tiny_job(config, "", {"stacking", "concat"})).names(),
            (std::vector<std::string>{"sound", "tabular", "concat", "stacking"}));
  config.model.modalities = {"tabular"};
  EXPECT_EQ(Planned(checks::tiny_job(config, "", {"concat"})).names(),
            std::vector<std::string>{"tabular"})
      << "nothing to fuse";
}

TEST(trials, mistakes_get_help) {
  const TinyData data;
  CompareJob job = checks::tiny_job(checks::tiny_config(data), "", {"conct"});
  expect_error(ErrorKind::config, "unknown fusion method 'conct'; did you mean 'concat'?",
               [&] { Planned planned(job); });
  job.config.compare.methods = {};
  job.config.compare.fusions = {{"staking", Json::object()}};
  expect_error(ErrorKind::config, "unknown fusion method 'staking'; did you mean 'stacking'?",
               [&] { Planned planned(job); });
}

TEST(trials, a_fusion_that_cannot_do_the_task_is_left_out_or_refused) {
  TinyOptions options;
  options.task = "regression";
  const TinyData data(options);
  std::string notes;
  CompareJob job = checks::tiny_job(checks::tiny_config(data), "", {"all"});
  job.sinks.log = [&](LogLevel, const std::string& line) { notes += line + "\n"; };
  const auto names = Planned(job).names();
  for (const fusion::Method* method : fusion::methods()) {
    if (method->supports(Activation::identity)) continue;
    EXPECT_EQ(std::count(names.begin(), names.end(), method->name), 0);
    EXPECT_NE(notes.find(std::string(method->name) + " is left out"), std::string::npos);
    job.config.compare.methods = {method->name};
    expect_error(ErrorKind::config,
                 fmt::format("compare.methods: '{}' does not fit a regression target; leave it out",
                             method->name),
                 [&] { Planned planned(job); });
  }
}

TEST(trials, keys_reach_their_method) {
  const TinyData data;
  CompareJob job = checks::tiny_job(checks::tiny_config(data), "", {"concat", "linear", "average"});
  job.config.compare.fusions =
      Json::parse(R"({"concat": {"hidden": [5]}, "single": {"hidden": [4]}})");
  const Planned planned(job);
  EXPECT_EQ(planned.contender("concat").model.fusion.dump(), R"({"hidden":[5],"name":"concat"})");
  EXPECT_EQ(planned.contender("sound").model.fusion.dump(), R"({"hidden":[4],"name":"single"})");
  EXPECT_EQ(planned.contender("average").model.fusion["hidden"].dump(), "[4]")
      << "its heads are the singles'";
  EXPECT_EQ(planned.contender("sound").model.encoders.dump(), R"({"sound":{"width":6}})");
  EXPECT_TRUE(planned.contender("linear").model.encoders.empty()) << "it reads raw features";
}

TEST(trials, a_stop_ends_it) {
  const TinyData data;
  const TemporaryFolder folder;
  CompareJob job = checks::tiny_job(checks::tiny_config(data), folder.path(), {"concat"});
  std::atomic<bool> stop{false};
  job.stop = &stop;
  int ticks = 0;
  job.sinks.progress = [&](const ProgressTick&) { stop = ++ticks >= 3; };
  Planned planned(job);
  EXPECT_FALSE(run_trials(job, planned.folds, metrics::find("accuracy"), &planned.plan));
  job.stop = nullptr;
  job.sinks.progress = nullptr;
  EXPECT_TRUE(run_trials(job, planned.folds, metrics::find("accuracy"), &planned.plan));
  for (const Trial& trial : planned.plan.trials) {
    EXPECT_TRUE(trial.is_done);
    EXPECT_EQ(trial.test.predictions.size(), 12);
  }
}

}  // namespace
}  // namespace braid::compare
