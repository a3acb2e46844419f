// What the advisor is told, measured on the validation rows.
#include <algorithm>
#include <cmath>

#include "calibration/temperature.h"
#include "compare/advisor.h"
#include "compare/presence.h"
#include "core/error.h"

namespace braid::compare {
namespace {

using metrics::Predictions;
using metrics::Run;

bool has_classes(metrics::Task task) {
  return task == metrics::Task::binary || task == metrics::Task::multiclass;
}

// Softmax of log scores / temperature, the temperature fitted to these rows.
Predictions calibrated(const Predictions& predictions) {
  Predictions made = predictions;
  std::vector<double> outputs;
  for (double score : predictions.scores) outputs.push_back(std::log(std::max(score, 1e-12)));
  const double temperature = calibration::fit_temperature(
      predictions.task, outputs, predictions.num_outputs, predictions.targets);
  const auto K = static_cast<size_t>(predictions.num_outputs);
  for (size_t row = 0; row < predictions.targets.size(); ++row) {
    double sum = 0;
    for (size_t k = 0; k < K; ++k)
      sum += made.scores[row * K + k] = std::exp(outputs[row * K + k] / temperature);
    for (size_t k = 0; k < K; ++k) made.scores[row * K + k] /= sum;
  }
  return made;
}

// Both opinions as if they were independent given the class: p(y|a) p(y|b) / p(y).
Predictions product(const Predictions& a, const Predictions& b) {
  Predictions made = a;
  const std::vector<double> shares = explain::class_shares(a);
  const auto K = static_cast<size_t>(a.num_outputs);
  for (size_t row = 0; row < a.targets.size(); ++row) {
    double sum = 0;
    for (size_t k = 0; k < K; ++k) {
      const size_t i = row * K + k;
      made.scores[i] =
          std::max(a.scores[i], 1e-12) * std::max(b.scores[i], 1e-12) / std::max(shares[k], 1e-12);
      sum += made.scores[i];
    }
    for (size_t k = 0; k < K; ++k) made.scores[row * K + k] /= sum;
  }
  return made;
}

// A row is wrong where its class, one of its labels, or its value by more than the median error is.
std::vector<bool> errors_of(const Predictions& p) {
  const auto K = static_cast<size_t>(p.num_outputs);
  const auto N = static_cast<size_t>(p.size());
  std::vector<bool> wrong(N);
  std::vector<double> distance(N);
  for (size_t row = 0; row < N; ++row) {
    const auto begin = p.scores.begin() + static_cast<int64_t>(row * K);
    if (has_classes(p.task)) {
      const auto best = std::max_element(begin, begin + static_cast<int64_t>(K)) - begin;
      wrong[row] = best != static_cast<int64_t>(p.targets[row]);
    } else if (p.task == metrics::Task::multilabel) {
      for (size_t k = 0; k < K; ++k)
        wrong[row] =
            wrong[row] || (p.scores[row * K + k] >= 0.5) != (p.targets[row * K + k] >= 0.5);
    } else {
      distance[row] = std::abs(p.scores[row] - p.targets[row]);
    }
  }
  if (p.task != metrics::Task::regression || N == 0) return wrong;
  std::vector<double> sorted = distance;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<int64_t>(N / 2), sorted.end());
  for (size_t row = 0; row < N; ++row) wrong[row] = distance[row] > sorted[N / 2];
  return wrong;
}

double shared_errors(const Predictions& a, const Predictions& b) {
  const std::vector<bool> in_a = errors_of(a), in_b = errors_of(b);
  double both = 0, either = 0;
  for (size_t row = 0; row < in_a.size(); ++row) {
    both += in_a[row] && in_b[row];
    either += in_a[row] || in_b[row];
  }
  return either > 0 ? both / either : 0;
}

class Gatherer {
 public:
  Gatherer(const train::Experiment& experiment, std::vector<train::Fold>& folds,
           const metrics::Method& metric, Plan& plan)
      : experiment_(experiment), folds_(folds), metric_(metric), plan_(plan) {}

  Evidence gather() {
    Evidence evidence;
    evidence.train_rows = static_cast<int64_t>(folds_[0].split.train.size());
    for (size_t c = 0; c < plan_.num_singles; ++c) evidence.modalities.push_back(modality(c));
    const bool knows_classes = has_classes(experiment_.dataset->targets().task);
    std::vector<std::vector<size_t>> subsets;
    for (size_t a = 0; a < plan_.num_singles; ++a)
      for (size_t b = a + 1; b < plan_.num_singles; ++b) {
        Evidence::Pair pair;
        pair.a = a;
        pair.b = b;
        pair.shared_errors = shared_errors(single(a), single(b));
        evidence.pairs.push_back(pair);
        subsets.push_back({a, b});
      }
    if (knows_classes) add_bits(subsets, &evidence.pairs);
    return evidence;
  }

 private:
  // The first seed on the first fold.
  Trial* trial_of(size_t contender) {
    for (Trial& trial : plan_.trials)
      if (trial.contender == contender && trial.fold == 0 && trial.is_done) return &trial;
    return nullptr;
  }
  const Predictions& single(size_t c) { return trial_of(c)->result.validation.predictions; }

  Evidence::Modality modality(size_t c) {
    Evidence::Modality one;
    one.name = plan_.contenders[c].name;
    std::vector<Run> own, nothing;
    double sum = 0;
    for (const Trial& trial : plan_.trials) {
      if (trial.contender != c) continue;
      Run run;
      run.predictions = trial.result.validation.predictions;
      run.set = static_cast<int64_t>(trial.fold);
      run.groups = train::groups_of(*experiment_.dataset, folds_[trial.fold].split.validation);
      nothing.push_back(run);
      know_nothing(trial.fold, &nothing.back().predictions);
      own.push_back(std::move(run));
      sum += trial.validation;
    }
    one.value = sum / static_cast<double>(own.size());
    one.gain = metrics::bootstrap_difference(metric_, own, nothing);
    if (!std::isfinite(one.gain.mean))  // of nothing there is none: a correlation
      one.gain = metrics::bootstrap(metric_, own);
    if (!metric_.higher_is_better) one.gain = {-one.gain.mean, -one.gain.high, -one.gain.low};
    const data::ModalitySpec& spec = trial_of(c)->result.model->specs()[0];
    one.tokens = std::max<int64_t>(1, spec.max_length);
    one.missing =
        1 - share_present(
                experiment_,
                folds_[0].store->preparation().modalities()[trial_of(c)->result.modalities[0]],
                folds_[0].split.train);
    return one;
  }

  // Frequencies of the classes and labels, the mean of values, among the training rows.
  void know_nothing(size_t fold, Predictions* p) {
    const data::Targets& targets = experiment_.dataset->targets();
    const std::vector<int64_t>& rows = folds_[fold].split.train;
    const std::vector<double> values = train::target_values(targets, rows);
    const auto K = static_cast<size_t>(p->num_outputs);
    std::vector<double> means(K);
    const double row = 1.0 / static_cast<double>(rows.size());
    for (size_t i = 0; i < values.size(); ++i)
      means[has_classes(p->task) ? static_cast<size_t>(values[i]) : i % K] +=
          has_classes(p->task) ? row : values[i] * row;
    for (size_t i = 0; i < p->scores.size(); ++i) p->scores[i] = means[i % K];
  }

  // The fusion of all modalities that validation likes best.
  Trial* probe() {
    Trial* best = nullptr;
    for (Trial& trial : plan_.trials) {
      const Contender& contender = plan_.contenders[trial.contender];
      if (trial.fold != 0 || !trial.is_done || contender.modalities.size() < 2) continue;
      if (best == nullptr || (metric_.higher_is_better ? trial.validation > best->validation
                                                       : trial.validation < best->validation))
        best = &trial;
    }
    return best;
  }

  void add_bits(const std::vector<std::vector<size_t>>& subsets,
                std::vector<Evidence::Pair>* pairs) {
    Trial* fused = probe();
    std::vector<train::Evaluation> together;
    if (fused != nullptr && !subsets.empty())
      together =
          train::evaluate_subsets(*fused->result.model, *folds_[0].store, fused->result.modalities,
                                  folds_[0].split.validation, subsets);
    for (size_t i = 0; i < pairs->size(); ++i) {
      Evidence::Pair& pair = (*pairs)[i];
      const Predictions a = calibrated(single(pair.a)), b = calibrated(single(pair.b));
      explain::Information both = explain::information_of(calibrated(product(a, b)));
      if (!together.empty()) {
        const explain::Information seen =
            explain::information_of(calibrated(together[i].predictions));
        if (seen.total > both.total) both = seen;
      }
      pair.bits = explain::decompose(explain::class_shares(a), explain::information_of(a),
                                     explain::information_of(b), both);
      pair.has_bits = true;
    }
  }

  const train::Experiment& experiment_;
  std::vector<train::Fold>& folds_;
  const metrics::Method& metric_;
  Plan& plan_;
};

}  // namespace

Evidence gather_evidence(const train::Experiment& experiment, std::vector<train::Fold>& folds,
                         const metrics::Method& metric, Plan& plan) {
  return Gatherer(experiment, folds, metric, plan).gather();
}

}  // namespace braid::compare
