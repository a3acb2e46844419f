// The order of training rows in each epoch, and which modalities a step hides.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/rng.h"
#include "data/batch.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "train/config.h"

namespace braid::train {

/// Rows of one epoch: shuffled, or drawn with replacement so that every class (every label;
/// regression: plain shuffle) is expected equally often ("balanced") or as often as the root of its
/// count ("square_root"). Same length as `rows`.
std::vector<int64_t> epoch_order(const std::string& sampling, const std::vector<int64_t>& rows,
                                 const data::Targets& targets, Rng rng);

/// The same rows in batches of like length, so that padding costs less: within every run of 16
/// batches rows are sorted by length, ties as they came, and the batches are then put in random
/// order.
///
/// Shapes   order (N) rows, lengths (N) in the same order.
/// Source   as torchtext's BucketIterator and fairseq's batching do.
std::vector<int64_t> in_buckets(const std::vector<int64_t>& order,
                                const std::vector<int64_t>& lengths, int64_t batch_size, Rng rng);

/// The order of the training rows in every epoch, as the config says.
class EpochOrder {
 public:
  /// `store` and `config` outlive it.
  EpochOrder(const TrainConfig& config, std::vector<int64_t> rows, data::PreparedStore& store,
             std::vector<size_t> modalities, int num_threads);
  /// Cost: batches by length prepare every row once before the first epoch; the store keeps what it
  /// can. Errors: as PreparedStore::get.
  std::vector<int64_t> of(const Rng& epoch);

 private:
  const TrainConfig& config_;
  const std::vector<int64_t> rows_;
  data::PreparedStore& store_;
  const std::vector<size_t> modalities_;
  const int num_threads_;
  std::vector<int64_t> lengths_;  // of every row of the data set: tokens of all its modalities
};

/// Of each class, mean 1 per sample of `rows`: the inverse of its frequency ("balanced"), or of its
/// effective number (1 - beta^n) / (1 - beta) with beta = 1 - 1 / rows ("effective": closer to 1
/// the larger the class). Empty for "none", labels and numbers.
///
/// Source   Cui et al. 2019 (effective number), arXiv:1901.05555.
std::vector<double> class_weights(const std::string& kind, const std::vector<int64_t>& rows,
                                  const data::Targets& targets);

/// The factor of modality dropout in an epoch of 1 to `epochs`: "constant" 1, "rising" from 0 to 1,
/// "falling" from 1 to 0.
double dropout_factor(const std::string& schedule, int64_t epoch, int64_t epochs);

/// Modality dropout: hides each present modality of each sample with its own coin of that
/// modality's rate, never all that a sample has. Changes Batch::present and mask only; what stands
/// in the hidden places cannot matter. Source   ModDrop, Neverova et al. 2015, arXiv:1501.00102.
void drop_modalities(const std::vector<double>& rates, Rng rng, data::Batch* batch);

}  // namespace braid::train
