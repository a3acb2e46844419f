#include "bench/peak.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "ops/onednn.h"
#include "ops/parallel.h"

namespace braid::bench {
namespace {

template <class Work>
double best_seconds(int rounds, const Work& work) {
  double best = 1e30;
  for (int i = 0; i < rounds; ++i) {
    const auto started = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    best = std::min(best, took.count());
  }
  return best;
}

}  // namespace

double peak_operations(ops::Precision precision) {
  constexpr int64_t kSide = 1024;
  const auto type = precision == ops::Precision::bf16 ? at::kBFloat16 : at::kFloat;
  const at::Tensor a = at::randn({kSide, kSide}).to(type), b = at::randn({kSide, kSide}).to(type);
  at::Tensor product = at::empty({kSide, kSide});
  const double seconds = best_seconds(
      /*rounds=*/20, [&] { ops::matrix_multiply(a, b, /*bias=*/{}, /*options=*/{}, &product); });
  BRAID_CHECK(at::isfinite(product).all().item<bool>(), internal, "peak: expected finite products");
  return 2.0 * kSide * kSide * kSide / seconds;
}

double read_bandwidth(int64_t bytes) {
  const int64_t size = std::max<int64_t>(bytes / 4, 16384);
  const at::Tensor values = at::ones({size});
  const float* from = values.data_ptr<float>();
  std::vector<double> sums(64);
  const int64_t passes = std::max<int64_t>(1, (64 << 20) / (4 * size));
  const double seconds = best_seconds(/*rounds=*/10, [&] {
    for (int64_t pass = 0; pass < passes; ++pass)
      ops::parallel(size / 256, /*grain=*/64, [&](int64_t begin, int64_t end, int share) {
        float lanes[256] = {};
        for (int64_t i = begin; i < end; ++i)
          for (int64_t j = 0; j < 256; ++j) lanes[j] += from[i * 256 + j];
        for (float lane : lanes) sums[static_cast<size_t>(share)] += lane;
      });
  });
  BRAID_CHECK(sums[0] > 0, internal, "bandwidth: expected a sum, got none");
  return static_cast<double>(size / 256 * 1024 * passes) / seconds;
}

}  // namespace braid::bench
