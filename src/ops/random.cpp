#include "ops/random.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <memory>
#include <mutex>

#include "core/error.h"

namespace braid::ops {
namespace {

thread_local at::Generator* current = nullptr;

std::mutex& init_mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

RandomScope::RandomScope(uint64_t seed) : outer_(current) {
  current = new at::Generator(at::make_generator<at::CPUGeneratorImpl>(seed));
}

RandomScope::~RandomScope() {
  delete current;
  current = static_cast<at::Generator*>(outer_);
}

at::Tensor dropout(const at::Tensor& x, double probability, bool is_training) {
  if (!is_training || probability <= 0) return x;
  BRAID_ASSERT(current != nullptr);
  // The mask is drawn on the CPU whatever the device, so that a seed means the same everywhere.
  at::Tensor keep = at::empty(x.sizes(), x.options().device(at::kCPU).requires_grad(false));
  keep.bernoulli_(1.0 - probability, *current).div_(1.0 - probability);
  return x * keep.to(x.device());
}

at::Tensor uniform(at::IntArrayRef sizes, const at::Tensor& like) {
  BRAID_ASSERT(current != nullptr);
  const auto on_cpu = like.options().device(at::kCPU).requires_grad(false);
  return at::rand(sizes, *current, on_cpu).to(like.device());
}

at::Tensor normal(at::IntArrayRef sizes, const at::Tensor& like) {
  BRAID_ASSERT(current != nullptr);
  const auto on_cpu = like.options().device(at::kCPU).requires_grad(false);
  return at::randn(sizes, *current, on_cpu).to(like.device());
}

uint32_t draw_seed() {
  BRAID_ASSERT(current != nullptr);
  return at::check_generator<at::CPUGeneratorImpl>(*current)->random();
}

InitScope::InitScope(uint64_t seed) {
  init_mutex().lock();
  torch::manual_seed(seed);
}

InitScope::~InitScope() { init_mutex().unlock(); }

}  // namespace braid::ops
