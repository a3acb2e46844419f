#include "compare/pareto.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/error.h"
#include "model/tensors.h"
#include "train/by_modality.h"

namespace braid::compare {
namespace {

bool beats(const std::vector<double>& a, const std::vector<double>& b) {
  bool is_smaller = false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!(a[i] <= b[i])) return false;
    is_smaller = is_smaller || a[i] < b[i];
  }
  return is_smaller;
}

// Median milliseconds of one prepared sample through the model on one thread, without the
// modalities `hidden` (of the model).
double latency_ms(train::TrainResult& result, train::Fold& fold,
                  const std::vector<size_t>& hidden = {}) {
  constexpr int64_t kWarmUps = 5, kRounds = 40;
  const std::vector<int64_t>& rows = fold.split.test;
  at::set_num_threads(1);
  const c10::InferenceMode inference;
  const auto device = result.model->parameters()[0].device();
  std::vector<double> times;
  for (int64_t i = 0; i < kWarmUps + kRounds; ++i) {
    data::LoaderOptions options;
    options.batch_size = 1;
    options.num_workers = 0;
    options.modalities = result.modalities;
    data::Loader loader(*fold.store, {rows[static_cast<size_t>(i) % rows.size()]}, options);
    data::Batch batch;
    loader.next(&batch);
    model::TensorBatch tensors = model::to_tensors(std::move(batch), result.model->specs(), device);
    for (size_t m : hidden) tensors.inputs[m].present.zero_();
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

std::vector<std::string> names_of(const train::Fold& fold) {
  std::vector<std::string> names;
  for (const data::ModalitySpec& spec : fold.store->preparation().specs())
    names.push_back(spec.name);
  return names;
}

// The change in shares of what it was: -0.8 = 80 % less.
Json change(double now, double before) { return finite_or_null(now / before - 1); }

}  // namespace

std::vector<bool> pareto_front(const std::vector<std::vector<double>>& points) {
  std::vector<bool> on_front;
  for (const std::vector<double>& point : points) {
    const bool has_all =
        std::none_of(point.begin(), point.end(), [](double x) { return std::isnan(x); });
    on_front.push_back(has_all &&
                       std::none_of(points.begin(), points.end(),
                                    [&](const auto& other) { return beats(other, point); }));
  }
  return on_front;
}

std::vector<double> costs_of(const CompareJob& job, const train::Fold& fold) {
  const std::vector<std::string> all = names_of(fold);
  return train::in_order(
      train::by_modality(job.config.compare.costs, "compare.costs", all, at_least(0)), all, 1.0);
}

void add_costs(const CompareJob& job, std::vector<train::Fold>& folds, Plan& plan, size_t winner,
               Json* document) {
  const std::vector<std::string> all = names_of(folds[0]);
  const std::vector<double> known = costs_of(job, folds[0]);
  const auto cost_of = [&](const Json& modalities) {
    double sum = 0;
    for (size_t m = 0; m < all.size(); ++m)
      if (std::find(modalities.begin(), modalities.end(), Json(all[m])) != modalities.end())
        sum += known[m];
    return sum;
  };
  const auto trial_of = [&](size_t contender) -> Trial& {
    return *std::find_if(plan.trials.begin(), plan.trials.end(),
                         [&](const Trial& trial) { return trial.contender == contender; });
  };

  const double sign = (*document)["metric"]["higher_is_better"].get<bool>() ? -1 : 1;
  std::vector<std::vector<double>> points;
  for (size_t c = 0; c < plan.contenders.size(); ++c) {
    Json& method = (*document)["methods"][c];
    Trial& trial = trial_of(c);
    const double ms = latency_ms(trial.result, folds[trial.fold]);
    method["latency_ms"] = ms;
    method["cost"] = cost_of(method["modalities"]);
    const Json& validation = method["validation"]["mean"];
    points.push_back({validation.is_number() ? sign * validation.get<double>() : std::nan(""), ms,
                      method["parameters"].get<double>(), method["cost"].get<double>()});
  }
  const std::vector<bool> on_front = pareto_front(points);
  Json front = Json::array(), costs = Json::object();
  for (size_t c = 0; c < points.size(); ++c)
    if (on_front[c]) front.push_back(plan.contenders[c].name);
  for (size_t m = 0; m < all.size(); ++m) costs[all[m]] = known[m];
  (*document)["pareto"] = {{"axes", {"validation", "latency_ms", "parameters", "cost"}},
                           {"costs", std::move(costs)},
                           {"front", std::move(front)}};

  Trial& best = trial_of(winner);
  const Json& own = (*document)["methods"][winner];
  for (Json& less : (*document)["without"]) {
    std::vector<size_t> hidden;
    for (size_t m = 0; m < own["modalities"].size(); ++m)
      for (const Json& name : less["modalities"])
        if (name == own["modalities"][m]) hidden.push_back(m);
    const double ms = latency_ms(best.result, folds[best.fold], hidden);
    less["latency_ms"] = ms;
    less["latency_change"] = change(ms, own["latency_ms"].get<double>());
    less["cost_change"] =
        change(own["cost"].get<double>() - cost_of(less["modalities"]), own["cost"].get<double>());
  }
}

}  // namespace braid::compare
