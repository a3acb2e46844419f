#include "layers/encoded.h"

#include <cmath>

#include "support/module_checks.h"

namespace braid {
namespace {

TEST(encoded, keep_where_puts_exact_zeros_over_nan) {
  const Tensor x = at::tensor({1.0, std::nan(""), 3.0, 4.0}).view({2, 2});
  const Tensor keep = at::tensor({1, 0, 1, 1}).view({2, 2}).to(at::kBool);
  EXPECT_TRUE(
      checks::same_bits(keep_where(keep, x), at::tensor({1.0, 0.0, 3.0, 4.0}).view({2, 2})));
}

TEST(encoded, keep_where_broadcasts_from_the_left) {
  const Tensor x = at::ones({2, 3, 4});
  const Tensor rows = at::tensor({0, 1}).to(at::kBool);
  EXPECT_TRUE(checks::same_bits(keep_where(rows, x)[0], at::zeros({3, 4})));
  EXPECT_TRUE(checks::same_bits(keep_where(rows, x)[1], at::ones({3, 4})));
  const Tensor places = at::tensor({1, 1, 0, 0, 0, 1}).view({2, 3}).to(at::kBool);
  // Per row of 4 columns: 2 and 1 kept places.
  EXPECT_TRUE(
      checks::close(keep_where(places, x).sum(at::IntArrayRef{1, 2}), at::tensor({8.0, 4.0})));
}

TEST(encoded, known_true_means_every_entry) {
  EXPECT_TRUE(is_known_true(at::ones({3, 2}, at::kBool)));
  EXPECT_FALSE(is_known_true(at::tensor({1, 1, 0}).to(at::kBool)));
  // Not contiguous: unknown, however it is filled.
  EXPECT_FALSE(is_known_true(at::ones({3, 2}, at::kBool).t().select(/*dim=*/0, 0)));
}

TEST(encoded, known_false_means_no_entry) {
  EXPECT_TRUE(is_known_false(at::zeros({3, 2}, at::kBool)));
  EXPECT_FALSE(is_known_false(at::tensor({0, 0, 1}).to(at::kBool)));
  EXPECT_FALSE(is_known_false(at::zeros({3, 2}, at::kBool).t().select(/*dim=*/0, 0)));
}

TEST(encoded, real_tokens_are_those_of_present_rows) {
  const Tensor mask = at::tensor({1, 0, 1, 1}).view({2, 2}).to(at::kBool);
  const auto present = [](int a, int b) { return at::tensor({a, b}).to(at::kBool); };
  EXPECT_TRUE(checks::same_bits(real_tokens(mask, present(1, 1)), mask));
  EXPECT_TRUE(checks::same_bits(real_tokens(mask, present(1, 0)),
                                at::tensor({1, 0, 0, 0}).view({2, 2}).to(at::kBool)));
}

TEST(encoded, keep_where_works_on_ids_and_stops_the_gradient) {
  const Tensor ids = at::tensor({5, 1 << 20}).to(at::kLong);
  const Tensor keep = at::tensor({1, 0}).to(at::kBool);
  EXPECT_TRUE(checks::same_bits(keep_where(keep, ids), at::tensor({5, 0}).to(at::kLong)));
  Tensor x = at::tensor({2.0, 3.0}).requires_grad_(true);
  keep_where(keep, x).sum().backward();
  EXPECT_TRUE(checks::same_bits(x.grad(), at::tensor({1.0, 0.0})));
}

}  // namespace
}  // namespace braid
