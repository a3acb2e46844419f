// The seeded generator of tensor randomness (dropout, initial parameters), one per thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace braid::ops {

/// While it lives, dropout() in this thread draws from a generator seeded with `seed`. Scopes nest.
/// Made anew for every training step, so that a step's bits depend on its seed alone, never on what
/// ran before.
class RandomScope {
 public:
  explicit RandomScope(uint64_t seed);
  ~RandomScope();
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;

 private:
  void* outer_;
};

/// Zeroes entries with chance `probability` and scales the rest by 1 / (1 - probability); the
/// identity when not training. Shapes   any. Errors   internal: training outside a RandomScope.
at::Tensor dropout(const at::Tensor& x, double probability, bool is_training);

/// Numbers from [0, 1) of the scope's generator. Shapes -> `sizes`, dtype and device of `like`.
/// Errors   internal: outside a RandomScope.
at::Tensor uniform(at::IntArrayRef sizes, const at::Tensor& like);

/// Standard normal numbers of the scope's generator. Shapes -> `sizes`, dtype and device of `like`.
/// Errors   internal: outside a RandomScope.
at::Tensor normal(at::IntArrayRef sizes, const at::Tensor& like);

/// The next 32 bits of the scope's generator, for kernels that count their own random bits from a
/// seed. Errors   internal: outside a RandomScope.
uint32_t draw_seed();

/// Holds libtorch's global generator, seeded, for as long as it lives (one thread at a time): the
/// initial parameters of modules come from it.
class InitScope {
 public:
  explicit InitScope(uint64_t seed);
  ~InitScope();
  InitScope(const InitScope&) = delete;
  InitScope& operator=(const InitScope&) = delete;
};

}  // namespace braid::ops
