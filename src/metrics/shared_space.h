// What a space is like that several modalities share: how far apart they lie, how near the pairs,
// how evenly the sphere is used. Every vector is scaled to length 1 first.
#pragma once
#include <cstdint>
#include <vector>

namespace braid::metrics {

/// |mean(a) - mean(b)|, from 0 to 2.
///
/// Shapes   a [N, width], b [M, width], row-major.
/// Errors   shape: no rows, or values that do not fill them. data: a row that is zero or not
/// finite. Source   Liang et al. 2022, Mind the Gap, arXiv:2203.02053
double modality_gap(const std::vector<float>& a, const std::vector<float>& b, int64_t width);

/// E |x - y|^2 over pairs, from 0 (the same) to 4.
///
/// Shapes   a, b [N, width], row-major; row i of each is a pair.
/// Errors   as modality_gap; shape: other numbers of rows.
/// Source   Wang and Isola 2020, arXiv:2005.10242, alpha = 2
double alignment(const std::vector<float>& a, const std::vector<float>& b, int64_t width);

/// log E exp(-2 |x - x'|^2) over all pairs of different rows, from -8 to 0 (all the same); lower is
/// more even.
///
/// Shapes   a [N, width], row-major.
/// Errors   as modality_gap; shape: fewer than two rows.
/// Cost     N^2 / 2 * width multiply-adds and N^2 / 2 exponentials, shared out to `num_threads` (0
/// =
///          all cores), which change no bit. Memory for a copy of `a`.
/// Source   Wang and Isola 2020, arXiv:2005.10242, t = 2
double uniformity(const std::vector<float>& a, int64_t width, int num_threads = 0);

}  // namespace braid::metrics
