// What every head does to its arguments before computing.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "heads/head.h"

namespace braid::heads {

/// Errors   shape: output is not (B, num_outputs), naming the head and the argument.
void check_output(const std::string& head, const Tensor& output, int64_t num_outputs);
/// As check_output; besides, target must be (B), or (B, L) where `labels_per_row` > 0, and weight
/// (B).
void check_loss(const std::string& head, const Tensor& output, const Tensor& target,
                const Tensor& weight, int64_t num_outputs, int64_t labels_per_row = 0);
/// Context::class_weights as a tensor like `output`; ones where empty.
///
/// Shapes   -> (num_labels).
Tensor class_weights(const Context& context, const Tensor& output);
/// Errors   config: the head does not apply to the task, or the class weights are not one per
/// label.
void check_context(const Method& method, const std::string& where, const Context& context);
/// sum(weight * value) / sum(weight); 0 where all weights are 0.
Tensor weighted_mean(const Tensor& value, const Tensor& weight);

/// (1 - q)^gamma from log q, with a finite gradient where q is 1.
Tensor focal_factor(const Tensor& log_q, double gamma);

}  // namespace braid::heads
