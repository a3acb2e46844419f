#include "compare/summary.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "compare/verdict.h"
#include "core/error.h"
#include "metrics/bootstrap.h"
#include "metrics/calibration.h"
#include "metrics/confusion.h"

namespace braid::compare {
namespace {

using metrics::Interval;
using metrics::Run;

class Summarizer {
 public:
  Summarizer(const train::Experiment& experiment, const std::vector<train::Fold>& folds,
             const metrics::Method& metric, const Plan& plan)
      : experiment_(experiment), folds_(folds), metric_(metric), plan_(plan) {}

  Summary run() {
    Summary summary;
    choose(&summary);
    summary.best_single = best_single_;
    summary.winner = winner_;
    compare_with_best_single();
    Json methods = Json::array();
    for (size_t c = 0; c < plan_.contenders.size(); ++c) methods.push_back(method(c));
    summary.document["methods"] = std::move(methods);
    summary.document["subsets"] = subset_table(summary.document["methods"]);
    summary.document["best_single"] = plan_.contenders[best_single_].name;
    summary.document["winner"] = plan_.contenders[winner_].name;
    summary.document["without"] = without();
    summary.document["verdict"] = words();
    return summary;
  }

 private:
  bool is_better(double a, double b) const {
    if (!std::isfinite(b)) return std::isfinite(a);
    return std::isfinite(a) && (metric_.higher_is_better ? a > b : a < b);
  }

  // By mean validation metric; a tie goes to the lower validation loss.
  void choose(Summary*) {
    has_fusion_ = false;
    for (size_t c = 0; c < plan_.contenders.size(); ++c) {
      double value = 0, loss = 0, count = 0;
      for (const Trial& trial : plan_.trials) {
        if (trial.contender != c) continue;
        value += trial.validation;
        loss += trial.result.validation.loss;
        count += 1;
      }
      validation_.push_back(value / count);
      losses_.push_back(loss / count);
    }
    auto beats = [&](size_t a, size_t b) {
      return is_better(validation_[a], validation_[b]) ||
             (!is_better(validation_[b], validation_[a]) && losses_[a] < losses_[b]);
    };
    for (size_t c = 1; c < plan_.contenders.size(); ++c) {
      if (c < plan_.num_singles && beats(c, best_single_)) best_single_ = c;
      if (beats(c, winner_)) winner_ = c;
      const fusion::Family family = plan_.contenders[c].method->family;
      const bool is_fusion =
          family != fusion::Family::single && plan_.contenders[c].modalities.size() > 1;
      if (is_fusion && (!has_fusion_ || beats(c, best_fusion_))) {
        best_fusion_ = c;
        has_fusion_ = true;
      }
    }
  }

  std::vector<Run> runs(size_t contender, int64_t subset = -1) const {
    std::vector<Run> all;
    for (const Trial& trial : plan_.trials) {
      if (trial.contender != contender) continue;
      Run run;
      run.predictions =
          subset < 0 ? trial.test.predictions : trial.subsets[static_cast<size_t>(subset)];
      run.set = static_cast<int64_t>(trial.fold);
      run.groups = train::groups_of(*experiment_.dataset, folds_[trial.fold].split.test);
      all.push_back(std::move(run));
    }
    return all;
  }

  // Of every other contender, alone and corrected for their number.
  void compare_with_best_single() {
    std::vector<std::vector<Run>> others;
    for (size_t c = 0; c < plan_.contenders.size(); ++c)
      if (c != best_single_) others.push_back(runs(c));
    const std::vector<metrics::Difference> all =
        metrics::bootstrap_differences(metric_, others, runs(best_single_));
    differences_.assign(plan_.contenders.size(), nullptr);
    for (size_t c = 0, next = 0; c < plan_.contenders.size(); ++c) {
      if (c == best_single_) continue;
      const metrics::Difference& one = all[next++];
      differences_[c] = metrics::to_json(one.alone);
      differences_[c]["corrected_interval"] = metrics::to_json(one.corrected)["interval"];
      differences_[c]["corrected_p"] = finite_or_null(one.p);
    }
  }

  // What the winner's test metric loses without some of its modalities.
  Json without() const {
    Json list = Json::array();
    const std::vector<std::string> modalities = all_modalities();
    if (plan_.contenders[winner_].modalities.size() < 2) return list;
    for (size_t s = 0; s + 1 < plan_.subsets.size(); ++s) {
      Json left_out = Json::array();
      for (size_t m = 0; m < modalities.size(); ++m)
        if (std::find(plan_.subsets[s].begin(), plan_.subsets[s].end(), m) ==
            plan_.subsets[s].end())
          left_out.push_back(modalities[m]);
      list.push_back(
          {{"modalities", std::move(left_out)},
           {"difference", metrics::to_json(metrics::bootstrap_difference(
                              metric_, runs(winner_, static_cast<int64_t>(s)), runs(winner_)))}});
    }
    std::stable_sort(list.begin(), list.end(), [](const Json& a, const Json& b) {
      return a["modalities"].size() < b["modalities"].size();
    });
    return list;
  }

  Json method(size_t c) {
    const Contender& contender = plan_.contenders[c];
    const std::vector<Run> all = runs(c);
    Json out;
    out["name"] = contender.name;
    out["family"] = fusion::to_string(contender.method->family);
    out["summary"] = contender.method->summary;
    out["modalities"] = contender.modalities;
    out["metric"] = metrics::to_json(metrics::bootstrap(metric_, all));
    out["validation"] = {{"mean", finite_or_null(validation_[c])}};
    out["settings"] = contender.settings;
    out["difference_to_best_single"] = c == best_single_ ? Json(nullptr) : differences_[c];
    Json every = Json::object();
    for (const metrics::Method* m : metrics::methods_for(experiment_.dataset->targets().task))
      every[m->name] = metrics::to_json(metrics::bootstrap(*m, all));
    out["metrics"] = std::move(every);
    add_runs(c, &out);
    add_details(all, &out);
    add_subsets(c, &out);
    return out;
  }

  void add_runs(size_t c, Json* out) const {
    Json list = Json::array(), curves = Json::array();
    double seconds = 0, count = 0;
    std::vector<double> weights(plan_.contenders[c].modalities.size(), 0.0);
    bool has_weights = false;
    std::map<std::string, double> shares_of_gradient;  // sums over runs
    for (const Trial& trial : plan_.trials) {
      if (trial.contender != c) continue;
      const train::Progress& p = trial.result.progress;
      list.push_back({{"seed", trial.seed},
                      {"fold", trial.fold},
                      {"best_epoch", p.best_epoch},
                      {"epochs", p.epoch},
                      {"metric", finite_or_null(metric_.value(trial.test.predictions))},
                      {"validation", finite_or_null(trial.validation)}});
      (*out)["parameters"] = trial.result.model->num_parameters();
      seconds += p.seconds;
      count += 1;
      if (trial.test.weights.defined() && trial.test.weights.numel() > 0) {
        const at::Tensor mean = trial.test.weights.to(at::kDouble).mean(0);
        for (size_t m = 0; m < weights.size(); ++m)
          weights[m] += mean[static_cast<int64_t>(m)].item<double>();
        has_weights = true;
      }
      if (p.history.empty()) continue;
      for (const train::EpochRecord& r : p.history)
        for (const train::ModalityRecord& m : r.modalities)
          shares_of_gradient[m.name] += m.gradient_share / static_cast<double>(p.history.size());
      Json curve = {{"run", list.size() - 1},
                    {"epoch", Json::array()},
                    {"train_loss", Json::array()},
                    {"validation_loss", Json::array()},
                    {"validation_metric", Json::array()}};
      for (const train::EpochRecord& r : p.history) {
        curve["epoch"].push_back(r.epoch);
        curve["train_loss"].push_back(finite_or_null(r.train_loss));
        curve["validation_loss"].push_back(finite_or_null(r.validation_loss));
        curve["validation_metric"].push_back(finite_or_null(r.validation_metric));
      }
      curves.push_back(std::move(curve));
    }
    (*out)["train_seconds"] = seconds / count;
    (*out)["runs"] = std::move(list);
    (*out)["curves"] = std::move(curves);
    if (!shares_of_gradient.empty()) {
      Json shares = Json::object();
      for (const std::string& name : plan_.contenders[c].modalities)
        shares[name] = shares_of_gradient[name] / count;
      (*out)["gradient_shares"] = std::move(shares);
    }
    if (!has_weights) return;
    Json shares = Json::object();
    for (size_t m = 0; m < weights.size(); ++m)
      shares[plan_.contenders[c].modalities[m]] = weights[m] / count;
    (*out)["weights"] = std::move(shares);
  }

  // Confusion, per-class results, calibration or scatter over all runs together.
  void add_details(const std::vector<Run>& all, Json* out) const {
    metrics::Predictions pooled;
    for (const Run& run : all) {
      pooled.task = run.predictions.task;
      pooled.num_outputs = run.predictions.num_outputs;
      pooled.scores.insert(pooled.scores.end(), run.predictions.scores.begin(),
                           run.predictions.scores.end());
      pooled.targets.insert(pooled.targets.end(), run.predictions.targets.begin(),
                            run.predictions.targets.end());
    }
    if (pooled.task == metrics::Task::regression) {
      constexpr size_t kPoints = 500;
      Json points = Json::array();
      const size_t stride = std::max<size_t>(1, pooled.scores.size() / kPoints);
      for (size_t i = 0; i < pooled.scores.size() && points.size() < kPoints; i += stride)
        points.push_back({pooled.targets[i], pooled.scores[i]});
      (*out)["scatter"] = std::move(points);
      return;
    }
    const auto& labels = experiment_.dataset->targets().labels;
    Json classes = Json::array();
    const auto results = metrics::per_class(pooled);
    for (size_t k = 0; k < results.size(); ++k)
      classes.push_back({{"label", labels[k]},
                         {"precision", finite_or_null(results[k].precision)},
                         {"recall", finite_or_null(results[k].recall)},
                         {"f1", finite_or_null(results[k].f1)},
                         {"support", results[k].support}});
    (*out)["per_class"] = std::move(classes);
    if (pooled.task == metrics::Task::multilabel) return;
    (*out)["confusion"] = metrics::confusion_matrix(pooled);
    Json bins = Json::array();
    for (const auto& bin : metrics::reliability(pooled))
      bins.push_back({{"confidence", finite_or_null(bin.confidence)},
                      {"accuracy", finite_or_null(bin.accuracy)},
                      {"count", bin.count}});
    (*out)["calibration"] = std::move(bins);
  }

  Json names(const std::vector<size_t>& subset) const {
    Json list = Json::array();
    for (size_t m : subset) list.push_back(all_modalities()[m]);
    return list;
  }
  // The singles come first, one per modality.
  std::vector<std::string> all_modalities() const {
    std::vector<std::string> all;
    for (size_t c = 0; c < plan_.num_singles; ++c) all.push_back(plan_.contenders[c].name);
    return all;
  }

  void add_subsets(size_t c, Json* out) const {
    Json list = Json::array();
    for (size_t s = 0; s < plan_.subsets.size(); ++s) {
      const bool is_full = s + 1 == plan_.subsets.size();
      Json entry = {{"modalities", names(plan_.subsets[s])}};
      if (plan_.contenders[c].method->family == fusion::Family::single) {
        bool holds = false;  // a single model ignores what it does not read: its result is the same
                             // in every subset that holds its modality
        for (size_t m : plan_.subsets[s])
          holds = holds || all_modalities()[m] == plan_.contenders[c].name;
        if (!holds) continue;
        entry.update((*out)["metric"]);
      } else if (is_full) {
        entry.update((*out)["metric"]);
      } else {
        entry.update(
            metrics::to_json(metrics::bootstrap(metric_, runs(c, static_cast<int64_t>(s)))));
      }
      list.push_back(std::move(entry));
    }
    (*out)["subsets"] = std::move(list);
  }

  Json subset_table(const Json& methods) const {
    Json table = Json::array();
    for (const auto& subset : plan_.subsets) {
      Json row = {{"modalities", names(subset)}, {"methods", Json::object()}};
      for (const Json& m : methods)
        for (const Json& entry : m["subsets"])
          if (entry["modalities"] == row["modalities"])
            row["methods"][m["name"].get<std::string>()] = entry["mean"];
      table.push_back(std::move(row));
    }
    return table;
  }

  std::string words() const {
    VerdictInput in;
    in.winner = plan_.contenders[winner_].name;
    in.best_single = plan_.contenders[best_single_].name;
    in.metric = metric_.name;
    in.higher_is_better = metric_.higher_is_better;
    in.is_share = metric_.higher_is_better && std::string(metric_.name) != "r2" &&
                  std::string(metric_.name) != "pearson" && std::string(metric_.name) != "spearman";
    if (has_fusion_) {
      in.best_fusion = plan_.contenders[best_fusion_].name;
      in.fusion_gain =
          metrics::bootstrap_difference(metric_, runs(best_fusion_), runs(best_single_));
    }
    return verdict(in);
  }

  const train::Experiment& experiment_;
  const std::vector<train::Fold>& folds_;
  const metrics::Method& metric_;
  const Plan& plan_;
  std::vector<double> validation_, losses_;
  std::vector<Json> differences_;  // to the best single, by contender
  size_t best_single_ = 0, winner_ = 0, best_fusion_ = 0;
  bool has_fusion_ = false;
};

}  // namespace

Summary summarize(const train::Experiment& experiment, const std::vector<train::Fold>& folds,
                  const metrics::Method& metric, const Plan& plan) {
  return Summarizer(experiment, folds, metric, plan).run();
}

const Trial& best_trial(const Plan& plan, size_t contender, const metrics::Method& metric,
                        int64_t fold) {
  const Trial* best = nullptr;
  for (const Trial& trial : plan.trials) {
    const bool is_there = fold < 0 || trial.fold == static_cast<size_t>(fold);
    if (trial.contender != contender || !is_there) continue;
    const bool is_better =
        best == nullptr || (metric.higher_is_better ? trial.validation > best->validation
                                                    : trial.validation < best->validation);
    if (is_better) best = &trial;
  }
  BRAID_ASSERT(best != nullptr);
  return *best;
}

}  // namespace braid::compare
