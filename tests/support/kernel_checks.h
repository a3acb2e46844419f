// Holds the fast implementations of an operation to the slow one: values and gradients.
#pragma once
#include <string>
#include <vector>

#include "ops/kernels.h"
#include "support/module_checks.h"

namespace braid::checks {

/// While it lives, the operations run with the kernels of this name.
struct WithKernels {
  explicit WithKernels(const std::string& name) { ops::choose_kernels(name); }
  ~WithKernels() { ops::choose_kernels("auto"); }
};

/// Every set of kernels this processor has, without the reference.
inline std::vector<std::string> fast_kernels() {
  std::vector<std::string> names = ops::kernel_names();
  names.erase(names.begin());
  names.pop_back();
  return names;
}

using Outputs = std::vector<Tensor>;
using Operation = std::function<Outputs(const Outputs&)>;

/// Outputs and the gradients with respect to every floating point input agree within `tolerance`,
/// relative to the largest entry (at least 1). Inputs may be undefined.
inline void same_values_and_gradients(const Operation& fast, const Operation& slow,
                                      const Outputs& inputs, double tolerance = 2e-6) {
  const auto run = [&inputs](const Operation& operation) {
    Outputs leaves;
    for (const Tensor& x : inputs) {
      leaves.push_back(x.defined() ? x.detach().clone() : x);
      if (x.defined() && x.is_floating_point()) leaves.back().requires_grad_(true);
    }
    Outputs results = operation(leaves);
    Tensor loss = at::zeros({});
    for (size_t i = 0; i < results.size(); ++i) loss = loss + project(results[i], 7 + i);
    loss.backward();
    for (const Tensor& leaf : leaves)
      if (leaf.defined() && leaf.requires_grad()) results.push_back(leaf.grad());
    return results;
  };
  const Outputs a = run(fast), b = run(slow);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_TRUE(a[i].defined() && b[i].defined()) << "result " << i;
    ASSERT_EQ(a[i].sizes(), b[i].sizes()) << "result " << i;
    const double size = std::max(1.0, b[i].abs().max().item<double>());
    const double worst = (a[i] - b[i]).abs().max().item<double>();
    EXPECT_LE(worst, tolerance * size) << "result " << i;  // false for NaN too
  }
}

}  // namespace braid::checks
