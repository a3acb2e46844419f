// Rows of which one part decides, so that curves can be written down.
#include "explain/faithfulness.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <numeric>

#include "support/fusion_checks.h"

namespace braid::explain {
namespace {

using at::Tensor;

constexpr int64_t kRows = 40, kParts = 20, kDecides = 7;

std::vector<int64_t> rows() {
  std::vector<int64_t> all(kRows);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// 1 while the part that decides is there.
Tensor score(const Tensor& keep) { return keep.select(/*dim=*/1, kDecides).to(at::kDouble); }

Tensor important(int64_t part) {
  Tensor values = at::zeros({kRows, kParts});
  values.select(/*dim=*/1, part).fill_(1);
  return values;
}

Json measure(const std::vector<Order>& orders) {
  Faithfulness made;
  made.add(rows(), orders, at::ones({kRows, kParts}, at::kBool), score);
  return made.summary({}, {});
}

TEST(faithfulness, the_right_order_loses_all_at_once) {
  const Json made = measure({{"right", important(kDecides)}});
  const Json& order = made["orders"][0];
  // Two of twenty parts a step: after the first, the score is gone.
  EXPECT_EQ(order["deletion"], Json({1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0}));
  EXPECT_EQ(order["insertion"], Json({0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}));
  // Random order has it at a place between 1 and 20: the area is 0.5 on average, the right one's
  // 0.05 and 0.95.
  EXPECT_NEAR(order["deletion_gain"]["mean"].get<double>(), 0.45, 0.08);
  EXPECT_NEAR(order["insertion_gain"]["mean"].get<double>(), 0.45, 0.08);
  EXPECT_GT(order["deletion_gain"]["interval"][0].get<double>(), 0.3);
  EXPECT_EQ(made["rows"], kRows);
  EXPECT_EQ(made["parts"], kParts);
}

TEST(faithfulness, the_reverse_order_is_worse_than_random) {
  const Json made = measure({{"right", important(kDecides)}, {"wrong", -important(kDecides)}});
  ASSERT_EQ(made["orders"].size(), 2u);
  const Json& wrong = made["orders"][1];
  EXPECT_EQ(wrong["deletion"], Json({1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0}));
  EXPECT_LT(wrong["deletion_gain"]["interval"][1].get<double>(), -0.3);
  EXPECT_LT(wrong["insertion_gain"]["interval"][1].get<double>(), -0.3);
}

TEST(faithfulness, another_random_order_gains_nothing) {
  auto random = at::detail::createCPUGenerator(/*seed=*/4);
  const Json made = measure({{"chance", at::rand({kRows, kParts}, random)}});
  const Json& gain = made["orders"][0]["deletion_gain"]["interval"];
  EXPECT_LT(gain[0].get<double>(), 0);
  EXPECT_GT(gain[1].get<double>(), 0);
}

TEST(faithfulness, parts_that_a_row_lacks_do_not_count) {
  // Row 0 has the last three parts alone, and the most important of them decides.
  const Tensor real = at::arange(6).ge(3).unsqueeze(0);
  const Tensor importance = checks::matrix({{9, 9, 9, 1, 3, 2}});
  Faithfulness made;
  made.add({5}, {{"order", importance}}, real, [&](const Tensor& keep) {
    EXPECT_FALSE(keep.logical_and(real.logical_not()).any().item<bool>());
    return keep.select(/*dim=*/1, 4).to(at::kDouble);
  });
  const Json summary = made.summary({}, {});
  EXPECT_EQ(summary["parts"], 3.0);
  // Deleted of three parts: round(0.3), round(0.6), ... the first goes in the second step.
  EXPECT_EQ(summary["orders"][0]["deletion"],
            Json({1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0}));
  EXPECT_TRUE(summary["orders"][0]["deletion_gain"]["interval"][0].is_null());  // a lone row
}

TEST(faithfulness, batches_do_not_change_it) {
  Faithfulness parts;
  const std::vector<int64_t> all = rows();
  const Tensor importance = important(3);
  for (int64_t begin = 0; begin < kRows; begin += 15) {
    const int64_t end = std::min(begin + 15, kRows);
    parts.add({all.begin() + begin, all.begin() + end},
              {{"order", importance.slice(/*dim=*/0, begin, end)}},
              at::ones({end - begin, kParts}, at::kBool), score);
  }
  EXPECT_EQ(parts.summary({}, {}), measure({{"order", importance}}));
}

}  // namespace
}  // namespace braid::explain
