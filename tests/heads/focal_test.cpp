#include <cmath>

#include "heads/head.h"
#include "support/module_checks.h"

namespace braid::heads {
namespace {

using at::Tensor;

std::unique_ptr<Head> made(double gamma, const std::vector<double>& weights = {},
                           const char* name = "focal") {
  Context context;
  context.num_labels = 2;
  context.class_weights = weights;
  return find(name).make(Json{{"gamma", gamma}}, "head", context);
}

// Row 0: p = (1/4, 3/4), class 1. Row 1: p = (1/2, 1/2), class 0.
const Tensor output() {
  return at::tensor({0.0, std::log(3.0), 0.0, 0.0}, at::kDouble).view({2, 2});
}
const Tensor target() { return at::tensor({1.0, 0.0}, at::kDouble); }
const Tensor ones() { return at::ones({2}, at::kDouble); }

TEST(focal, by_hand) {
  // gamma 2: (1/4)^2 ln(4/3) and (1/2)^2 ln 2.
  const double right = std::log(4.0 / 3) / 16, unsure = std::log(2.0) / 4;
  EXPECT_NEAR(made(2)->loss(output(), target(), ones()).item<double>(), (right + unsure) / 2,
              1e-12);
  EXPECT_NEAR(made(2, {3, 1})->loss(output(), target(), ones()).item<double>(),
              (right + 3 * unsure) / 4, 1e-12);
}

TEST(focal, without_focus_it_is_the_cross_entropy) {
  Context context;
  context.num_labels = 2;
  const double expected = find("cross_entropy")
                              .make(Json::object(), "head", context)
                              ->loss(output(), target(), ones())
                              .item<double>();
  EXPECT_NEAR(made(0)->loss(output(), target(), ones()).item<double>(), expected, 1e-12);
}

TEST(focal, certainty_has_a_finite_gradient) {
  Tensor certain = at::tensor({-200.0, 200.0}, at::kDouble).view({1, 2}).requires_grad_(true);
  made(0.5)->loss(certain, at::ones({1}, at::kDouble), at::ones({1}, at::kDouble)).backward();
  EXPECT_TRUE(at::isfinite(certain.grad()).all().item<bool>());
}

}  // namespace
}  // namespace braid::heads
