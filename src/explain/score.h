// The one number of a row's prediction that attention and attribution explain.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "data/loader.h"
#include "model/bundle.h"

namespace braid::explain {

/// At most `most` of N things, evenly spread: their indices, ascending.
std::vector<int64_t> spread(int64_t count, int64_t most);

/// Some rows as the model reads them, with the output that is explained of each.
struct Rows {
  std::vector<int64_t> rows;  // (B) of the dataset
  std::vector<Input> inputs;  // on the model's device
  at::Tensor outputs;         // (B) int64
};

/// Loads `rows` in batches. Errors   as Loader.
void for_each_batch(model::Bundle& bundle, data::PreparedStore& store,
                    const std::vector<int64_t>& rows, const std::vector<int64_t>& outputs,
                    int64_t batch_size, const std::function<void(const Rows& batch)>& body);

/// The explained score: the probability of the output, or the value. Differentiable.
/// Shapes   output (B, O) of the fusion, outputs (B) int64 -> (B).
at::Tensor score_of(const model::Model& model, const at::Tensor& output, const at::Tensor& outputs);

/// What curves of deletion and insertion show: the score, and of a value, which may move either
/// way, less its distance from `whole`. Shapes   (B), (B) -> (B).
at::Tensor kept_score(const model::Model& model, const at::Tensor& score, const at::Tensor& whole);

}  // namespace braid::explain
