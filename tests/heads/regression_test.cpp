#include "heads/regression.h"

#include "support/module_checks.h"

namespace braid::heads {
namespace {

// Every head whose base is Regression shares the units; the task's default stands for them.
std::unique_ptr<Head> made(double mean, double deviation) {
  Context context;
  context.task = metrics::Task::regression;
  context.num_labels = 1;
  context.target_mean = mean;
  context.target_deviation = deviation;
  return default_for(metrics::Task::regression).make(Json::object(), "head", context);
}

at::Tensor value(double x) { return at::tensor({x}, at::kDouble); }

TEST(regression, scores_are_in_the_targets_units) {
  EXPECT_DOUBLE_EQ(made(10, 4)->scores(value(-0.5).unsqueeze(1)).item<double>(),
                   8);  // 10 - 0.5 * 4
  EXPECT_EQ(made(10, 4)->activation(), Activation::identity);
}

TEST(regression, a_constant_target_counts_as_deviation_one) {
  EXPECT_DOUBLE_EQ(made(3, 0)->scores(value(0).unsqueeze(1)).item<double>(), 3);
  EXPECT_DOUBLE_EQ(made(3, 0)->loss(value(0).unsqueeze(1), value(3), value(1)).item<double>(), 0);
}

TEST(regression, large_targets_keep_their_digits) {
  // 1e9 + 3 is no float32; standardised first it is 0.75 exactly.
  const auto head = made(1e9, 4);
  const at::Tensor output = at::full({1, 1}, 0.75, at::kFloat);
  EXPECT_EQ(head->loss(output, value(1e9 + 3), value(1)).item<double>(), 0);
}

}  // namespace
}  // namespace braid::heads
