#include "heads/head.h"
#include "support/module_checks.h"

namespace braid::heads {
namespace {

TEST(mse, squares_the_difference_in_standardised_units) {
  Context context;
  context.task = metrics::Task::regression;
  context.num_labels = 1;
  context.target_mean = 10;
  context.target_deviation = 4;
  const auto head = find("mse").make(Json::object(), "head", context);
  // Targets 14 and 6 are +1 and -1; outputs 2 and -1: differences 1 and 0. Weights 1 and 3: (1 * 1
  // + 3 * 0) / 4.
  const at::Tensor output = at::tensor({2.0, -1.0}, at::kDouble).unsqueeze(1);
  const at::Tensor target = at::tensor({14.0, 6.0}, at::kDouble),
                   weight = at::tensor({1.0, 3.0}, at::kDouble);
  EXPECT_DOUBLE_EQ(head->loss(output, target, weight).item<double>(), 0.25);
}

}  // namespace
}  // namespace braid::heads
