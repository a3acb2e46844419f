#include <cmath>

#include "heads/head.h"
#include "support/module_checks.h"

namespace braid::heads {
namespace {

using at::Tensor;

std::unique_ptr<Head> made(metrics::Task task, const std::vector<double>& weights = {}) {
  Context context;
  context.task = task;
  context.num_labels = 2;
  context.class_weights = weights;
  return find("binary_cross_entropy").make(Json::object(), "head", context);
}

Tensor column(std::vector<double> values) { return at::tensor(values, at::kDouble).unsqueeze(1); }
Tensor list(std::vector<double> values) { return at::tensor(values, at::kDouble); }

TEST(binary_cross_entropy, a_binary_task_has_one_logit_and_two_scores) {
  const auto head = made(metrics::Task::binary);
  EXPECT_EQ(head->num_outputs(), 1);
  EXPECT_EQ(head->activation(), Activation::sigmoid);
  // Logit ln 3: p = 3/4. Loss of class 1: -ln(3/4); of class 0: -ln(1/4).
  const Tensor logits = column({std::log(3.0), std::log(3.0)});
  EXPECT_TRUE(checks::close(head->scores(logits)[0], list({0.25, 0.75}), 1e-12));
  EXPECT_NEAR(head->loss(logits, list({1, 0}), list({1, 1})).item<double>(),
              (std::log(4.0 / 3) + std::log(4.0)) / 2, 1e-12);
}

TEST(binary_cross_entropy, huge_logits_follow_the_stable_formula) {
  const auto head = made(metrics::Task::binary);
  // max(x, 0) - x t + ln(1 + e^-|x|): x = 1000, t = 0 -> 1000; x = 1000, t = 1 -> 0; x = -1000, t =
  // 1 -> 1000.
  EXPECT_EQ(head->loss(column({1000}), list({0}), list({1})).item<double>(), 1000);
  EXPECT_EQ(head->loss(column({1000}), list({1}), list({1})).item<double>(), 0);
  EXPECT_EQ(head->loss(column({-1000}), list({1}), list({1})).item<double>(), 1000);
  // x = -40, t = 0: ln(1 + e^-40) = e^-40, which a sigmoid before a logarithm rounds to 0.
  EXPECT_NEAR(head->loss(column({-40}), list({0}), list({1})).item<double>() / std::exp(-40.0), 1,
              1e-9);
  // The gradient is sigmoid(x) - t, here -1 and not 0.
  Tensor x = column({-1000}).requires_grad_(true);
  head->loss(x, list({1}), list({1})).backward();
  EXPECT_EQ(x.grad().item<double>(), -1);
  // At x = 0, where both parts of the formula have a kink: 1/2 - t.
  Tensor zero = column({0}).requires_grad_(true);
  head->loss(zero, list({1}), list({1})).backward();
  EXPECT_EQ(zero.grad().item<double>(), -0.5);
}

TEST(binary_cross_entropy, labels_are_averaged) {
  const auto head = made(metrics::Task::multilabel);
  EXPECT_EQ(head->num_outputs(), 2);
  // Logits (ln 3, 0), targets (1, 0): (ln(4/3) + ln 2) / 2.
  const Tensor logits = list({std::log(3.0), 0}).unsqueeze(0), target = list({1, 0}).unsqueeze(0);
  EXPECT_NEAR(head->loss(logits, target, list({1})).item<double>(),
              (std::log(4.0 / 3) + std::log(2.0)) / 2, 1e-12);
  EXPECT_TRUE(checks::close(head->scores(logits), list({0.75, 0.5}).unsqueeze(0), 1e-12));
}

TEST(binary_cross_entropy, class_weights_divide_by_their_sum) {
  // Multilabel, weights per label (3, 1): (3 ln(4/3) + 1 ln 2) / 4.
  const Tensor logits = list({std::log(3.0), 0}).unsqueeze(0), target = list({1, 0}).unsqueeze(0);
  EXPECT_NEAR(
      made(metrics::Task::multilabel, {3, 1})->loss(logits, target, list({1})).item<double>(),
      (3 * std::log(4.0 / 3) + std::log(2.0)) / 4, 1e-12);
  // Binary, weights per class (3, 1), rows of class 1 and 0 with losses ln(4/3) and ln 4: (1
  // ln(4/3) + 3 ln 4) / 4.
  const Tensor two = column({std::log(3.0), std::log(3.0)});
  EXPECT_NEAR(
      made(metrics::Task::binary, {3, 1})->loss(two, list({1, 0}), list({1, 1})).item<double>(),
      (std::log(4.0 / 3) + 3 * std::log(4.0)) / 4, 1e-12);
}

}  // namespace
}  // namespace braid::heads
