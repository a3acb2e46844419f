// The update against a hand-worked step and against libtorch's own AdamW.
#include "train/adamw.h"

#include <gtest/gtest.h>

#include "support/module_checks.h"

namespace braid::train {
namespace {

using checks::close;
using checks::expect_error;

torch::OrderedDict<std::string, at::Tensor> one(const std::string& name, const at::Tensor& value) {
  torch::OrderedDict<std::string, at::Tensor> parameters;
  parameters.insert(name, value);
  return parameters;
}

at::Tensor parameter(const std::vector<int64_t>& shape, double value) {
  return at::full(shape, value, at::kFloat).set_requires_grad(true);
}

TEST(adamw, first_step_by_hand) {
  at::Tensor p = parameter({1, 1}, 1.0);
  AdamWOptions options;
  options.weight_decay = 0.01;
  AdamW optimizer(one("p", p), options);
  p.mutable_grad() = at::full({1, 1}, 0.5, at::kFloat);
  optimizer.step(0.1);
  // Decay: 1 * (1 - 0.1 * 0.01) = 0.999. m / (1 - 0.9) = 0.5, v / (1 - 0.999) = 0.25, so the step
  // is 0.1 * 0.5 / sqrt(0.25) = 0.1.
  EXPECT_NEAR(p.item<double>(), 0.899, 1e-6);
  EXPECT_EQ(optimizer.steps(), 1);
  // The same gradient again: moments corrected are the same, so 0.899 * 0.999 - 0.1.
  optimizer.step(0.1);
  EXPECT_NEAR(p.item<double>(), 0.798101, 1e-6);
}

TEST(adamw, biases_and_tokens_do_not_decay) {
  at::Tensor bias = parameter({1}, 1.0);
  AdamWOptions options;
  options.weight_decay = 0.5;
  AdamW optimizer(one("bias", bias), options);
  bias.mutable_grad() = at::full({1}, 0.5, at::kFloat);
  optimizer.step(0.1);
  EXPECT_NEAR(bias.item<double>(), 0.9, 1e-6);  // the step alone
}

TEST(adamw, equals_libtorchs) {
  auto random = at::detail::createCPUGenerator(3);
  const at::Tensor start = at::randn({3, 4}, random), start_bias = at::randn({4}, random);
  at::Tensor p = start.clone().set_requires_grad(true),
             b = start_bias.clone().set_requires_grad(true);
  at::Tensor q = start.clone().set_requires_grad(true),
             c = start_bias.clone().set_requires_grad(true);
  auto ours = one("p", p);
  ours.insert("b", b);
  AdamWOptions options;
  options.weight_decay = 0.1;
  options.decays_all = true;
  AdamW optimizer(ours, options);
  torch::optim::AdamW reference({q, c}, torch::optim::AdamWOptions(0.05).weight_decay(0.1));
  const at::Tensor x = at::randn({5, 3}, random);
  for (int step = 0; step < 10; ++step) {
    optimizer.zero_grad();
    reference.zero_grad();
    (x.matmul(p) + b).tanh().square().sum().backward();
    (x.matmul(q) + c).tanh().square().sum().backward();
    optimizer.step(0.05);
    reference.step();
  }
  EXPECT_TRUE(close(p, q, 1e-6));
  EXPECT_TRUE(close(b, c, 1e-6));
  EXPECT_FALSE(close(p, start, 0.1)) << "it has to have moved";
}

TEST(adamw, a_parameter_without_gradient_is_left_alone) {
  at::Tensor used = parameter({1, 1}, 1.0), idle = parameter({1, 1}, 2.0);
  auto parameters = one("used", used);
  parameters.insert("idle", idle);
  AdamW optimizer(parameters, AdamWOptions());
  used.mutable_grad() = at::ones({1, 1});
  optimizer.step(0.1);
  EXPECT_EQ(idle.item<double>(), 2.0) << "no decay either";
  EXPECT_NE(used.item<double>(), 1.0);
  optimizer.zero_grad();
  EXPECT_FALSE(used.grad().defined());
}

TEST(adamw, a_saved_state_goes_on_with_the_same_bits) {
  at::Tensor p = parameter({2, 2}, 1.0), q = parameter({2, 2}, 1.0);
  AdamW first(one("p", p), AdamWOptions()), second(one("p", q), AdamWOptions());
  const at::Tensor gradient = at::arange(4, at::kFloat).view({2, 2});
  auto step = [&](AdamW& optimizer, at::Tensor& parameter, double scale) {
    parameter.mutable_grad() = gradient * scale;
    optimizer.step(0.1);
  };
  step(first, p, 1);
  step(first, p, -3);
  formats::SafeTensors saved;
  first.save(&saved);
  {
    torch::NoGradGuard no_grad;
    q.copy_(p);
  }
  second.load(saved, first.steps(), "last.safetensors");
  step(first, p, 2);
  step(second, q, 2);
  EXPECT_TRUE(checks::same_bits(p, q));
  EXPECT_EQ(second.steps(), 3);
}

TEST(adamw, anothers_state_is_refused) {
  at::Tensor p = parameter({2, 2}, 1.0), q = parameter({2, 3}, 1.0);
  AdamW first(one("p", p), AdamWOptions()), other_shape(one("p", q), AdamWOptions()),
      other_name(one("w", p), AdamWOptions());
  formats::SafeTensors saved;
  first.save(&saved);
  expect_error(ErrorKind::format, "x: expected the optimiser's 'm.p' as F32 [2, 3]",
               [&] { other_shape.load(saved, 1, "x"); });
  expect_error(ErrorKind::format, "x: expected the optimiser's 'm.w' as F32 [2, 2]",
               [&] { other_name.load(saved, 1, "x"); });
}

}  // namespace
}  // namespace braid::train
