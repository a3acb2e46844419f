#include "train/sampling.h"

#include <algorithm>
#include <cmath>

namespace braid::train {
namespace {

bool has_classes(const data::Targets& targets) {
  return targets.task == metrics::Task::binary || targets.task == metrics::Task::multiclass;
}

// Strata for balanced sampling: the class, or for labels each label (a row without labels forms its
// own stratum).
std::vector<std::vector<int64_t>> strata(const std::vector<int64_t>& rows,
                                         const data::Targets& targets) {
  const int64_t L = static_cast<int64_t>(targets.labels.size());
  std::vector<std::vector<int64_t>> by_label(static_cast<size_t>(L) + 1);
  for (int64_t row : rows) {
    if (has_classes(targets)) {
      by_label[static_cast<size_t>(targets.values[static_cast<size_t>(row)])].push_back(row);
      continue;
    }
    bool has_label = false;
    for (int64_t l = 0; l < L; ++l) {
      if (targets.values[static_cast<size_t>(row * L + l)] == 0) continue;
      by_label[static_cast<size_t>(l)].push_back(row);
      has_label = true;
    }
    if (!has_label) by_label[static_cast<size_t>(L)].push_back(row);
  }
  by_label.erase(
      std::remove_if(by_label.begin(), by_label.end(), [](const auto& s) { return s.empty(); }),
      by_label.end());
  return by_label;
}

}  // namespace

std::vector<int64_t> epoch_order(const std::string& sampling, const std::vector<int64_t>& rows,
                                 const data::Targets& targets, Rng rng) {
  std::vector<int64_t> order = rows;
  if (sampling != "shuffle" && targets.task != metrics::Task::regression) {
    const auto groups = strata(rows, targets);
    std::vector<double> ends;  // of each group's part of [0, sum)
    double sum = 0;
    for (const auto& group : groups)
      ends.push_back(sum += std::sqrt(static_cast<double>(group.size())));
    for (int64_t& row : order) {
      size_t g = 0;
      if (sampling == "balanced") {
        g = rng.below(groups.size());
      } else {
        const double place = rng.uniform(0, sum);
        while (g + 1 < groups.size() && place >= ends[g]) ++g;
      }
      row = groups[g][rng.below(groups[g].size())];
    }
    return order;
  }
  rng.shuffle(order);
  return order;
}

std::vector<double> class_weights(const std::string& kind, const std::vector<int64_t>& rows,
                                  const data::Targets& targets) {
  if (kind == "none" || !has_classes(targets)) return {};
  std::vector<double> counts(targets.labels.size(), 0.0);
  for (int64_t row : rows)
    counts[static_cast<size_t>(targets.values[static_cast<size_t>(row)])] += 1;
  const double N = static_cast<double>(rows.size()), beta = 1 - 1 / N;
  std::vector<double> weights;
  double sum = 0;  // over the rows
  for (double count : counts) {
    const double size = kind == "balanced" ? count : (1 - std::pow(beta, count)) / (1 - beta);
    weights.push_back(count > 0 ? 1 / size : 0.0);
    sum += count * weights.back();
  }
  for (double& weight : weights) weight *= N / sum;
  return weights;
}

double dropout_factor(const std::string& schedule, int64_t epoch, int64_t epochs) {
  if (schedule == "constant") return 1;
  const double risen =
      epochs > 1 ? static_cast<double>(epoch - 1) / static_cast<double>(epochs - 1) : 1;
  return schedule == "rising" ? risen : 1 - risen;
}

void drop_modalities(const std::vector<double>& rates, Rng rng, data::Batch* batch) {
  const size_t M = batch->modalities.size();
  if (M < 2 || *std::max_element(rates.begin(), rates.end()) <= 0) return;
  std::vector<size_t> kept, hidden;
  for (size_t b = 0; b < batch->rows.size(); ++b) {
    kept.clear();
    hidden.clear();
    for (size_t m = 0; m < M; ++m) {
      const bool is_hidden = rng.chance(rates[m]);  // one coin each, present or not, so that a
                                                    // row's coins do not shift its neighbours'
      if (!batch->modalities[m].present[b]) continue;
      (is_hidden ? hidden : kept).push_back(m);
    }
    const double spared = rng.uniform();  // drawn for every row, for the same reason
    if (kept.empty() && !hidden.empty())
      hidden.erase(hidden.begin() +
                   static_cast<int64_t>(spared * static_cast<double>(hidden.size())));
    for (size_t m : hidden) {
      data::ModalityBatch& modality = batch->modalities[m];
      modality.present[b] = 0;
      std::fill_n(modality.mask.begin() + static_cast<int64_t>(b) * modality.length,
                  modality.length, uint8_t{0});
    }
  }
}

}  // namespace braid::train
