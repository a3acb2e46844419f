// Natural logarithms of many numbers at once.
#pragma once
#include <cstdint>

namespace braid::processors {

/// ln(max(x, floor)) in place, within 1e-12 of the C library's. Infinity and NaN stay as they are.
///
/// Units    floor above 0 and normal.
/// Cost     a division and some 20 operations each, which the compiler makes vectors of.
void take_logs(double* values, int64_t size, double floor);

}  // namespace braid::processors
