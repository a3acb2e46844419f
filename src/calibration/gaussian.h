// How far a vector lies from those that were seen: a Gaussian of few directions.
#pragma once
#include <ATen/core/Tensor.h>

namespace braid::calibration {

using at::Tensor;

struct Gaussian {
  Tensor mean, deviation;  // (D) of each column
  // (R, D) of the standardised columns: along these the spread differs from that of all the rest,
  // by so much that the distance is |z|^2 less the squares along them, over `noise`.
  Tensor directions;
  double noise = 1;  // mean square of what is left
};

/// Principal components of the standardised columns, at most 32 and a fifth of the rows, and one
/// variance for all other directions, so that any number of columns will do. A column's deviation
/// is at least a hundredth of the columns' root mean square, and `noise` at least a hundredth of
/// the mean variance: what was constant may move a little.
///
/// Shapes   rows (N, D) on the CPU, N >= 2; at most 1,000 of them, evenly spaced, are used.
/// Cost     the eigenvectors of a matrix of min(N, D) columns.
/// Source   Tipping and Bishop 1999, Probabilistic Principal Component Analysis; for faults of a
///          network's input: Lee et al. 2018, arXiv:1807.03888, here without classes.
Gaussian fit_gaussian(const Tensor& rows);

/// Logarithm of the squared Mahalanobis distance per column.
///
/// Shapes   rows (B, D) -> (B) double.
/// Cost     B * R * D.
Tensor log_distance(const Gaussian& gaussian, const Tensor& rows);

}  // namespace braid::calibration
