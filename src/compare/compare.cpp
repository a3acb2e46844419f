#include "compare/compare.h"

#include <algorithm>
#include <ctime>
#include <fstream>

#include "compare/advisor.h"
#include "compare/pareto.h"
#include "compare/presence.h"
#include "compare/search.h"
#include "compare/stress_families.h"
#include "compare/summary.h"
#include "compare/trials.h"
#include "core/error.h"
#include "core/file.h"
#include "core/thread_pool.h"
#include "core/version.h"
#include "metrics/bootstrap.h"
#include "model/bundle.h"
#include "model/tensors.h"
#include "report/compare_report.h"

namespace braid::compare {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line))
    if (line.compare(0, 10, "model name") == 0) return line.substr(line.find(':') + 2);
  return "unknown";
}

Json describe_data(const CompareJob& job, const train::Experiment& experiment,
                   const std::vector<train::Fold>& folds) {
  const data::Split& split = folds[0].split;
  Json out;
  out["rows"] = experiment.dataset->size();
  out["train"] = split.train.size();
  out["validation"] = split.validation.size();
  out["test"] = split.test.size();
  out["folds"] = folds.size() > 1 ? folds.size() : 0;
  out["seeds"] = job.config.compare.seeds;
  out["group"] = job.config.data.group.empty() ? Json(nullptr) : Json(job.config.data.group);
  Json skipped = experiment.dataset->skipped();
  for (const train::Fold& fold : folds)
    for (const std::string& row : fold.bad_rows)
      if (std::find(skipped.begin(), skipped.end(), row) == skipped.end()) skipped.push_back(row);
  out["skipped"] = std::move(skipped);
  Json modalities = Json::array();
  for (const data::Modality& modality : folds[0].store->preparation().modalities())
    modalities.push_back({{"name", modality.name},
                          {"kind", data::to_string(modality.kind)},
                          {"fields", modality.fields},
                          {"present",
                           {{"train", share_present(experiment, modality, split.train)},
                            {"validation", share_present(experiment, modality, split.validation)},
                            {"test", share_present(experiment, modality, split.test)}}}});
  out["modalities"] = std::move(modalities);
  return out;
}

Json describe_run(const CompareJob& job, const train::Experiment& experiment,
                  const std::vector<train::Fold>& folds, const metrics::Method& metric) {
  Json document;
  document["braid"] = BRAID_VERSION;
  document["created"] = utc_now();
  document["command"] = job.command;
  document["manifest"] = job.config.data.manifest;
  document["fingerprint"] = experiment.dataset->fingerprint();
  document["seed"] = job.config.train.seed;
  document["machine"] = {
      {"cpu", cpu_name()}, {"cores", resolve_threads(0)}, {"threads", job.num_threads}};
  document["task"] = metrics::to_string(experiment.dataset->targets().task);
  document["target"] = job.config.data.target;
  document["labels"] = experiment.dataset->targets().labels;
  document["metric"] = {{"name", metric.name}, {"higher_is_better", metric.higher_is_better}};
  document["data"] = describe_data(job, experiment, folds);
  document["bootstrap"] = {{"resamples", metrics::BootstrapOptions().num_resamples},
                           {"level", metrics::BootstrapOptions().level}};
  return document;
}

void save_winner(const CompareJob& job, const train::Experiment& experiment,
                 const std::vector<train::Fold>& folds, const metrics::Method& metric,
                 const Plan& plan, size_t contender, const Json& document,
                 const std::string& folder) {
  const Trial& trial = best_trial(plan, contender, metric);
  Json measured;
  for (const Json& method : document["methods"])
    if (method["name"] == plan.contenders[contender].name)
      measured = {{"method", method["name"]}, {"metric", metric.name}, {"test", method["metrics"]}};
  measured["test"]["rows"] = folds[trial.fold].split.test.size();
  measured["settings"] = plan.contenders[contender].settings;
  measured["seed"] = trial.seed;
  measured["fold"] = trial.fold;
  model::save_bundle(folder, {trial.result.model, folds[trial.fold].store->preparation(),
                              trial.result.modalities, experiment.dataset->config().target,
                              experiment.dataset->targets().labels, std::move(measured)});
}

const metrics::Method& metric_of(const CompareJob& job, metrics::Task task) {
  return metrics::choose("compare.metric", job.config.compare.metric, task);
}

// Sees what modalities tell together, and trains in no time.
constexpr const char* kProbe = "concat_features";

bool is_advised(const CompareJob& job) {
  const std::vector<std::string>& words = job.config.compare.methods;
  const bool has_word = std::find(words.begin(), words.end(), "advised") != words.end();
  BRAID_CHECK(!has_word || words.size() == 1, config,
              "compare.methods: expected 'advised' alone, got {}; leave out one or the other",
              fmt::join(words, ", "));
  return has_word;
}

Json advice_from(const train::Experiment& experiment, std::vector<train::Fold>& folds,
                 const metrics::Method& metric, Plan& plan) {
  const Evidence evidence = gather_evidence(experiment, folds, metric, plan);
  return to_json(evidence, advise(evidence));
}

// The probe has been trained, so it takes part.
void follow(const Json& advice, const train::Experiment& experiment, CompareJob* job) {
  const Activation activation = activation_of(experiment.dataset->targets().task);
  job->config.compare.methods = {kProbe};
  for (const Json& name : advice["methods"])
    if (name != kProbe && fusion::find(name).supports(activation))
      job->config.compare.methods.push_back(name);
  job->sinks.info(fmt::format("advised: {} ({})", fmt::join(job->config.compare.methods, ", "),
                              advice["family"].get<std::string>()));
}

std::vector<train::Fold> open_folds(const CompareJob& job, const train::Experiment& experiment) {
  std::vector<train::Fold> folds;
  for (size_t f = 0; f < experiment.splits.size(); ++f) {
    folds.push_back(experiment.open_fold(f, job.num_threads, job.sinks));
    BRAID_CHECK(
        !folds.back().split.test.empty(), data,
        "compare: expected rows to test on, got none; set split.test above 0 or mark rows as test");
  }
  return folds;
}

}  // namespace

std::string plan_text(const CompareJob& job) {
  const train::Experiment experiment = train::open_experiment(job.config, job.sinks);
  const metrics::Method& metric = metric_of(job, experiment.dataset->targets().task);
  const std::vector<train::Fold> folds = open_folds(job, experiment);
  CompareJob known = job;
  const bool advised = is_advised(job);
  if (advised) known.config.compare.methods = {kProbe};
  const Plan plan = make_plan(known, experiment, folds);
  const data::Split& split = folds[0].split;
  std::string out = fmt::format(
      "rows        {} train, {} validation, {} test{}\nmetric      {}\n", split.train.size(),
      split.validation.size(), split.test.size(),
      folds.size() > 1 ? fmt::format(" in the first of {} folds", folds.size()) : "", metric.name);
  for (const Contender& c : plan.contenders)
    out += fmt::format("method      {:<20} {:<8} {}\n", c.name, fusion::to_string(c.method->family),
                       fmt::join(c.modalities, " + "));
  if (advised) out += "method      then those that fit what these show\n";
  if (job.config.compare.search.name == "halving")
    out +=
        fmt::format("search      {} candidates, chosen among after {} epochs\n",
                    candidates_of(known, plan).contenders.size(),
                    fmt::join(rungs_of(job.config.compare.search, job.config.train.epochs), ", "));
  return out + fmt::format("trials      {} ({} seeds, {} folds)\n", plan.trials.size(),
                           job.config.compare.seeds, folds.size());
}

Json compare(const CompareJob& asked) {
  CompareJob job = asked;
  model::parse_device(job.device);  // before anything is written
  BRAID_CHECK(!job.config.data.target.empty(), usage,
              "compare: expected a target; add --target NAME (a column of {})",
              job.config.data.manifest);
  const train::Experiment experiment = train::open_experiment(job.config, job.sinks);
  const metrics::Method& metric = metric_of(job, experiment.dataset->targets().task);
  std::vector<train::Fold> folds = open_folds(job, experiment);
  costs_of(job, folds[0]);  // for its errors, before anything is trained
  make_folders(job.out);
  write_file_atomically(job.out + "/config.json", dump_config(job.config).dump(2) + "\n");
  Json advice;
  if (is_advised(job)) {
    job.config.compare.methods = {kProbe};
    Plan probed = make_plan(job, experiment, folds);
    if (!run_trials(job, folds, metric, &probed)) return nullptr;
    advice = advice_from(experiment, folds, metric, probed);
    follow(advice, experiment, &job);
  }
  Plan plan = make_plan(job, experiment, folds);
  Json search;
  if (job.config.compare.search.name == "halving") {
    search = halve(job, folds, metric, &plan);
    if (search.is_null()) return nullptr;
  }
  if (!run_trials(job, folds, metric, &plan)) return nullptr;
  if (advice.is_null()) advice = advice_from(experiment, folds, metric, plan);

  Summary summary = summarize(experiment, folds, metric, plan);
  Json document = describe_run(job, experiment, folds, metric);
  document.update(summary.document);
  add_costs(job, folds, plan, summary.winner, &document);
  document["advice"] = advice;
  if (!search.is_null()) document["search"] = search;
  if (job.config.compare.stress)
    document["stress"] = stress_families(job, experiment, folds, metric, plan, document);
  double seconds = 0, waited = 0;
  for (const Trial& trial : plan.trials) {
    if (plan.contenders[trial.contender].is_late) continue;
    seconds += trial.result.progress.seconds;
    waited += trial.result.progress.waited_s;
  }
  document["notes"] = {fmt::format("Training waited for data {:.1f} % of its time.",
                                   seconds > 0 ? 100 * waited / seconds : 0.0)};
  save_winner(job, experiment, folds, metric, plan, summary.winner, document, job.out + "/best");
  if (summary.best_single != summary.winner)
    save_winner(job, experiment, folds, metric, plan, summary.best_single, document,
                job.out + "/best_single");
  write_file_atomically(job.out + "/compare.json", document.dump(2) + "\n");
  write_file_atomically(job.out + "/report.html", report::compare_page(document));
  return document;
}

}  // namespace braid::compare
