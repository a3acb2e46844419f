#include "compare/trials.h"

#include <algorithm>

#include "compare/side_by_side.h"
#include "core/error.h"
#include "train/late.h"

namespace braid::compare {
namespace {

std::vector<std::vector<size_t>> all_subsets(size_t M) {
  std::vector<std::vector<size_t>> subsets;
  for (size_t size = 1; size <= M; ++size) {
    // Every subset up to five modalities; beyond that single ones, all but one, and all.
    if (M > 5 && size != 1 && size < M - 1) continue;
    for (uint64_t bits = 1; bits < (uint64_t{1} << M); ++bits) {
      if (static_cast<size_t>(__builtin_popcountll(bits)) != size) continue;
      std::vector<size_t> subset;
      for (size_t m = 0; m < M; ++m)
        if (bits >> m & 1) subset.push_back(m);
      subsets.push_back(std::move(subset));
    }
  }
  return subsets;
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Words of compare.methods: fusions, families, all.
void check_names(const std::vector<std::string>& wanted) {
  std::vector<std::string> families = {"all"};
  for (fusion::Family family : {fusion::Family::linear, fusion::Family::early, fusion::Family::late,
                                fusion::Family::hybrid})
    families.emplace_back(fusion::to_string(family));
  for (const std::string& name : wanted)
    if (!holds(families, name)) fusion::find(name);
}

void judge(const Plan& plan, train::Fold& fold, const metrics::Method& metric, Trial* trial) {
  const Contender& contender = plan.contenders[trial->contender];
  train::TrainResult& result = trial->result;
  trial->validation = metric.value(result.validation.predictions);
  std::vector<std::vector<size_t>> wanted;  // in the model's own modality indices
  std::vector<size_t> position;
  for (size_t s = 0; s < plan.subsets.size(); ++s) {
    if (contender.method->family == fusion::Family::single) {
      if (s + 1 == plan.subsets.size()) wanted.push_back({0}), position.push_back(s);
    } else {
      wanted.push_back(plan.subsets[s]);
      position.push_back(s);
    }
  }
  std::vector<train::Evaluation> evaluations = train::evaluate_subsets(
      *result.model, *fold.store, result.modalities, fold.split.test, wanted);
  trial->subsets.assign(plan.subsets.size(), {});
  for (size_t i = 0; i < wanted.size(); ++i)
    if (i + 1 < wanted.size()) trial->subsets[position[i]] = std::move(evaluations[i].predictions);
  trial->test = std::move(evaluations.back());
  trial->is_done = true;
}

void run_trial(const CompareJob& job, std::vector<train::Fold>& folds,
               const metrics::Method& metric, const Sinks& sinks, Plan* plan, Trial* trial) {
  const Contender& contender = plan->contenders[trial->contender];
  train::Fold& fold = folds[trial->fold];
  train::TrainTask task = task_of(job, contender, fold, *trial);
  task.sinks = sinks;
  if (combines_singles(job, contender)) {
    std::vector<const train::TrainResult*> singles;
    for (const Trial& other : plan->trials)
      if (other.contender < plan->num_singles && other.fold == trial->fold &&
          other.seed == trial->seed)
        singles.push_back(&other.result);
    trial->result = train::combine_singles(task, singles);
  } else {
    trial->result = train::train(task);
  }
  if (!trial->result.was_stopped) judge(*plan, fold, metric, trial);
}

}  // namespace

train::TrainConfig train_config(const CompareJob& job, const Contender& contender) {
  Json keys = dump_config(job.config.train);
  keys.update(contender.settings);
  train::TrainConfig config;
  read_config(keys, "compare.search.train", config);
  return config;
}

train::TrainTask task_of(const CompareJob& job, const Contender& contender, train::Fold& fold,
                         const Trial& trial) {
  train::TrainTask task;
  task.store = fold.store.get();
  task.split = fold.split;
  task.model = contender.model;
  task.train = train_config(job, contender);
  task.train.seed = trial.seed;
  task.augment = job.config.augment;
  task.name = contender.name;
  task.device = job.device;
  task.stop = job.stop;
  if (!job.out.empty())
    task.folder =
        fmt::format("{}/runs/{}/seed{}-fold{}", job.out, contender.folder, trial.seed, trial.fold);
  return task;
}

Activation activation_of(metrics::Task task) {
  if (task == metrics::Task::regression) return Activation::identity;
  return task == metrics::Task::multilabel ? Activation::sigmoid : Activation::softmax;
}

bool combines_singles(const CompareJob& job, const Contender& contender) {
  return contender.is_late && job.config.train.late == "separate";
}

std::vector<Trial> trials_of(const CompareJob& job, size_t num_contenders, size_t num_folds) {
  std::vector<Trial> trials;
  for (size_t fold = 0; fold < num_folds; ++fold)
    for (int64_t s = 0; s < job.config.compare.seeds; ++s)
      for (size_t c = 0; c < num_contenders; ++c) {
        Trial trial;
        trial.contender = c;
        trial.fold = fold;
        trial.seed = job.config.train.seed + s;
        trials.push_back(std::move(trial));
      }
  return trials;
}

Plan make_plan(const CompareJob& job, const train::Experiment& experiment,
               const std::vector<train::Fold>& folds) {
  Plan plan;
  const auto& specs = folds[0].store->preparation().specs();
  const Activation activation = activation_of(experiment.dataset->targets().task);
  std::vector<std::string> all;
  for (size_t m : model::choose_modalities(job.config.model, specs)) all.push_back(specs[m].name);
  const auto& wanted = job.config.compare.methods;
  check_names(wanted);
  for (const auto& item : job.config.compare.fusions.items()) fusion::find(item.key());

  auto add = [&](const fusion::Method& method, const std::string& name,
                 const std::vector<std::string>& modalities) {
    Contender contender;
    contender.name = contender.folder = name;
    contender.method = &method;
    contender.modalities = modalities;
    contender.is_late = method.family == fusion::Family::late;
    contender.model = job.config.model;
    contender.model.modalities = modalities;
    contender.model.encoders = Json::object();
    if (!method.reads_raw)
      for (const std::string& modality : modalities)
        if (job.config.model.encoders.contains(modality))
          contender.model.encoders[modality] = job.config.model.encoders[modality];
    contender.model.fusion = job.config.compare.fusions.value(method.name, Json::object());
    contender.model.fusion["name"] = method.name;
    // A late fusion is made of the single models: its heads are theirs.
    const Json single = job.config.compare.fusions.value("single", Json::object());
    for (const char* key : {"hidden", "missing"})
      if (combines_singles(job, contender) && single.contains(key) &&
          !contender.model.fusion.contains(key))
        contender.model.fusion[key] = single[key];
    plan.contenders.push_back(std::move(contender));
  };
  for (const fusion::Method* method : fusion::methods())
    if (method->family == fusion::Family::single)
      for (const std::string& modality : all) add(*method, modality, {modality});
  plan.num_singles = plan.contenders.size();
  for (const fusion::Method* method : fusion::methods()) {
    if (method->family == fusion::Family::single) continue;
    const bool is_named = holds(wanted, method->name);
    const bool is_wanted = is_named || holds(wanted, "all") ||
                           holds(wanted, fusion::to_string(method->family)) ||
                           (wanted.empty() && !method->is_on_request);
    if (!is_wanted || (all.size() < 2 && method->family != fusion::Family::linear)) continue;
    if (!method->supports(activation)) {
      BRAID_CHECK(!is_named, config, "compare.methods: '{}' does not fit a {} target; leave it out",
                  method->name, metrics::to_string(experiment.dataset->targets().task));
      job.sinks.info(
          fmt::format("{} is left out: it does not fit this kind of target", method->name));
      continue;
    }
    std::string name = method->name;
    while (std::find(all.begin(), all.end(), name) != all.end())
      name += "_fusion";  // a modality of the same name
    add(*method, name, all);
  }
  plan.subsets = all_subsets(all.size());
  plan.trials = trials_of(job, plan.contenders.size(), folds.size());
  return plan;
}

bool run_trials(const CompareJob& job, std::vector<train::Fold>& folds,
                const metrics::Method& metric, Plan* plan) {
  SideBySide bar(job, "compare", plan->trials.size());
  const auto is_combination = [&](const Trial& trial) {
    return combines_singles(job, plan->contenders[trial.contender]);
  };
  std::vector<SideBySide::Piece> trained, combined;
  for (size_t t = 0; t < plan->trials.size(); ++t) {
    Trial& trial = plan->trials[t];
    const Contender& contender = plan->contenders[trial.contender];
    (is_combination(trial) ? combined : trained)
        .push_back({t, contender.name, fmt::format("{} seed {}", contender.name, trial.seed),
                    [&, t](const Sinks& sinks) {
                      run_trial(job, folds, metric, sinks, plan, &plan->trials[t]);
                    }});
  }
  // Longest first, so that no core idles at the end: fusions read every modality, singles one.
  std::stable_sort(trained.begin(), trained.end(), [&](const auto& a, const auto& b) {
    const auto num_modalities = [&](const SideBySide::Piece& piece) {
      return plan->contenders[plan->trials[piece.index].contender].modalities.size();
    };
    return num_modalities(a) > num_modalities(b);
  });
  return bar.run(trained) && bar.run(combined);
}

}  // namespace braid::compare
