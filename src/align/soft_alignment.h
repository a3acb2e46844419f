// Soft-DTW of a matrix of costs: the expected alignment, and its derivative in a direction.
#pragma once
#include <cstdint>
#include <vector>

namespace braid::align {

struct SoftAlignment {
  double value = 0;
  std::vector<double> expected;  // (N, M): how often a path passes a cell, on average
};

/// -gamma log sum over all paths of exp(-(sum of the costs along the path) / gamma), and its
/// gradient, which is the expected alignment: along each row and column it grows monotonely, in the
/// mean. Steps are down, right and both.
///
/// Shapes   costs (N, M) row-major.
/// Errors   usage: gamma not above 0, or no cell.
/// Cost     O(N M) time and memory; one thread.
/// Source   Cuturi and Blondel 2017, ICML, arXiv:1703.01541.
SoftAlignment soft_alignment(const double* costs, int64_t N, int64_t M, double gamma);

/// The derivative of the expected alignment as the costs move along `direction` (N, M): the value's
/// Hessian, which is symmetric, times it.
///
/// Cost     some three times soft_alignment().
/// Source   Mensch and Blondel 2018, ICML, arXiv:1802.03676, algorithm 2.
std::vector<double> soft_alignment_derivative(const double* costs, int64_t N, int64_t M,
                                              double gamma, const double* direction);

}  // namespace braid::align
