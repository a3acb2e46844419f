#include "core/rng.h"

#include <cmath>

#include "core/file.h"

namespace braid {
namespace {

uint64_t split_mix(uint64_t& x) {
  uint64_t z = (x += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

uint64_t rotate_left(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

}  // namespace

Rng::Rng(uint64_t seed) : seed_(seed) {
  for (uint64_t& word : state_) word = split_mix(seed);
}

Rng Rng::fork(std::string_view purpose) const { return Rng(hash_bytes(purpose, seed_)); }

Rng Rng::fork(uint64_t index) const {
  uint64_t mixed = seed_ ^ (0xA0761D6478BD642Full * (index + 1));
  return Rng(split_mix(mixed));
}

uint64_t Rng::bits() {
  const uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

double Rng::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

double Rng::uniform(double low, double high) { return low + (high - low) * uniform(); }

uint64_t Rng::below(uint64_t bound) {
  const uint64_t limit = bound * (~uint64_t{0} / bound);
  uint64_t draw = bits();
  while (draw >= limit) draw = bits();
  return draw % bound;
}

double Rng::normal() {
  // Box-Muller, one of the pair, so that a stream's position never depends on history.
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * 3.14159265358979323846 * uniform());
}

}  // namespace braid
