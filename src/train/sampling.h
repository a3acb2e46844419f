// The order of training rows in each epoch, and which modalities a step hides.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/rng.h"
#include "data/batch.h"
#include "data/dataset.h"

namespace braid::train {

/// Rows of one epoch: shuffled, or drawn with replacement so that every class (every label;
/// regression: plain shuffle) is expected equally often ("balanced") or as often as the root of its
/// count ("square_root"). Same length as `rows`.
std::vector<int64_t> epoch_order(const std::string& sampling, const std::vector<int64_t>& rows,
                                 const data::Targets& targets, Rng rng);

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
