// Laws that every module keeps (gradients, saved state, bits), shared by the contract tests of
// encoders, fusions and heads.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "core/error.h"

namespace braid::checks {

using at::Tensor;
using ScalarLoss = std::function<Tensor()>;

inline std::string shape_of(const Tensor& x) {
  return fmt::format("[{}]", fmt::join(x.sizes(), ", "));
}

/// Same shape, and every entry within `tolerance`; NaN is close to nothing.
inline ::testing::AssertionResult close(const Tensor& a, const Tensor& b, double tolerance = 1e-5) {
  if (a.sizes() != b.sizes())
    return ::testing::AssertionFailure() << "shapes " << shape_of(a) << " and " << shape_of(b);
  if (a.numel() == 0) return ::testing::AssertionSuccess();
  const double worst = (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
  if (worst <= tolerance) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "differ by " << worst << ":\n" << a << "\n" << b;
}

/// Same shape and the same values, bit for bit.
inline ::testing::AssertionResult same_bits(const Tensor& a, const Tensor& b) {
  if (a.equal(b)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "bits differ: shapes " << shape_of(a) << " and " << shape_of(b);
}

inline void expect_finite(const Tensor& x) { EXPECT_TRUE(at::isfinite(x).all().item<bool>()); }

/// `call` throws an Error of `kind` whose message holds `part`.
inline void expect_error(ErrorKind kind, const std::string& part,
                         const std::function<void()>& call) {
  try {
    call();
    ADD_FAILURE() << "expected an error with \"" << part << "\", got none";
  } catch (const Error& e) {
    EXPECT_EQ(to_string(e.kind()), std::string(to_string(kind))) << e.what();
    EXPECT_THAT(std::string(e.what()), ::testing::HasSubstr(part));
  } catch (const std::exception& e) {
    ADD_FAILURE() << "expected a braid::Error with \"" << part << "\", got: " << e.what();
  }
}

/// A fixed random projection of `x` to a scalar: unlike a sum, it is blind to no direction.
inline Tensor project(const Tensor& x, uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  return (x * at::randn(x.sizes(), generator, x.options().requires_grad(false))).sum();
}

/// Backward through `loss` reaches every parameter of `module` with a gradient that is finite and
/// not all zero.
inline void every_parameter_gets_gradient(torch::nn::Module& module, const ScalarLoss& loss) {
  module.zero_grad(/*set_to_none=*/true);
  loss().backward();
  for (const auto& item : module.named_parameters()) {
    const Tensor grad = item.value().grad();
    if (!grad.defined()) {
      ADD_FAILURE() << "no gradient: " << item.key();
      continue;
    }
    const double largest = grad.abs().max().item<double>();
    EXPECT_TRUE(std::isfinite(largest) && largest > 1e-12)
        << item.key() << ": largest |gradient| " << largest;
  }
}

/// Gradients equal central differences at `samples` entries of every parameter (the one of the
/// largest gradient among them). `module` and `loss` must compute in double.
inline void matches_finite_differences(torch::nn::Module& module, const ScalarLoss& loss,
                                       int samples = 3, double tolerance = 1e-5) {
  module.zero_grad(/*set_to_none=*/true);
  loss().backward();
  std::mt19937_64 random(7);
  torch::NoGradGuard no_grad;
  const auto value = [&loss] {
    const at::AutoGradMode with_gradients(
        true);  // objectives of training are there with them alone
    return loss().item<double>();
  };
  for (const auto& item : module.named_parameters()) {
    Tensor parameter = item.value();
    ASSERT_EQ(parameter.scalar_type(), at::kDouble) << item.key();
    ASSERT_TRUE(parameter.grad().defined()) << item.key();
    const Tensor grad = parameter.grad().reshape(-1);
    Tensor flat = parameter.view(-1);
    for (int i = 0; i < samples; ++i) {
      const int64_t at = i == 0 ? grad.abs().argmax().item<int64_t>()
                                : static_cast<int64_t>(random() % uint64_t(flat.numel()));
      const double middle = flat[at].item<double>();
      const double step = 2e-7;  // small: a signed root is steep close to 0
      flat[at].fill_(middle + step);
      const double above = value();
      flat[at].fill_(middle - step);
      const double below = value();
      flat[at].fill_(middle);
      const double expected = (above - below) / (2 * step);
      EXPECT_NEAR(grad[at].item<double>(), expected, tolerance * std::max(1.0, std::abs(expected)))
          << item.key() << "[" << at << "]";
    }
  }
}

/// Copies every parameter and buffer by name, as saving and loading does; both modules must have
/// the same names and shapes.
inline void copy_state(const torch::nn::Module& from, torch::nn::Module& to) {
  torch::NoGradGuard no_grad;
  const auto parameters = from.named_parameters();
  const auto buffers = from.named_buffers();
  auto to_parameters = to.named_parameters();
  auto to_buffers = to.named_buffers();
  ASSERT_EQ(parameters.keys(), to_parameters.keys());
  ASSERT_EQ(buffers.keys(), to_buffers.keys());
  for (const auto& item : parameters) {
    ASSERT_EQ(item.value().sizes(), to_parameters[item.key()].sizes()) << item.key();
    to_parameters[item.key()].copy_(item.value());
  }
  for (const auto& item : buffers) to_buffers[item.key()].copy_(item.value());
}

/// Both modules hold the same names and the same bits.
inline void expect_same_state(const torch::nn::Module& a, const torch::nn::Module& b) {
  const auto mine = a.named_parameters();
  const auto others = b.named_parameters();
  ASSERT_EQ(mine.keys(), others.keys());
  for (const auto& item : mine)
    EXPECT_TRUE(same_bits(item.value(), others[item.key()])) << item.key();
}

}  // namespace braid::checks
