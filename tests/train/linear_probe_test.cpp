// A linear probe finds what a line parts, and nothing where there is nothing.
#include "train/linear_probe.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "core/rng.h"
#include "support/module_checks.h"

namespace braid::train {
namespace {

// Two numbers, of which the first one's sign is the class; it may be told wrong with a chance.
ProbeRows rows_of(int64_t count, double wrong, uint64_t seed) {
  Rng rng(seed);
  ProbeRows rows;
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) {
    const double x = rng.normal();
    values.insert(values.end(), {x, rng.normal()});
    rows.classes.push_back((x > 0) != rng.chance(wrong));
  }
  rows.vectors = at::tensor(values, at::kDouble).view({count, 2});
  return rows;
}

double accuracy(const at::Tensor& scores, const std::vector<int64_t>& classes) {
  int64_t num_right = 0;
  for (size_t i = 0; i < classes.size(); ++i)
    num_right += scores[static_cast<int64_t>(i)].argmax().item<int64_t>() == classes[i];
  return static_cast<double>(num_right) / static_cast<double>(classes.size());
}

TEST(linear_probe, finds_the_line_between_classes) {
  const ProbeRows test = rows_of(200, 0, 3);
  const ProbeResult result = linear_probe(rows_of(200, 0, 1), rows_of(100, 0, 2), test.vectors, 2);
  EXPECT_GE(accuracy(result.scores, test.classes), 0.97);
  EXPECT_TRUE(checks::close(result.scores.sum(1), at::ones({200}), 1e-9));
}

TEST(linear_probe, solves_a_problem_by_hand) {
  // One number, -1 or 1, and its sign as the class. The loss log(1 + e^-2w) + decay w^2 (weights
  // of w and -w) has its least value where 2 / (1 + e^2w) = 2 decay w, so at w = 1 for the decay
  // 1 / (1 + e^2) = 0.1192, and a little above 1 for 0.1, which is the largest that is tried.
  ProbeRows rows;
  rows.vectors = at::tensor({-1.0, 1.0}, at::kDouble).view({2, 1});
  rows.classes = {0, 1};
  const ProbeResult result = linear_probe(rows, rows, rows.vectors, 2);
  EXPECT_EQ(result.decay, 0.1);
  const double chance = result.scores[1][1].item<double>();  // 1 / (1 + e^-2w)
  const double w = std::log(chance / (1 - chance)) / 2;
  EXPECT_NEAR(1 / (1 + std::exp(2 * w)), 0.1 * w, 1e-5);
}

TEST(linear_probe, decays_more_where_labels_are_noise) {
  const ProbeRows test = rows_of(400, 0.5, 3);
  const ProbeResult result =
      linear_probe(rows_of(60, 0.5, 1), rows_of(200, 0.5, 2), test.vectors, 2);
  EXPECT_NEAR(accuracy(result.scores, test.classes), 0.5, 0.1);
}

TEST(linear_probe, errors) {
  const ProbeRows rows = rows_of(4, 0, 1);
  checks::expect_error(ErrorKind::shape, "rows of one width", [&] {
    linear_probe(rows, {}, at::zeros({2, 3}), 2);
  });
}

}  // namespace
}  // namespace braid::train
