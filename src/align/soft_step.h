// Soft-DTW's inner loops: one anti-diagonal at a time, with exponentials that a compiler turns into
// vectors. The layout is dtw_sweep.h's: cell k comes from `before[k]`, one row up, `before[k + 1]`,
// one column left, and `before_that[k + 1]`, both.
#pragma once
#include <cstdint>

#include "align/dtw_sweep.h"

namespace braid::align {

/// out = cost + softmin of the three. At least one of them is finite.
void soft_step(const double* costs, const double* before, const double* before_that, double gamma,
               int64_t count, double* out);

/// How much of e, the derivative by each cell, goes to the three: up, left and both, `stride`
/// apart.
void soft_shares(const double* before, const double* before_that, double gamma, const double* e,
                 int64_t count, double* shares, int64_t stride);

/// Gives them to the diagonals before.
void add_shares(const double* shares, int64_t stride, int64_t count, double* e_before,
                double* e_before_that);

/// Adds e times the costs' derivatives along a diagonal to the gradients, laid out as Lanes.
void add_slopes(const Lanes& lanes, Cost cost, const double* e, int64_t row, int64_t column,
                int64_t count, double* of_rows, double* of_columns);

}  // namespace braid::align
