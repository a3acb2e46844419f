#include "report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace braid::report {

int decimals_for(double largest) {
  const double size = std::abs(largest);
  if (!std::isfinite(size) || size == 0) return 3;
  if (size < 1e-6 || size >= 1e7) return -1;
  const int exponent = static_cast<int>(std::floor(std::log10(size)));
  if (exponent >= 0) return std::max(0, 3 - exponent);
  return exponent >= -2 ? 3 : 1 - exponent;
}

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "n/a";
  if (decimals < 0 || std::abs(value) >= 1e15) return fmt::format("{:.2e}", value);
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text[0] == '-' && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string signed_fixed(double value, int decimals) {
  const std::string text = fixed(value, decimals);
  return value > 0 && text.find_first_of("123456789") != std::string::npos ? "+" + text : text;
}

std::string with_interval(const Value& value, int decimals, bool is_signed) {
  const auto write = is_signed ? signed_fixed : fixed;
  const std::string mean = write(value.mean, decimals);
  if (!std::isfinite(value.mean) || !std::isfinite(value.low) || !std::isfinite(value.high)) {
    return mean;
  }
  return fmt::format("{} [{}, {}]", mean, write(value.low, decimals), write(value.high, decimals));
}

std::string short_count(int64_t count) {
  if (count < 0) return "n/a";
  // The limits stand where one decimal would round up to 1000.0.
  if (count < 1000) return fmt::format("{}", count);
  const double size = static_cast<double>(count);
  if (size < 999'950) return fmt::format("{:.1f}k", size / 1e3);
  if (size < 999'950'000) return fmt::format("{:.1f}M", size / 1e6);
  return fmt::format("{:.1f}G", size / 1e9);
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "n/a";
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.1f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::string milliseconds(double ms) {
  if (!std::isfinite(ms) || ms < 0) return "n/a";
  if (ms < 10) return fmt::format("{:.2f} ms", ms);
  return fmt::format("{:.{}f} ms", ms, ms < 100 ? 1 : 0);
}

std::string percent(double share) {
  if (!std::isfinite(share)) return "n/a";
  if (share == 0 || share == 1) return share == 0 ? "0%" : "100%";
  if (share > 0.9994 && share < 1) return ">99.9%";
  if (share > 0 && share < 0.0006) return "<0.1%";
  return fmt::format("{:.1f}%", share * 100);
}

}  // namespace braid::report
