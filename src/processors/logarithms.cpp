#include "processors/logarithms.h"

#include <cstring>

#include "core/clones.h"

namespace braid::processors {

// x = m 2^e with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh((m - 1) / (m + 1)).
BRAID_CLONES void take_logs(double* values, int64_t size, double floor) {
  constexpr double kTwo52 = 4503599627370496.0;
  for (int64_t i = 0; i < size; ++i) {
    const double x = values[i] < floor ? floor : values[i];
    uint64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    // Counts exponents from sqrt(1/2), 0x3fe6a09e667f3bcd, so that m comes out around 1.
    const uint64_t above = bits - 0x3fe6a09e667f3bcdu + (uint64_t{1023} << 52);
    const uint64_t exponent_bits = (above >> 52) | 0x4330000000000000u;
    const uint64_t mantissa_bits = bits - (above & 0xfff0000000000000u) + (uint64_t{1023} << 52);
    double exponent, m;
    std::memcpy(&exponent, &exponent_bits, sizeof exponent);
    std::memcpy(&m, &mantissa_bits, sizeof m);
    exponent -= kTwo52 + 1023;
    const double s = (m - 1) / (m + 1), t = s * s;
    const double series =
        ((((((((t / 17 + 1.0 / 15) * t + 1.0 / 13) * t + 1.0 / 11) * t + 1.0 / 9) * t + 1.0 / 7) *
               t +
           1.0 / 5) *
              t +
          1.0 / 3) *
             t +
         1.0);
    const double log = exponent * 0.693147180559945309417 + 2 * s * series;
    values[i] = x - x == 0 ? log : x;  // infinity and NaN stay as they are
  }
}

}  // namespace braid::processors
