#include "ops/cross_entropy.h"

#include <cmath>

#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

TEST(cross_entropy, fast_equals_slow_for_every_size_weight_and_smoothing) {
  torch::manual_seed(1);
  for (const auto& [B, K] :
       {std::pair<int64_t, int64_t>{1, 1}, {3, 2}, {32, 10}, {5, 16}, {7, 33}, {300, 100}})
    for (double smoothing : {0.0, 0.2}) {
      const Tensor classes = at::randint(K, {B}, at::kLong);
      const Tensor rows = at::rand({B}) + 0.1, weights = at::rand({K}) + 0.1;
      for (const std::string& name : checks::fast_kernels()) {
        SCOPED_TRACE(fmt::format("{} [{}, {}] {}", name, B, K, smoothing));
        const checks::WithKernels kernels(name);
        checks::same_values_and_gradients(
            [&](const Outputs& v) {
              return Outputs{cross_entropy(v[0], classes, rows, weights, smoothing)};
            },
            [&](const Outputs& v) {
              return Outputs{cross_entropy_reference(v[0], classes, rows, weights, smoothing)};
            },
            {3 * at::randn({B, K})});
      }
    }
}

TEST(cross_entropy, by_hand) {
  // Logits (0, ln 3), p = (1/4, 3/4), class 1: ln(4/3), gradient p - (0, 1).
  const Tensor x = at::tensor({0.0f, std::log(3.0f)}).view({1, 2}).requires_grad_(true);
  const Tensor loss = cross_entropy(x, at::ones({1}, at::kLong), at::ones({1}), at::ones({2}), 0);
  EXPECT_NEAR(loss.item<double>(), std::log(4.0 / 3), 1e-6);
  loss.backward();
  EXPECT_TRUE(checks::close(x.grad().flatten(), at::tensor({0.25f, -0.25f}), 1e-6));
}

TEST(cross_entropy, large_logits_stay_finite_and_nan_stays_nan) {
  const Tensor classes = at::zeros({1}, at::kLong), ones = at::ones({1}), weights = at::ones({2});
  const Tensor large = at::tensor({-1e4f, 1e4f}).view({1, 2});
  EXPECT_FLOAT_EQ(cross_entropy(large, classes, ones, weights, 0).item<float>(), 2e4f);
  const Tensor broken = at::tensor({1.0f, std::nanf("")}).view({1, 2});
  EXPECT_TRUE(std::isnan(cross_entropy(broken, classes, ones, weights, 0).item<float>()));
}

}  // namespace
}  // namespace braid::ops
