// Single rows, explained in all their parts: regions of a picture, words, sounds, columns.
#pragma once
#include "explain/contribution.h"

namespace braid::explain {

/// Indices into `explained` of at most `count` rows to look at: half those that the model is surest
/// of and right about, half those that it is surest of and wrong about (of values those with the
/// smallest and the largest error), outputs that were not shown yet first. Where one half is short
/// the other fills up.
std::vector<size_t> choose_samples(const Contributions& explained, const data::Targets& targets,
                                   size_t count);

/// Each chosen row with its prediction, its truth, the Shapley values of its modalities, and of
/// each modality's parts the integrated gradients, what the score loses where the part is taken
/// away (occlusion), and the share in attention rollout where the fusion has maps.
///
/// Shapes   -> "samples" of docs/explain-json.md.
/// Errors   as Loader.
/// Cost     for each row 64 to 512 forward and backward passes, and one encoding of a modality for
///          each of its parts.
Json samples(model::Bundle& bundle, data::PreparedStore& store, const Contributions& explained,
             const std::vector<size_t>& chosen);

}  // namespace braid::explain
