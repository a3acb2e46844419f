#include "heads/head.h"
#include "support/module_checks.h"

namespace braid::heads {
namespace {

double loss(double output, double delta) {
  Context context;
  context.task = metrics::Task::regression;
  context.num_labels = 1;
  context.target_mean = 10;
  context.target_deviation = 4;
  const auto head = find("huber").make({{"delta", delta}}, "head", context);
  // Target 14 is +1 in standardised units.
  return head
      ->loss(at::full({1, 1}, output, at::kDouble), at::tensor({14.0}, at::kDouble),
             at::ones({1}, at::kDouble))
      .item<double>();
}

TEST(huber, is_a_parabola_inside_and_a_line_outside) {
  EXPECT_DOUBLE_EQ(loss(1.5, 1), 0.125);  // d = 0.5: 0.5^2 / 2
  EXPECT_DOUBLE_EQ(loss(0.5, 1), 0.125);  // d = -0.5
  EXPECT_DOUBLE_EQ(loss(4, 1), 2.5);      // d = 3: 1 * (3 - 1/2)
  EXPECT_DOUBLE_EQ(loss(-2, 1), 2.5);     // d = -3
  EXPECT_DOUBLE_EQ(loss(4, 2), 4);        // d = 3, delta = 2: 2 * (3 - 1)
}

TEST(huber, delta_has_a_lower_bound) {
  checks::expect_error(ErrorKind::config, "head.delta", [] { loss(1, 0); });
}

}  // namespace
}  // namespace braid::heads
