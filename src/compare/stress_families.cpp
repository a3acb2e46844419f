#include "compare/stress_families.h"

#include <algorithm>
#include <cmath>

#include "compare/summary.h"
#include "core/error.h"
#include "explain/robustness.h"
#include "explain/stress.h"
#include "model/bundle.h"

namespace braid::compare {
namespace {

// One contender for each family, in this order.
std::vector<size_t> best_of_families(const Plan& plan, const Json& document) {
  const bool higher = document["metric"]["higher_is_better"].get<bool>();
  std::vector<size_t> chosen;
  for (fusion::Family family : {fusion::Family::single, fusion::Family::early, fusion::Family::late,
                                fusion::Family::hybrid}) {
    double best = std::nan("");
    size_t place = plan.contenders.size();
    for (size_t c = 0; c < plan.contenders.size(); ++c) {
      const Json& value = document["methods"][c]["validation"]["mean"];
      if (plan.contenders[c].method->family != family || !value.is_number()) continue;
      const double v = value.get<double>();
      if (std::isfinite(best) && (higher ? v <= best : v >= best)) continue;
      best = v;
      place = c;
    }
    if (place < plan.contenders.size()) chosen.push_back(place);
  }
  return chosen;
}

double mean_of(const Json& value) {
  return value.at("mean").is_number() ? value.at("mean").get<double>() : std::nan("");
}

// Lost of the clean value, above 0 = worse.
double lost(const Json& method, double value) {
  const double sign = method.at("metric").at("higher_is_better").get<bool>() ? 1 : -1;
  return sign * (mean_of(method.at("clean")) - value);
}

// The curve where every modality of a row has its own coin; that of the only one for a single.
double lost_in_half(const Json& method) {
  return lost(method, mean_of(method.at("missing_at_random").back().at("points").at(5)));
}

double lost_in_wrong_pairs(const Json& method) {
  double sum = 0;
  for (const Json& one : method.at("shuffled")) sum += lost(method, mean_of(one));
  return sum / static_cast<double>(method.at("shuffled").size());
}

// "early 0.120 (concat), late 0.031 (average)" and who loses least.
std::string ranked(const Json& methods, double (*lost_by)(const Json&)) {
  std::vector<std::string> parts;
  std::string least;
  double smallest = 0;
  for (const Json& method : methods) {
    const double value = lost_by(method);
    const std::string family = method.at("family");
    parts.push_back(
        fmt::format("{} {:.3f} ({})", family, value, method.at("name").get<std::string>()));
    if (least.empty() || value < smallest) least = family, smallest = value;
  }
  return fmt::format("{}; {} loses least", fmt::join(parts, ", "), least);
}

}  // namespace

std::vector<std::string> claims(const Json& methods) {
  Json fused = Json::array();
  for (const Json& method : methods)
    if (method.at("family") != "single") fused.push_back(method);
  if (fused.size() < 2) return {};
  const std::string metric = fused[0].at("metric").at("name");
  return {
      fmt::format("Lost {} with one modality taken from another row (mean over modalities): {}.",
                  metric, ranked(fused, lost_in_wrong_pairs)),
      fmt::format("Lost {} with each modality missing in half of the rows: {}.", metric,
                  ranked(fused, lost_in_half))};
}

Json stress_families(const CompareJob& job, const train::Experiment& experiment,
                     const std::vector<train::Fold>& folds, const metrics::Method& metric,
                     const Plan& plan, const Json& document) {
  const std::vector<int64_t>& rows = folds[0].split.test;
  explain::StressOptions options;
  options.metric = metric.name;
  options.seed = static_cast<uint64_t>(job.config.train.seed);
  options.num_threads = job.num_threads;
  options.groups = train::groups_of(*experiment.dataset, rows);
  options.sinks = job.sinks;
  Json methods = Json::array();
  std::string baseline;
  for (size_t c : best_of_families(plan, document)) {
    const Trial& trial = best_trial(plan, c, metric, /*fold=*/0);
    model::Bundle bundle{trial.result.model, folds[0].store->preparation(), trial.result.modalities,
                         experiment.dataset->config().target, experiment.dataset->targets().labels};
    Json one = {{"name", plan.contenders[c].name},
                {"family", fusion::to_string(plan.contenders[c].method->family)}};
    one.update(explain::stress(bundle, *experiment.dataset, rows, options));
    if (baseline.empty() || one["family"] == "late") baseline = one["name"];
    methods.push_back(std::move(one));
  }
  const auto is_baseline = [&](const Json& one) { return one["name"] == baseline; };
  const Json known = *std::find_if(methods.begin(), methods.end(), is_baseline);
  for (Json& one : methods) explain::add_effective_robustness(known, &one);
  const std::vector<std::string> said = claims(methods);
  return {{"baseline", baseline}, {"claims", said}, {"methods", std::move(methods)}};
}

}  // namespace braid::compare
