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
/// regression: plain shuffle) is expected equally often. Same length as `rows`.
std::vector<int64_t> epoch_order(const std::string& sampling, const std::vector<int64_t>& rows,
                                 const data::Targets& targets, Rng rng);

/// Inverse class frequency over `rows`, mean 1 per sample; for labels: per label, negatives over
/// positives is not used, all 1.
std::vector<double> balanced_class_weights(const std::vector<int64_t>& rows,
                                           const data::Targets& targets);

/// Modality dropout: hides each present modality of each sample with its own coin, never all that a
/// sample has. Changes Batch::present and mask only; what stands in the hidden places cannot
/// matter. Source   ModDrop, Neverova et al. 2015, arXiv:1501.00102.
void drop_modalities(double probability, Rng rng, data::Batch* batch);

}  // namespace braid::train
