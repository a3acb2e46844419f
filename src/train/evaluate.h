// What a model says of rows: scores for every sample, for any subset of the modalities.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "data/loader.h"
#include "metrics/metric.h"
#include "model/model.h"

namespace braid::train {

struct Evaluation {
  metrics::Predictions predictions;
  double loss = 0;      // mean head loss; 0 without rows
  Tensor per_modality;  // (N, M, O) where the fusion has them
  Tensor present;       // (N, M) bool
  Tensor weights;       // (N, M) where the fusion has them
};

/// Sees what the encoders made of each batch.
using LookAtEncoded = std::function<void(const std::vector<Encoded>& encoded)>;

/// `modalities`: the model's modalities as indices of the store's preparation. Runs without
/// gradients, in evaluation mode; leaves the model in it. Errors: as Loader; numeric, where an
/// output is not finite.
Evaluation evaluate(model::Model& model, data::PreparedStore& store,
                    const std::vector<size_t>& modalities, const std::vector<int64_t>& rows,
                    int64_t batch_size = 64, const LookAtEncoded& look = {});

/// One Evaluation per subset, each a list of indices into the model's modalities; encodes every
/// sample once.
std::vector<Evaluation> evaluate_subsets(model::Model& model, data::PreparedStore& store,
                                         const std::vector<size_t>& modalities,
                                         const std::vector<int64_t>& rows,
                                         const std::vector<std::vector<size_t>>& subsets,
                                         int64_t batch_size = 64, const LookAtEncoded& look = {});

/// Predictions from an output tensor (N, O) and targets as data::Targets holds them for `rows`.
metrics::Predictions to_predictions(const heads::Head& head, const data::Targets& targets,
                                    const std::vector<int64_t>& rows, const Tensor& output);

/// Targets of `rows` as metrics::Predictions holds them.
std::vector<double> target_values(const data::Targets& targets, const std::vector<int64_t>& rows);

/// The same with every modality absent that is not among `kept`.
std::vector<Encoded> keep_modalities(std::vector<Encoded> encoded, const std::vector<size_t>& kept);

/// The dataset's group of each of `rows`, or empty where it has no groups.
std::vector<int64_t> groups_of(const data::Dataset& dataset, const std::vector<int64_t>& rows);

/// Targets of `rows` as a double tensor (N) or (N, L).
Tensor target_tensor(const data::Targets& targets, const std::vector<int64_t>& rows);

}  // namespace braid::train
