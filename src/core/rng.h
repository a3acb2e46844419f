// Seeded randomness that gives the same numbers on every machine and library.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace braid {

/// SplitMix64-seeded xoshiro256**; every draw is defined bit for bit (no std distributions).
class Rng {
 public:
  explicit Rng(uint64_t seed);
  /// An independent stream for one purpose: Rng(seed).fork("split").fork(3).
  Rng fork(std::string_view purpose) const;
  Rng fork(uint64_t index) const;

  uint64_t bits();
  double uniform();                         ///< in [0, 1)
  double uniform(double low, double high);  ///< in [low, high)
  uint64_t below(uint64_t bound);           ///< in [0, bound), unbiased; bound > 0
  double normal();                          ///< mean 0, deviation 1
  bool chance(double probability) { return uniform() < probability; }
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  uint64_t state_[4];
  uint64_t seed_;
};

}  // namespace braid
