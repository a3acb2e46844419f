// One contrastive step's loss and gradients, with a batch as large as its embeddings allow.
#pragma once
#include <torch/torch.h>

#include <optional>
#include <vector>

#include "core/rng.h"
#include "layers/encoded.h"
#include "model/shared_space.h"
#include "train/contrastive.h"

namespace braid::train {

/// The loss of a batch, whose gradients are added to those of the space's parameters. With
/// `chunk` > 0 and fewer rows than the batch, rows are encoded `chunk` at a time without
/// gradients, the loss gives the gradient of each embedding, and each chunk is encoded once more,
/// by the same random numbers, to carry it on: the gradients of the whole batch to rounding.
///
/// Shapes   inputs [M] of B rows each, keys as Contrast has them.
/// Missing  nothing where no two modalities have two rows in common: no gradient then.
/// Cost     activations of `chunk` rows at a time, for a second pass forward.
/// Source   Gao et al. 2021 (GradCache), arXiv:2101.06983.
std::optional<double> contrastive_step(model::SharedSpace& space, const std::vector<Input>& inputs,
                                       const std::vector<at::Tensor>& keys,
                                       const ContrastOptions& options, int64_t chunk,
                                       const Rng& rng);

/// Rows begin to begin + size of a batch; no value is copied.
Input rows_of(const Input& input, int64_t begin, int64_t size);

}  // namespace braid::train
