// Sums of products of two streams on one grid at many lags: what Pearson's correlation is made of.
#pragma once
#include <cstdint>
#include <vector>

namespace braid::align {

/// Two streams on one grid; NaN where missing. a[i] stands at tick i, b[j] at tick first_b + j.
struct GridPair {
  std::vector<double> a, b;
  int64_t first_b = 0;
};

/// Over the pairs (a[tick], b[tick + lag]) of which neither is missing.
struct PairSums {
  double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;

  PairSums& operator+=(const PairSums& o);
  PairSums operator-(const PairSums& o) const;
};

/// Sums of squares and products about the means; of several clips they add up.
struct Moments {
  double n = 0, aa = 0, bb = 0, ab = 0;

  void add(const PairSums& sums);
  /// NaN where either hardly varies: below 1e-4 of the whole streams', which have variance 1.
  double correlation() const;
};

struct LagSums {
  std::vector<PairSums> at;  // at[k] of lag first + k
  /// Sum over lags of rho_a rho_b, the autocorrelations: so many pairs are worth one independent.
  double pairs_each = 1;
};

/// Lags first ... last by FFT in single precision: exact to about 1e-6 of the streams' power.
///
/// Cost     12 FFTs of the length of a and b together.
LagSums sums_by_lag(const GridPair& pair, int64_t first_lag, int64_t last_lag);

/// One lag, ticks first ... end - 1 of a, in double precision.
PairSums sums_at(const GridPair& pair, int64_t lag, int64_t first, int64_t end);

}  // namespace braid::align
