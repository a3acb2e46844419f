#include "compare/trials.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "core/error.h"
#include "core/thread_pool.h"
#include "model/tensors.h"
#include "train/late.h"

namespace braid::compare {
namespace {

Activation activation_of(metrics::Task task) {
  if (task == metrics::Task::regression) return Activation::identity;
  return task == metrics::Task::multilabel ? Activation::sigmoid : Activation::softmax;
}

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

train::TrainTask task_of(const CompareJob& job, const Contender& contender, train::Fold& fold,
                         const Trial& trial) {
  train::TrainTask task;
  task.store = fold.store.get();
  task.split = fold.split;
  task.model = contender.model;
  task.train = job.config.train;
  task.train.seed = trial.seed;
  task.augment = job.config.augment;
  task.name = contender.name;
  task.device = job.device;
  task.stop = job.stop;
  if (!job.out.empty())
    task.folder =
        fmt::format("{}/runs/{}/seed{}-fold{}", job.out, contender.name, trial.seed, trial.fold);
  return task;
}

// One overall bar from the fractions of trials that run side by side.
class SharedProgress {
 public:
  SharedProgress(const Sinks& sinks, size_t num_trials)
      : sinks_(sinks), fractions_(num_trials, 0.0) {}
  Sinks of(size_t trial, const std::string& label) {
    Sinks inner;
    inner.log = sinks_.log;
    inner.progress = [this, trial, label](const ProgressTick& t) {
      report(trial, t.total > 0 ? static_cast<double>(t.done) / static_cast<double>(t.total) : 0.0,
             label + ": " + t.detail);
    };
    return inner;
  }
  void report(size_t trial, double fraction, const std::string& detail) {
    std::lock_guard<std::mutex> lock(mutex_);
    fractions_[trial] = fraction;
    double sum = 0;
    for (double f : fractions_) sum += f;
    ProgressTick t;
    t.task = "compare";
    t.done = static_cast<int64_t>(sum * 1000);
    t.total = static_cast<int64_t>(fractions_.size()) * 1000;
    t.detail = detail;
    sinks_.tick(t);
  }

 private:
  const Sinks& sinks_;
  std::mutex mutex_;
  std::vector<double> fractions_;
};

void judge(const CompareJob& job, const Plan& plan, train::Fold& fold,
           const metrics::Method& metric, Trial* trial) {
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

}  // namespace

Plan make_plan(const CompareJob& job, const train::Experiment& experiment,
               const std::vector<train::Fold>& folds) {
  Plan plan;
  const auto& specs = folds[0].store->preparation().specs();
  const Activation activation = activation_of(experiment.dataset->targets().task);
  std::vector<std::string> all;
  for (size_t m : model::choose_modalities(job.config.model, specs)) all.push_back(specs[m].name);
  const auto& wanted = job.config.compare.methods;
  const bool wants_all = wanted == std::vector<std::string>{"all"};
  for (const std::string& name : wanted)
    if (!wants_all) fusion::find(name);
  for (const auto& item : job.config.compare.fusions.items()) fusion::find(item.key());

  auto add = [&](const fusion::Method& method, const std::string& name,
                 const std::vector<std::string>& modalities) {
    Contender contender;
    contender.name = name;
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
      if (contender.is_late && job.config.train.late == "separate" && single.contains(key) &&
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
    const bool is_named = std::find(wanted.begin(), wanted.end(), method->name) != wanted.end();
    const bool is_wanted = wants_all || is_named || (wanted.empty() && !method->is_on_request);
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
  for (size_t fold = 0; fold < folds.size(); ++fold)
    for (int64_t s = 0; s < job.config.compare.seeds; ++s)
      for (size_t c = 0; c < plan.contenders.size(); ++c) {
        Trial trial;
        trial.contender = c;
        trial.fold = fold;
        trial.seed = job.config.train.seed + s;
        plan.trials.push_back(std::move(trial));
      }
  return plan;
}

bool run_trials(const CompareJob& job, std::vector<train::Fold>& folds,
                const metrics::Method& metric, Plan* plan) {
  std::vector<size_t> first, second;  // what trains, and what combines trained single models
  for (size_t t = 0; t < plan->trials.size(); ++t) {
    const bool combines =
        plan->contenders[plan->trials[t].contender].is_late && job.config.train.late == "separate";
    (combines ? second : first).push_back(t);
  }
  // Longest first, so that no core idles at the end: fusions read every modality, singles one.
  std::stable_sort(first.begin(), first.end(), [&](size_t a, size_t b) {
    return plan->contenders[plan->trials[a].contender].modalities.size() >
           plan->contenders[plan->trials[b].contender].modalities.size();
  });
  SharedProgress progress(job.sinks, plan->trials.size());
  auto work = [&](const std::vector<size_t>& order) {
    const int side_by_side = static_cast<int>(
        std::max<size_t>(1, std::min<size_t>(order.size(), static_cast<size_t>(job.num_threads))));
    parallel_for(static_cast<int64_t>(order.size()), side_by_side, [&](int64_t i) {
      if (job.stop != nullptr && *job.stop) return;
      at::set_num_threads(std::max(1, job.num_threads / side_by_side));
      Trial& trial = plan->trials[order[static_cast<size_t>(i)]];
      const Contender& contender = plan->contenders[trial.contender];
      train::Fold& fold = folds[trial.fold];
      train::TrainTask task = task_of(job, contender, fold, trial);
      task.sinks = progress.of(order[static_cast<size_t>(i)],
                               fmt::format("{} seed {}", contender.name, trial.seed));
      try {
        if (contender.is_late && job.config.train.late == "separate") {
          std::vector<const train::TrainResult*> singles;
          for (const Trial& other : plan->trials)
            if (other.contender < plan->num_singles && other.fold == trial.fold &&
                other.seed == trial.seed)
              singles.push_back(&other.result);
          trial.result = train::combine_singles(task, singles);
        } else {
          trial.result = train::train(task);
        }
        if (trial.result.was_stopped) return;
        judge(job, *plan, fold, metric, &trial);
      } catch (const Error& e) {
        rethrow_with(e, contender.name);
      }
      progress.report(order[static_cast<size_t>(i)], 1.0,
                      fmt::format("{} seed {} done", contender.name, trial.seed));
    });
  };
  work(first);
  if (job.stop != nullptr && *job.stop) return false;
  work(second);
  return job.stop == nullptr || !*job.stop;
}

double latency_ms(train::TrainResult& result, data::PreparedStore& store,
                  const std::vector<int64_t>& rows) {
  constexpr int64_t kWarmUps = 5, kRounds = 40;
  at::set_num_threads(1);
  const c10::InferenceMode inference;
  const auto device = result.model->parameters()[0].device();
  std::vector<double> times;
  for (int64_t i = 0; i < kWarmUps + kRounds; ++i) {
    data::LoaderOptions options;
    options.batch_size = 1;
    options.num_workers = 0;
    options.modalities = result.modalities;
    data::Loader loader(store, {rows[static_cast<size_t>(i) % rows.size()]}, options);
    data::Batch batch;
    loader.next(&batch);
    const model::TensorBatch tensors =
        model::to_tensors(std::move(batch), result.model->specs(), device);
    const auto started = std::chrono::steady_clock::now();
    const at::Tensor scores =
        result.model->head().scores(result.model->forward(tensors.inputs).output).cpu();
    const double ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started)
            .count();
    if (i >= kWarmUps) times.push_back(ms);
  }
  std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
  return times[kRounds / 2];
}

}  // namespace braid::compare
