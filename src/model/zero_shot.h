// Classes from words alone: samples are compared with the vectors of what the labels say.
#pragma once
#include <string>
#include <vector>

#include "model/shared_space.h"

namespace braid::model {

/// What stands in a template where the label goes.
constexpr const char* kLabelPlace = "{}";

/// A vector per label: the mean of the vectors of all templates with the label in them, scaled to
/// length 1. `modality` is one of text.
///
/// Shapes   K labels -> [K, E].
/// Errors   usage: no label, one that is blank or stands twice, no template, one without {};
///          data: labels of which a learned vocabulary knows no word; as SharedSpace::embed().
/// Source   Radford et al. 2021, arXiv:2103.00020, 3.1.4: prompt ensembles.
at::Tensor label_vectors(SharedSpace& space, size_t modality,
                         const std::vector<std::string>& labels,
                         const std::vector<std::string>& templates, int num_threads = 1);

/// Whether the space was trained to judge each pair by itself, as SigLIP: its probabilities are
/// then those of each label alone and need not sum to 1.
bool judges_labels_alone(const SharedSpace& space);

/// softmax(scale * cosine) over the labels, or sigmoid(scale * cosine + bias) where
/// judges_labels_alone().
///
/// Shapes   rows [N, E], labels [K, E], both of length 1 -> [N, K] double, on the CPU.
at::Tensor label_probabilities(const SharedSpace& space, const at::Tensor& rows,
                               const at::Tensor& labels);

}  // namespace braid::model
