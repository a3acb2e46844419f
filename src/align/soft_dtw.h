// Dynamic time warping that can be differentiated: every path counts, the cheap ones most.
#pragma once
#include <cstdint>
#include <vector>

#include "align/dtw.h"

namespace braid::align {

struct SoftOptions {
  double gamma =
      1;  // how much dearer paths count, in units of the cost; towards 0: warp_distance()
  Cost cost = Cost::squared;
  int64_t limit_bytes = int64_t{1} << 30;  // of the table that a gradient needs
};

struct SoftWarp {
  double value = 0;
  std::vector<double> gradient_a;  // (N, D) d value / d a
  std::vector<double> gradient_b;  // (M, D)
};

/// -gamma log sum over all paths of exp(-(sum of the costs along the path) / gamma). Below
/// warp_distance(), by gamma log(number of paths) at most, and so possibly negative: for a = b,
/// too.
///
/// Shapes   a (N, D), b (M, D).
/// Errors   as warp_distance(); usage: gamma not above 0.
/// Cost     N M cells of D operations, two exponentials and a logarithm; O((N + M) D) numbers.
/// Source   Cuturi and Blondel 2017, ICML, arXiv:1703.01541.
double soft_dtw(const Sequence& a, const Sequence& b, const SoftOptions& options = {});

/// The value and its gradient; of Cost::absolute 0 where two numbers are equal.
///
/// Errors   as soft_dtw(); usage: a table of 8 N M bytes above the limit.
/// Cost     some two times soft_dtw(), and the table.
SoftWarp soft_dtw_gradient(const Sequence& a, const Sequence& b, const SoftOptions& options = {});

/// soft_dtw(a, b) - (soft_dtw(a, a) + soft_dtw(b, b)) / 2 and its gradient: 0 where a = b, both.
///
/// Errors, Cost   as three soft_dtw_gradient().
/// Source   Blondel, Mensch and Vert 2021, AISTATS, arXiv:2010.08354.
SoftWarp soft_dtw_divergence(const Sequence& a, const Sequence& b, const SoftOptions& options = {});

}  // namespace braid::align
