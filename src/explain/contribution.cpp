#include "explain/contribution.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "explain/information.h"
#include "train/evaluate.h"

namespace braid::explain {
namespace {

using metrics::Interval;
using metrics::Predictions;

bool has_classes(metrics::Task task) {
  return task == metrics::Task::binary || task == metrics::Task::multiclass;
}

void check_bundle(const model::Bundle& bundle, size_t num_rows) {
  const size_t M = bundle.model->specs().size();
  BRAID_CHECK(M >= 2 && M <= kMostModalities, usage,
              "explain: expected a bundle of 2 to {} modalities, got {}; contributions are shares "
              "among several",
              kMostModalities, M);
  BRAID_CHECK(num_rows >= 2, data, "explain: expected at least 2 rows, got {}", num_rows);
}

void check_classes(const model::Bundle& bundle, const data::Targets& targets,
                   const std::vector<int64_t>& rows) {
  if (!has_classes(targets.task)) return;
  std::set<double> classes;
  for (int64_t row : rows) classes.insert(targets.values[static_cast<size_t>(row)]);
  BRAID_CHECK(classes.size() > 1, data,
              "explain: expected rows of at least two classes, got {} rows of \"{}\" alone; what "
              "tells classes apart cannot be seen",
              rows.size(), bundle.labels[static_cast<size_t>(*classes.begin())]);
}

// What can be said without any modality: how frequent classes and labels are among the rows, the
// mean of values. A model's own answer there, which no training row asked for, may be worse than
// that, and every modality would seem to help by as much.
void know_frequencies_alone(Predictions* none) {
  const auto K = static_cast<size_t>(none->num_outputs);
  std::vector<double> means(K);
  if (has_classes(none->task))
    means = class_shares(*none);
  else
    for (size_t i = 0; i < none->targets.size(); ++i)
      means[i % K] += none->targets[i] / static_cast<double>(none->size());
  for (size_t i = 0; i < none->scores.size(); ++i) none->scores[i] = means[i % K];
}

class Explanation {
 public:
  Explanation(std::vector<std::string> names, std::vector<Predictions> of_subset,
              const metrics::Method& metric, const ContributionOptions& options)
      : options_(options),
        of_subset_(std::move(of_subset)),
        metric_(metric),
        names_(std::move(names)) {}

  Json summary(const Contributions& of_rows) const {
    const size_t M = names_.size();
    // Values of subsets, then what follows from them, so that each gets an interval of its own.
    const std::vector<Interval> all = metrics::bootstrap_rows(
        of_subset_[0].size(), options_.groups,
        [this](const std::vector<int64_t>& rows) { return statistics(rows); }, options_.bootstrap);
    size_t next = of_subset_.size();
    const auto take = [&all, &next] { return metrics::to_json(all[next++]); };
    Json out = {
        {"metric", {{"name", metric_.name}, {"higher_is_better", metric_.higher_is_better}}},
        {"bootstrap",
         {{"resamples", options_.bootstrap.num_resamples}, {"level", options_.bootstrap.level}}},
        {"rows", of_subset_[0].size()},
        {"modalities", names_}};
    Json subsets = Json::array(), modalities = Json::array(), pairs = Json::array();
    for (size_t bits = 0; bits < of_subset_.size(); ++bits) {
      Json one = metrics::to_json(all[bits]);
      one["modalities"] = names_of(bits);
      subsets.push_back(std::move(one));
    }
    for (size_t m = 0; m < M; ++m) {
      Json one = {{"name", names_[m]}};
      one["shapley"] = take();
      one["alone"] = take();
      one["leave_one_out"] = take();
      one["leads"] = leads(of_rows, m);
      one["moves"] = moves(of_rows, m);
      modalities.push_back(std::move(one));
    }
    for (size_t i = 0; i < M; ++i)
      for (size_t j = i + 1; j < M; ++j) {
        Json one = {{"modalities", {names_[i], names_[j]}}};
        one["interaction"] = take();
        if (has_classes(of_subset_[0].task)) one["information"] = information(i, j);
        pairs.push_back(std::move(one));
      }
    out["subsets"] = std::move(subsets);
    out["contributions"] = std::move(modalities);
    out["pairs"] = std::move(pairs);
    return out;
  }

  // Of each row: the score of one output, shared out.
  void share_out(Contributions* out) const {
    const Predictions& whole = of_subset_.back();
    const auto K = static_cast<size_t>(whole.num_outputs);
    for (size_t row = 0; row < static_cast<size_t>(whole.size()); ++row) {
      const auto begin = whole.scores.begin() + static_cast<int64_t>(row * K);
      const auto output =
          static_cast<size_t>(std::max_element(begin, begin + static_cast<int64_t>(K)) - begin);
      Game game;
      for (const Predictions& subset : of_subset_) game.push_back(subset.scores[row * K + output]);
      out->outputs.push_back(static_cast<int64_t>(output));
      out->base.push_back(game.front());
      out->score.push_back(game.back());
      for (double share : shapley_values(game)) out->shares.push_back(share);
    }
  }

 private:
  std::vector<std::string> names_of(size_t bits) const {
    std::vector<std::string> names;
    for (size_t m = 0; m < names_.size(); ++m)
      if (bits >> m & 1) names.push_back(names_[m]);
    return names;
  }

  // The metric of every subset; then per modality Shapley value, alone, leave-one-out; then per
  // pair the interaction. What helps is above 0 whatever the metric's direction.
  std::vector<double> statistics(const std::vector<int64_t>& rows) const {
    std::vector<double> values;
    Game game;
    for (const Predictions& subset : of_subset_) {
      values.push_back(metric_.value(metrics::select(subset, rows)));
      game.push_back(metric_.higher_is_better ? values.back() : -values.back());
    }
    const std::vector<double> shares = shapley_values(game), single = alone(game),
                              lost = leave_one_out(game), pairs = shapley_interactions(game);
    const size_t M = names_.size();
    for (size_t m = 0; m < M; ++m) values.insert(values.end(), {shares[m], single[m], lost[m]});
    for (size_t i = 0; i < M; ++i)
      for (size_t j = i + 1; j < M; ++j) values.push_back(pairs[i * M + j]);
    return values;
  }

  // Share of the rows whose score modality m moved more than any other; nobody where two moved it
  // alike.
  double leads(const Contributions& of_rows, size_t m) const {
    const size_t M = names_.size(), N = of_rows.rows.size();
    double count = 0;
    for (size_t i = 0; i < N; ++i) {
      bool is_largest = true;
      for (size_t k = 0; k < M; ++k)
        is_largest = is_largest && (k == m || std::abs(of_rows.shares[i * M + m]) >
                                                  std::abs(of_rows.shares[i * M + k]));
      count += is_largest ? 1 : 0;
    }
    return count / static_cast<double>(N);
  }

  double moves(const Contributions& of_rows, size_t m) const {
    double sum = 0;
    for (size_t i = m; i < of_rows.shares.size(); i += names_.size())
      sum += std::abs(of_rows.shares[i]);
    return sum / static_cast<double>(of_rows.rows.size());
  }

  Json information(size_t i, size_t j) const {
    const size_t a = size_t{1} << i, b = size_t{1} << j;
    const Decomposition parts =
        decompose(class_shares(of_subset_[0]), information_of(of_subset_[a]),
                  information_of(of_subset_[b]), information_of(of_subset_[a | b]));
    return {{"redundant", parts.redundant},
            {"unique", {parts.unique_a, parts.unique_b}},
            {"synergistic", parts.synergistic}};
  }

  const ContributionOptions& options_;
  std::vector<Predictions> of_subset_;  // by bits
  const metrics::Method& metric_;
  std::vector<std::string> names_;
};

}  // namespace

Contributions contributions(model::Bundle& bundle, data::PreparedStore& store,
                            const std::vector<int64_t>& rows, const ContributionOptions& options) {
  const data::Targets& targets = store.dataset().targets();
  check_bundle(bundle, rows.size());
  check_classes(bundle, targets, rows);
  const metrics::Method& metric = metrics::choose("--metric", options.metric, targets.task);
  std::vector<Predictions> of_subset;
  for (train::Evaluation& one : train::evaluate_subsets(
           *bundle.model, store, bundle.modalities, rows, subsets_of(bundle.model->specs().size())))
    of_subset.push_back(std::move(one.predictions));
  know_frequencies_alone(&of_subset[0]);
  Contributions out;
  out.rows = rows;
  for (const data::ModalitySpec& spec : bundle.model->specs()) out.modalities.push_back(spec.name);
  const Explanation explanation(out.modalities, std::move(of_subset), metric, options);
  explanation.share_out(&out);
  out.summary = explanation.summary(out);
  return out;
}

}  // namespace braid::explain
