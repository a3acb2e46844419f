// Two streams of the same events with a known offset, for the tests of the clocks.
#pragma once
#include <memory>

#include "align/signals.h"

namespace braid::align::signals {

/// Bumps at random times, about one a second, 50 to 200 ms wide: what is loud and moves.
inline Signal bursts(double seconds, uint64_t seed) {
  struct Bump {
    double at, width, height;
  };
  auto bumps = std::make_shared<std::vector<Bump>>();
  Rng random = Rng(seed).fork("bursts");
  for (double at = 0; at < seconds; at += 0.3 + 1.4 * random.uniform())
    bumps->push_back({at, random.uniform(0.05, 0.2), random.uniform(0.5, 1.5)});
  return [bumps](double t) {
    double sum = 0;
    for (const Bump& bump : *bumps) {
      const double u = (t - bump.at) / bump.width;
      if (std::abs(u) < 6) sum += bump.height * std::exp(-0.5 * u * u);
    }
    return sum;
  };
}

struct Streams {
  Series a, b;
};

/// `signal` as seen every step_a and (unevenly) step_b, with noise, b's clock ahead by offset_ns.
inline Streams observed(const Signal& signal, double seconds, int64_t offset_ns, double noise,
                        uint64_t seed, int64_t step_a = 10 * kMs, int64_t step_b = 25 * kMs) {
  Rng random = Rng(seed).fork("noise");
  const int64_t end = static_cast<int64_t>(seconds * 1e9);
  Streams streams;
  streams.a = sampled(signal, regular_ticks(0, end, step_a));
  streams.b = sampled(signal, uneven_times(end / step_b, step_b, 0.3, seed));
  streams.a.name = "a";
  streams.b.name = "b";
  for (Series* x : {&streams.a, &streams.b})
    for (double& value : x->values) value += noise * random.normal();
  for (int64_t& time : streams.b.times_ns) time += offset_ns;
  return streams;
}

}  // namespace braid::align::signals
