#include "ops/random.h"

#include "support/module_checks.h"

namespace braid::ops {
namespace {

using at::Tensor;

TEST(random, dropout_keeps_the_expectation) {
  const RandomScope scope(1);
  // Kept entries are 1 / (1 - 0.25); of 10,000, 7,500 +- 5 standard deviations (43.3) are kept.
  const Tensor y = ops::dropout(at::ones({10000}), 0.25, /*is_training=*/true);
  EXPECT_NEAR(y.ne(0).sum().item<double>(), 7500, 217);
  EXPECT_NEAR(y.max().item<double>(), 1 / 0.75, 1e-6);
}

TEST(random, a_seed_gives_the_same_bits_whatever_ran_before) {
  const Tensor x = at::ones({100});
  const auto first_draw = [&x](uint64_t seed) {
    const RandomScope scope(seed);
    return ops::dropout(x, 0.5, true);
  };
  const Tensor expected = first_draw(7);
  at::rand({13});
  EXPECT_TRUE(checks::same_bits(first_draw(7), expected));
  EXPECT_FALSE(first_draw(8).equal(expected));
}

TEST(random, an_inner_scope_leaves_the_outer_one_where_it_was) {
  const Tensor x = at::ones({100});
  Tensor second, second_with_inner;
  {
    const RandomScope outer(3);
    ops::dropout(x, 0.5, true);
    second = ops::dropout(x, 0.5, true);
  }
  {
    const RandomScope outer(3);
    ops::dropout(x, 0.5, true);
    {
      const RandomScope inner(4);
      ops::dropout(x, 0.5, true);
    }
    second_with_inner = ops::dropout(x, 0.5, true);
  }
  EXPECT_TRUE(checks::same_bits(second, second_with_inner));
}

TEST(random, dropout_rests_outside_training_and_at_zero) {
  const Tensor x = at::randn({10});
  EXPECT_TRUE(checks::same_bits(ops::dropout(x, 0.5, /*is_training=*/false), x));
  EXPECT_TRUE(checks::same_bits(ops::dropout(x, 0.0, /*is_training=*/true), x));
}

TEST(random, training_outside_a_scope_is_a_bug) {
  EXPECT_THROW(ops::dropout(at::ones({2}), 0.5, /*is_training=*/true), Error);
}

TEST(random, an_init_scope_fixes_initial_parameters) {
  const auto fresh = [](uint64_t seed) {
    const InitScope init(seed);
    return torch::nn::Linear(4, 4)->weight.detach();
  };
  EXPECT_TRUE(checks::same_bits(fresh(1), fresh(1)));
  EXPECT_FALSE(fresh(1).equal(fresh(2)));
}

}  // namespace
}  // namespace braid::ops
