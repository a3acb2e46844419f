// Soft-DTW of matrices of costs, as a loss and as an alignment, both differentiable.
#pragma once
#include <ATen/core/Tensor.h>

namespace braid::ops {

struct SoftDtw {
  at::Tensor value;      // (B)
  at::Tensor alignment;  // (B, N, M) how often a path passes each cell, on average
};

/// align::soft_alignment of each sample's real rows and columns.
///
/// Shapes   costs (B, N, M), row_mask (B, N), column_mask (B, M) bool.
/// Missing  masked rows and columns are left out, whatever their costs hold: 0 in the alignment. A
///          sample without a row or a column has the value 0.
/// Errors   usage: gamma not above 0.
/// Cost     O(B N M) forward, in float64 on the CPU wherever the costs are; the same for the
///          value's gradient, three times that for the alignment's.
/// Source   Cuturi and Blondel 2017, arXiv:1703.01541; Mensch and Blondel 2018, arXiv:1802.03676.
SoftDtw soft_dtw(const at::Tensor& costs, const at::Tensor& row_mask, const at::Tensor& column_mask,
                 double gamma);

/// The value of one sample without masks out of libtorch's operators, (N, M) -> scalar: the oracle,
/// with derivatives of any order.
at::Tensor soft_dtw_reference(const at::Tensor& costs, double gamma);

}  // namespace braid::ops
