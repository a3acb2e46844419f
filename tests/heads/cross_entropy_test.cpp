#include <cmath>

#include "heads/head.h"
#include "support/module_checks.h"

namespace braid::heads {
namespace {

using at::Tensor;

std::unique_ptr<Head> made(const std::vector<double>& weights, double label_smoothing = 0) {
  Context context;
  context.num_labels = 2;
  context.class_weights = weights;
  return find("cross_entropy").make({{"label_smoothing", label_smoothing}}, "head", context);
}

// Row 0: logits (0, ln 3), p = (1/4, 3/4), class 1. Row 1: logits (0, 0), p = (1/2, 1/2), class 0.
const Tensor output() {
  return at::tensor({0.0, std::log(3.0), 0.0, 0.0}, at::kDouble).view({2, 2});
}
const Tensor target() { return at::tensor({1.0, 0.0}, at::kDouble); }
const Tensor ones() { return at::ones({2}, at::kDouble); }

TEST(cross_entropy, is_the_mean_negative_log_probability) {
  // (ln(4/3) + ln 2) / 2
  EXPECT_NEAR(made({})->loss(output(), target(), ones()).item<double>(),
              (std::log(4.0 / 3) + std::log(2.0)) / 2, 1e-12);
}

TEST(cross_entropy, class_weights_divide_by_their_sum) {
  // Weights 3 (class 0), 1 (class 1): (1 ln(4/3) + 3 ln 2) / (1 + 3)
  EXPECT_NEAR(made({3, 1})->loss(output(), target(), ones()).item<double>(),
              (std::log(4.0 / 3) + 3 * std::log(2.0)) / 4, 1e-12);
}

TEST(cross_entropy, label_smoothing_by_hand) {
  // s = 0.2; row 0: 0.8 ln(4/3) + 0.1 (ln 4 + ln(4/3)); row 1: 0.8 ln 2 + 0.1 (2 ln 2) = ln 2.
  const double row0 = 0.8 * std::log(4.0 / 3) + 0.1 * (std::log(4.0) + std::log(4.0 / 3));
  EXPECT_NEAR(made({}, 0.2)->loss(output(), target(), ones()).item<double>(),
              (row0 + std::log(2.0)) / 2, 1e-12);
}

TEST(cross_entropy, agrees_with_pytorch_on_weights_and_smoothing) {
  const Tensor logits = at::randn({5, 2}, at::detail::createCPUGenerator(1), at::kDouble);
  const Tensor classes = at::tensor({0, 1, 1, 0, 1}, at::kLong);
  const Tensor expected =
      at::cross_entropy_loss(logits, classes, at::tensor({0.7, 2.5}, at::kDouble),
                             at::Reduction::Mean, /*ignore_index=*/-100, /*label_smoothing=*/0.3);
  const Tensor loss =
      made({0.7, 2.5}, 0.3)->loss(logits, classes.to(at::kDouble), at::ones({5}, at::kDouble));
  EXPECT_NEAR(loss.item<double>(), expected.item<double>(), 1e-12);
}

TEST(cross_entropy, scores_are_the_softmax) {
  EXPECT_TRUE(checks::close(made({})->scores(output()),
                            at::tensor({0.25, 0.75, 0.5, 0.5}).view({2, 2}), 1e-6));
  EXPECT_EQ(made({})->activation(), Activation::softmax);
  EXPECT_EQ(made({})->num_outputs(), 2);
}

TEST(cross_entropy, smoothing_has_bounds) {
  checks::expect_error(ErrorKind::config, "head.label_smoothing", [] { made({}, 1.5); });
}

}  // namespace
}  // namespace braid::heads
