// Integrated gradients: how a prediction's score is made up of everything that the model reads.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "layers/encoded.h"
#include "model/model.h"

namespace braid::explain {

/// Of one modality.
struct Attribution {
  at::Tensor values;  // as Input::values; undefined where it has none
  at::Tensor scale;   // as Input::ids: of each token or category; undefined where it has none
};

struct Attributions {
  std::vector<Attribution> modalities;
  at::Tensor score;     // (B) of the input
  at::Tensor baseline;  // (B) of the baseline; score - baseline is what the attributions add up to
  at::Tensor gap;       // (B) how far they are from that
  int64_t steps = 0;
};

struct GradientOptions {
  int64_t steps = 32;        // points on the path
  int64_t most_steps = 256;  // doubled up to it while a row's gap exceeds `tolerance`
  double tolerance = 0.01;   // of the largest |score - baseline| among the rows
};

/// values_i * mean over the path of d score / d values_i, the path being straight from zeros (the
/// training rows' mean) to the input, at the middles of steps that are shorter near the zeros,
/// where normalising layers change most; of tokens and categories the same by Input::scale, which
/// is the sum over the width of their embedding. What is missing stays missing. A model without a
/// gradient gets zeros, and its gap says so.
///
/// Shapes   outputs (B) int64: whose score is explained.
/// Cost     steps forward and backward passes, at most 2 most_steps; keeps one pass.
/// Source   Sundararajan et al. 2017, arXiv:1703.01365.
Attributions integrated_gradients(model::Model& model, const std::vector<Input>& inputs,
                                  const at::Tensor& outputs, const GradientOptions& options = {});

/// The same of the fusion alone, of every token that it reads; pooled vectors stay as they are.
/// Shapes   -> (B, sum of T_m): summed over a token's width.
at::Tensor token_gradients(model::Model& model, const std::vector<Encoded>& encoded,
                           const at::Tensor& outputs, int64_t steps = 16);

}  // namespace braid::explain
