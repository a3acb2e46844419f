#include "bench/in_turn.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace braid::bench {
namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double once(int64_t num_items, const Work& work) {
  const double started = now_s();
  for (int64_t i = 0; i < num_items; ++i) work(i);
  return static_cast<double>(num_items) / (now_s() - started);
}

}  // namespace

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Rates in_turn(int64_t num_items, int rounds, const Work& work, const Work& bare) {
  std::vector<double> rates, bare_rates, shares;
  for (int round = -1; round < rounds; ++round) {
    const double bare_per_s = once(num_items, bare), per_s = once(num_items, work);
    if (round < 0) continue;
    rates.push_back(per_s);
    bare_rates.push_back(bare_per_s);
    shares.push_back(per_s / bare_per_s);
  }
  return {median(rates), median(bare_rates), median(shares)};
}

double rate(int64_t num_items, int rounds, const Work& work) {
  std::vector<double> rates;
  for (int round = 0; round < rounds; ++round) rates.push_back(once(num_items, work));
  return median(rates);
}

}  // namespace braid::bench
