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
  if (sampling == "balanced" && targets.task != metrics::Task::regression) {
    const auto groups = strata(rows, targets);
    for (int64_t& row : order) {
      const auto& group = groups[rng.below(groups.size())];
      row = group[rng.below(group.size())];
    }
    return order;
  }
  rng.shuffle(order);
  return order;
}

std::vector<double> balanced_class_weights(const std::vector<int64_t>& rows,
                                           const data::Targets& targets) {
  if (!has_classes(targets)) return {};
  std::vector<double> counts(targets.labels.size(), 0.0);
  for (int64_t row : rows)
    counts[static_cast<size_t>(targets.values[static_cast<size_t>(row)])] += 1;
  double present = 0;
  for (double count : counts) present += count > 0;
  for (double& count : counts)
    count = count > 0 ? static_cast<double>(rows.size()) / (present * count) : 0.0;
  return counts;
}

void drop_modalities(double probability, Rng rng, data::Batch* batch) {
  const size_t M = batch->modalities.size();
  if (probability <= 0 || M < 2) return;
  std::vector<size_t> kept, hidden;
  for (size_t b = 0; b < batch->rows.size(); ++b) {
    kept.clear();
    hidden.clear();
    for (size_t m = 0; m < M; ++m) {
      const bool is_hidden = rng.chance(probability);  // one coin each, present or not, so that a
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
