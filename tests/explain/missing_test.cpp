// Coins of modalities: as often as the rate says, never more at a lower one, never the last.
#include "explain/missing.h"

#include <gtest/gtest.h>

namespace braid::explain {
namespace {

const std::vector<size_t> kAll = {0, 1, 2};

TEST(missing, as_often_as_the_rate_says) {
  int without_first = 0, without_second = 0;
  for (uint64_t row = 0; row < 2000; ++row) {
    const size_t kept = kept_at_random(0b111, {0}, 0.3, /*keeps_last=*/true, Rng(row));
    without_first += (kept & 1) == 0;
    without_second += (kept & 2) == 0;
  }
  EXPECT_NEAR(without_first / 2000.0, 0.3, 0.041);  // four deviations
  EXPECT_EQ(without_second, 0);
}

TEST(missing, what_is_hidden_at_one_rate_is_hidden_at_every_higher_one) {
  for (uint64_t row = 0; row < 200; ++row) {
    size_t before = 0b111;
    for (double rate : {0.0, 0.2, 0.5, 0.8, 1.0}) {
      const size_t kept = kept_at_random(0b111, kAll, rate, /*keeps_last=*/true, Rng(row));
      EXPECT_EQ(kept & ~before, 0u) << row << " " << rate;
      EXPECT_NE(kept, 0u);
      before = kept;
    }
  }
}

TEST(missing, of_what_a_row_has_alone) {
  for (uint64_t row = 0; row < 50; ++row) {
    EXPECT_EQ(kept_at_random(0b010, kAll, 1, /*keeps_last=*/true, Rng(row)), 0b010u);
    EXPECT_EQ(kept_at_random(0b010, kAll, 1, /*keeps_last=*/false, Rng(row)), 0u);
    EXPECT_EQ(kept_at_random(0, kAll, 0.5, /*keeps_last=*/true, Rng(row)), 0u);
    EXPECT_EQ(kept_at_random(0b110, {1}, 1, /*keeps_last=*/true, Rng(row)), 0b100u);
  }
}

}  // namespace
}  // namespace braid::explain
