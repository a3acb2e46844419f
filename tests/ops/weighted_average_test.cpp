#include "ops/weighted_average.h"

#include <cmath>
#include <limits>

#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;
using checks::Outputs;

const std::vector<AverageOf>& all_kinds() {
  static const std::vector<AverageOf> all = {AverageOf::values, AverageOf::log_softmax,
                                             AverageOf::softmax, AverageOf::sigmoid};
  return all;
}

// The first row lacks every modality; others lack some.
Tensor random_presence(int64_t rows, int64_t modalities) {
  Tensor present = at::rand({rows, modalities}) < 0.6;
  present[0].fill_(false);
  return present;
}

Outputs both(const WeightedAverage& made) { return {made.output, made.weights}; }

void expect_same(const std::vector<int64_t>& shape, AverageOf of, bool has_numbers) {
  const Tensor present = random_presence(shape[0], shape[1]);
  Outputs inputs = {2 * at::randn(shape)};
  if (has_numbers) inputs.push_back(at::randn({shape[1]}));
  const auto numbers = [](const Outputs& v) { return v.size() > 1 ? v[1] : Tensor(); };
  for (const std::string& name : checks::fast_kernels()) {
    SCOPED_TRACE(fmt::format("{} [{}] of {}", name, fmt::join(shape, ", "), static_cast<int>(of)));
    const checks::WithKernels kernels(name);
    checks::same_values_and_gradients(
        [&](const Outputs& v) { return both(weighted_average(v[0], present, numbers(v), of)); },
        [&](const Outputs& v) {
          return both(weighted_average_reference(v[0], present, numbers(v), of));
        },
        inputs, /*tolerance=*/5e-6);
  }
}

TEST(weighted_average, fast_equals_slow_for_every_shape_kind_and_weight) {
  torch::manual_seed(1);
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{1, 1, 1}, {3, 2, 1}, {2, 3, 8}, {5, 3, 10}, {4, 5, 33}, {300, 3, 100}})
    for (const AverageOf of : all_kinds())
      for (bool has_numbers : {true, false}) expect_same(shape, of, has_numbers);
}

TEST(weighted_average, by_hand) {
  // Present: 1 and 3 of three, numbers ln 1 and ln 3, so weights 1/4 and 3/4: 2 + 6 = 8.
  const Tensor outputs = at::tensor({8.0f, 99.0f, 8.0f}).view({1, 3, 1});
  const Tensor present = at::tensor({1, 0, 1}, at::kLong).to(at::kBool).view({1, 3});
  const Tensor numbers = at::tensor({0.0f, 5.0f, std::log(3.0f)});
  const WeightedAverage made = weighted_average(outputs, present, numbers, AverageOf::values);
  EXPECT_TRUE(checks::close(made.weights, at::tensor({0.25f, 0.0f, 0.75f}).unsqueeze(0), 1e-6));
  EXPECT_TRUE(checks::close(made.output, at::tensor({8.0f}).unsqueeze(0), 1e-6));
  // Both at odds 3 : 1; equal weights. The mean of probabilities and its logit are the same.
  const Tensor same = at::tensor({std::log(3.0f), 0.0f}).expand({1, 2, 2});
  const Tensor all = at::ones({1, 2}, at::kBool);
  for (const AverageOf of : {AverageOf::softmax, AverageOf::log_softmax})
    EXPECT_TRUE(checks::close(weighted_average(same, all, {}, of).output.softmax(1),
                              at::tensor({0.75f, 0.25f}).unsqueeze(0), 1e-6));
  EXPECT_TRUE(checks::close(weighted_average(same, all, {}, AverageOf::sigmoid).output,
                            at::tensor({std::log(3.0f), 0.0f}).unsqueeze(0), 1e-6));
}

TEST(weighted_average, equal_weights_over_the_present_and_over_all_where_none_is) {
  const Tensor present =
      at::tensor({1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, at::kLong).to(at::kBool).view({3, 4});
  const Tensor expected =
      at::tensor({0.5f, 0.5f, 0.0f, 0.0f, 0.0f, 0.0f, 1.0f, 0.0f, 0.25f, 0.25f, 0.25f, 0.25f})
          .view({3, 4});
  for (const std::string& name : kernel_names()) {
    const checks::WithKernels kernels(name);
    const auto of = [&present](at::ScalarType type) {
      return weighted_average(at::zeros({3, 4, 2}, type), present, {}, AverageOf::values).weights;
    };
    EXPECT_TRUE(checks::same_bits(of(at::kFloat), expected));
    EXPECT_EQ(of(at::kDouble).scalar_type(), at::kDouble);
  }
}

TEST(weighted_average, what_is_absent_changes_nothing_and_gets_no_gradient) {
  const Tensor present = at::tensor({1, 0}, at::kLong).to(at::kBool).view({1, 2});
  for (const std::string& name : kernel_names())
    for (const AverageOf of : all_kinds()) {
      const checks::WithKernels kernels(name);
      Tensor outputs = at::tensor({1.0f, 2.0f, std::nanf(""), std::nanf("")}).view({1, 2, 2});
      outputs.requires_grad_(true);
      const Tensor numbers = at::tensor({0.0f, std::nanf("")}).requires_grad_(true);
      const WeightedAverage made = weighted_average(outputs, present, numbers, of);
      checks::expect_finite(made.output);
      made.output.pow(2).sum().backward();
      checks::expect_finite(outputs.grad());
      EXPECT_TRUE(checks::same_bits(outputs.grad()[0][1], at::zeros({2})));
      checks::expect_finite(numbers.grad());
    }
}

TEST(weighted_average, certain_and_extreme_outputs_stay_finite) {
  for (const std::string& name : kernel_names())
    for (const AverageOf of : all_kinds()) {
      const checks::WithKernels kernels(name);
      const Tensor outputs =
          at::tensor({200.0f, -200.0f, 1e30f, -1e30f}).view({1, 2, 2}).requires_grad_(true);
      const Tensor output = weighted_average(outputs, at::ones({1, 2}, at::kBool), {}, of).output;
      checks::expect_finite(output);
      output.sum().backward();
      checks::expect_finite(outputs.grad());
    }
}

TEST(weighted_average, nan_of_a_present_modality_stays_nan) {
  for (const std::string& name : kernel_names())
    for (const AverageOf of : all_kinds()) {
      const checks::WithKernels kernels(name);
      const Tensor outputs = at::full({1, 2, 2}, std::nanf(""));
      const WeightedAverage made = weighted_average(outputs, at::ones({1, 2}, at::kBool), {}, of);
      EXPECT_TRUE(at::isnan(made.output).all().item<bool>());
      EXPECT_TRUE(checks::same_bits(made.weights, at::full({1, 2}, 0.5)));
    }
}

TEST(weighted_average, from_averaged_undoes_to_averaged) {
  const Tensor outputs = at::tensor({0.3f, -1.2f, 2.0f});
  for (const AverageOf of : all_kinds()) {
    const Tensor once = to_averaged(outputs, of);
    EXPECT_TRUE(checks::close(to_averaged(from_averaged(once, of), of), once, 1e-6));
  }
}

}  // namespace
}  // namespace braid::ops
