// Ranks with ties, and the correlation that Pearson's and Spearman's coefficients share.
#pragma once
#include <vector>

namespace braid::metrics {

/// Ranks from 1; equal values share the mean of the ranks they cover. No NaN in `values`.
///
/// Cost     N log N.
std::vector<double> mid_ranks(const std::vector<double>& values);

/// Product-moment correlation of two series of one length; NaN where either is constant or empty.
double correlation(const std::vector<double>& x, const std::vector<double>& y);

bool is_constant(const std::vector<double>& values);
double mean(const std::vector<double>& values);

}  // namespace braid::metrics
