#include "ops/adamw.h"

#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;

TEST(adamw, first_step_by_hand) {
  // g = 2: m' = 2, v' = 4, so the step is lr * 2 / (2 + 0); decay 1 - 0.1 * 0.5 = 0.95 first.
  Tensor parameter = at::full({1}, 1.0f), m = at::zeros({1}), v = at::zeros({1});
  adamw({0.1, 0.9, 0.999, 0.0, 0.5, 1}, at::full({1}, 2.0f), &parameter, &m, &v);
  EXPECT_NEAR(parameter.item<double>(), 0.85, 1e-6);
  EXPECT_NEAR(m.item<double>(), 0.2, 1e-7);
  EXPECT_NEAR(v.item<double>(), 0.004, 1e-8);
}

TEST(adamw, fast_equals_slow_over_steps) {
  for (const std::string& name : checks::fast_kernels())
    for (int64_t size : {1, 17, 100000}) {
      const checks::WithKernels kernels(name);
      torch::manual_seed(4);
      Tensor a = at::randn({size}), b = a.clone();
      Tensor m_a = at::zeros({size}), m_b = m_a.clone(), v_a = m_a.clone(), v_b = m_a.clone();
      for (int64_t steps = 1; steps <= 5; ++steps) {
        const Tensor gradient = at::randn({size});
        const AdamWRates rates = {1e-2, 0.9, 0.999, 1e-8, 0.01, steps};
        adamw(rates, gradient, &a, &m_a, &v_a);
        adamw_reference(rates, gradient, &b, &m_b, &v_b);
      }
      EXPECT_TRUE(checks::close(a, b, 1e-5)) << name << " " << size;
      EXPECT_TRUE(checks::close(m_a, m_b, 1e-6)) << name << " " << size;
      EXPECT_TRUE(checks::close(v_a, v_b, 1e-6)) << name << " " << size;
    }
}

}  // namespace
}  // namespace braid::ops
