#include <cmath>

#include "heads/head.h"
#include "support/module_checks.h"

namespace braid::heads {
namespace {

using at::Tensor;

std::unique_ptr<Head> made(const char* name, const Json& config) {
  Context context;
  context.task = metrics::Task::multilabel;
  context.num_labels = 2;
  return find(name).make(config, "head", context);
}

// Probabilities 3/4 and 1/4; the truth is yes, yes.
const Tensor output() {
  return at::tensor({std::log(3.0), -std::log(3.0)}, at::kDouble).view({1, 2});
}

TEST(binary_focal, by_hand) {
  // gamma 2: (1/4)^2 ln(4/3) and (3/4)^2 ln 4.
  const double loss =
      made("binary_focal", {{"gamma", 2}})
          ->loss(output(), at::ones({1, 2}, at::kDouble), at::ones({1}, at::kDouble))
          .item<double>();
  EXPECT_NEAR(loss, (std::log(4.0 / 3) / 16 + 9 * std::log(4.0) / 16) / 2, 1e-12);
}

TEST(binary_focal, without_focus_it_is_the_cross_entropy) {
  const Tensor target = at::tensor({1.0, 0.0}, at::kDouble).view({1, 2});
  const Tensor one = at::ones({1}, at::kDouble);
  EXPECT_NEAR(
      made("binary_focal", {{"gamma", 0}})->loss(output(), target, one).item<double>(),
      made("binary_cross_entropy", Json::object())->loss(output(), target, one).item<double>(),
      1e-12);
}

}  // namespace
}  // namespace braid::heads
