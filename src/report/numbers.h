// How numbers are written for people, the same in the terminal and on the page.
#pragma once
#include <cstdint>
#include <limits>
#include <string>

namespace braid::report {

inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

/// A mean with its interval; NaN stands for what was not measured.
struct Value {
  double mean = kAbsent;
  double low = kAbsent;
  double high = kAbsent;
};

/// Decimals that suit a column whose largest magnitude is `largest`: 3 below 10, 2 below 100, down
/// to 0; more where everything is below 0.01; -1 (scientific) outside [1e-6, 1e7).
int decimals_for(double largest);

/// "0.881"; "n/a" for NaN and infinities; never "-0.000". `decimals` -1 writes 1.23e-09.
std::string fixed(double value, int decimals);

/// As fixed(), with "+" before what is above zero.
std::string signed_fixed(double value, int decimals);

/// "0.881 [0.853, 0.907]", or the mean alone where there is no interval.
std::string with_interval(const Value& value, int decimals, bool is_signed = false);

/// "950", "12.3k", "1.2M", "3.4G"; "n/a" below zero.
std::string short_count(int64_t count);

/// "0.4 s", "12.3 s", "2.1 min", "3.4 h"; "n/a" for NaN or below zero.
std::string duration(double seconds);

/// "0.80 ms", "12.3 ms"; "n/a" for NaN or below zero.
std::string milliseconds(double ms);

/// "97.5%"; "100%" and "0%" only where it is exactly that.
std::string percent(double share);

}  // namespace braid::report
