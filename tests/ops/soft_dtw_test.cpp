#include "ops/soft_dtw.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "support/module_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::close;

Tensor random_costs(at::IntArrayRef sizes, uint64_t seed, at::ScalarType type = at::kDouble) {
  return at::rand(sizes, at::detail::createCPUGenerator(seed), at::TensorOptions(type)).mul(2);
}

Tensor all_true(at::IntArrayRef sizes) { return at::ones(sizes, at::kBool); }

TEST(soft_dtw, matches_the_reference_with_its_derivatives) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Tensor costs = random_costs({2, 4, 3}, seed).requires_grad_(true);
    const SoftDtw made = soft_dtw(costs, all_true({2, 4}), all_true({2, 3}), 0.3);
    // Both outputs take part in what is differentiated.
    const Tensor weights = random_costs({2, 4, 3}, seed + 100);
    (made.value.sum() * 1.5 + (made.alignment * weights).sum()).backward();
    Tensor other = costs.detach().clone().requires_grad_(true);
    Tensor sum = at::zeros({}, at::kDouble);
    for (int64_t b = 0; b < 2; ++b) {
      const Tensor value = soft_dtw_reference(other[b], 0.3);
      const Tensor expected =
          torch::autograd::grad({value}, {other}, /*grad_outputs=*/{},
                                /*retain_graph=*/true, /*create_graph=*/true)[0];
      EXPECT_TRUE(close(made.value[b], value, 1e-10));
      EXPECT_TRUE(close(made.alignment[b], expected[b], 1e-10));
      sum = sum + value * 1.5 + (expected[b] * weights[b]).sum();
    }
    sum.backward();
    EXPECT_TRUE(close(costs.grad(), other.grad(), 1e-9));
  }
}

TEST(soft_dtw, masked_rows_and_columns_are_left_out) {
  Tensor costs = random_costs({1, 4, 5}, 7);
  const Tensor rows = at::tensor({1, 0, 1, 1}).to(at::kBool).view({1, 4});
  const Tensor columns = at::tensor({1, 1, 0, 1, 0}).to(at::kBool).view({1, 5});
  const Tensor kept =
      costs.index_select(1, at::tensor({0, 2, 3})).index_select(2, at::tensor({0, 1, 3}));
  const SoftDtw small = soft_dtw(kept, all_true({1, 3}), all_true({1, 3}), 0.2);
  costs.select(1, 1).fill_(std::nan(""));
  costs.select(2, 4).fill_(1e300);
  const SoftDtw made = soft_dtw(costs, rows, columns, 0.2);
  EXPECT_TRUE(close(made.value, small.value, 1e-12));
  EXPECT_TRUE(close(
      made.alignment.index_select(1, at::tensor({0, 2, 3})).index_select(2, at::tensor({0, 1, 3})),
      small.alignment, 1e-12));
  EXPECT_EQ(made.alignment.select(1, 1).abs().sum().item<double>(), 0);
  EXPECT_EQ(made.alignment.select(2, 2).abs().sum().item<double>(), 0);
}

TEST(soft_dtw, a_sample_without_a_cell_is_zero) {
  Tensor costs = random_costs({2, 2, 2}, 3).requires_grad_(true);
  const Tensor rows = at::tensor({1, 1, 0, 0}).to(at::kBool).view({2, 2});
  const SoftDtw made = soft_dtw(costs, rows, all_true({2, 2}), 1);
  EXPECT_EQ(made.value[1].item<double>(), 0);
  (made.value.sum() + made.alignment.sum()).backward();
  EXPECT_EQ(costs.grad()[1].abs().sum().item<double>(), 0);
  EXPECT_GT(costs.grad()[0].abs().sum().item<double>(), 0);
}

TEST(soft_dtw, keeps_the_type_of_the_costs) {
  const SoftDtw made =
      soft_dtw(random_costs({1, 3, 3}, 1, at::kFloat), all_true({1, 3}), all_true({1, 3}), 1);
  EXPECT_EQ(made.value.scalar_type(), at::kFloat);
  EXPECT_EQ(made.alignment.scalar_type(), at::kFloat);
}

TEST(soft_dtw, gamma_is_above_zero) {
  checks::expect_error(ErrorKind::usage, "soft_dtw: gamma: expected a number above 0, got 0", [] {
    soft_dtw(random_costs({1, 2, 2}, 1), all_true({1, 2}), all_true({1, 2}), 0);
  });
}

}  // namespace
}  // namespace braid::ops
