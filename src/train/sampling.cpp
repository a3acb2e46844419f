#include "train/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/thread_pool.h"

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

std::vector<int64_t> in_buckets(const std::vector<int64_t>& order,
                                const std::vector<int64_t>& lengths, int64_t batch_size, Rng rng) {
  constexpr int64_t kBatches = 16;
  BRAID_ASSERT(order.size() == lengths.size());
  const auto N = static_cast<int64_t>(order.size());
  std::vector<size_t> places(order.size());
  std::iota(places.begin(), places.end(), size_t{0});
  for (int64_t first = 0; first < N; first += kBatches * batch_size)
    std::stable_sort(places.begin() + first,
                     places.begin() + std::min(N, first + kBatches * batch_size),
                     [&](size_t a, size_t b) { return lengths[a] < lengths[b]; });
  // A last, smaller batch stays the last: moved, it would shift all that come after it.
  std::vector<int64_t> batches(static_cast<size_t>(N / batch_size));
  std::iota(batches.begin(), batches.end(), int64_t{0});
  rng.shuffle(batches);
  if (N % batch_size > 0) batches.push_back(N / batch_size);
  std::vector<int64_t> result;
  result.reserve(order.size());
  for (const int64_t batch : batches)
    for (int64_t i = batch * batch_size; i < std::min(N, (batch + 1) * batch_size); ++i)
      result.push_back(order[places[static_cast<size_t>(i)]]);
  return result;
}

EpochOrder::EpochOrder(const TrainConfig& config, std::vector<int64_t> rows,
                       data::PreparedStore& store, std::vector<size_t> modalities, int num_threads)
    : config_(config),
      rows_(std::move(rows)),
      store_(store),
      modalities_(std::move(modalities)),
      num_threads_(std::max(num_threads, 1)) {}

std::vector<int64_t> EpochOrder::of(const Rng& epoch) {
  const std::vector<int64_t> order =
      epoch_order(config_.sampling, rows_, store_.dataset().targets(), epoch.fork("order"));
  if (config_.batches != "by_length") return order;
  if (lengths_.empty()) {
    lengths_.assign(static_cast<size_t>(store_.dataset().size()), 0);
    parallel_for(static_cast<int64_t>(rows_.size()), num_threads_, [this](int64_t i) {
      const int64_t row = rows_[static_cast<size_t>(i)];
      for (const size_t m : modalities_)
        lengths_[static_cast<size_t>(row)] += store_.get(row, m)->length;
    });
  }
  std::vector<int64_t> lengths;
  for (const int64_t row : order) lengths.push_back(lengths_[static_cast<size_t>(row)]);
  return in_buckets(order, lengths, config_.batch_size, epoch.fork("buckets"));
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
