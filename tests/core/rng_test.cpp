// The same numbers on every machine: a saved split or a resumed run depends on them.
#include "core/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

namespace braid {
namespace {

// From the published algorithms (Blackman and Vigna: splitmix64 seeds xoshiro256**), written down
// in Python and checked there against the generators' own test values: splitmix64(1234567) begins
// with 6457827717110365317, xoshiro256** from the state 1, 2, 3, 4 with 11520, 0, 1509978240.
TEST(rng, first_values_are_the_published_generators) {
  Rng rng(1);
  EXPECT_EQ(rng.bits(), 0xb3f2af6d0fc710c5ull);
  EXPECT_EQ(rng.bits(), 0x853b559647364ceaull);
  EXPECT_EQ(rng.bits(), 0x92f89756082a4514ull);
  EXPECT_EQ(rng.bits(), 0x642e1c7bc266a3a7ull);
  Rng again(1);
  EXPECT_EQ(again.uniform(), 0.7029218331588505);  // (0xb3f2af6d0fc710c5 >> 11) / 2^53
  EXPECT_EQ(again.uniform(-1, 1), 2 * 0.5204366199388569 - 1);
}

TEST(rng, forks_depend_on_seed_and_purpose_alone) {
  Rng used(5);
  for (int i = 0; i < 10; ++i) used.bits();
  EXPECT_EQ(used.fork("split").bits(), Rng(5).fork("split").bits())
      << "what was drawn does not matter";
  std::set<uint64_t> first;
  for (const char* purpose : {"", "a", "b", "ab"}) first.insert(Rng(5).fork(purpose).bits());
  for (uint64_t index = 0; index < 100; ++index) first.insert(Rng(5).fork(index).bits());
  first.insert(Rng(6).fork("a").bits());
  first.insert(Rng(5).fork("a").fork("b").bits());
  first.insert(Rng(5).bits());
  EXPECT_EQ(first.size(), 107u)
      << "4 purposes, 100 indices, another seed, a fork of a fork, the parent";
}

TEST(rng, neighbouring_forks_are_uncorrelated) {
  // Correlation of 4000 uniform pairs has a deviation of 1 / sqrt(4000) = 0.016.
  Rng a = Rng(1).fork(0), b = Rng(1).fork(1);
  double sum = 0;
  for (int i = 0; i < 4000; ++i) sum += (a.uniform() - 0.5) * (b.uniform() - 0.5);
  EXPECT_NEAR(sum / 4000 * 12, 0, 0.08);  // a uniform number's variance is 1 / 12
}

TEST(rng, below_is_unbiased_where_a_plain_remainder_is_not) {
  // 2^64 mod 3 * 2^62 would hit the lowest third twice: half of all draws instead of a third
  // (deviation 0.0086 in 3000).
  const uint64_t bound = 3ull << 62;
  Rng rng(3);
  int low = 0;
  for (int i = 0; i < 3000; ++i) {
    const uint64_t draw = rng.below(bound);
    ASSERT_LT(draw, bound);
    low += draw < bound / 3;
  }
  EXPECT_NEAR(low / 3000.0, 1.0 / 3, 0.04);
  EXPECT_EQ(rng.below(1), 0u);
}

TEST(rng, below_reaches_every_value_equally_often) {
  Rng rng(4);
  std::vector<int> counts(7);
  for (int i = 0; i < 7000; ++i) ++counts[rng.below(7)];
  for (int count : counts) EXPECT_NEAR(count, 1000, 150);  // deviation sqrt(7000 * 6 / 49) = 29
}

TEST(rng, normal_has_mean_0_and_deviation_1) {
  Rng rng(2);
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = rng.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / 20000, 0, 0.03);      // deviation 0.007
  EXPECT_NEAR(squares / 20000, 1, 0.05);  // deviation 0.010
  EXPECT_NEAR(fourth / 20000, 3, 0.4);    // a normal's fourth moment; deviation 0.07
}

TEST(rng, chance_keeps_its_rate) {
  Rng rng(8);
  int hits = 0;
  for (int i = 0; i < 10000; ++i) hits += rng.chance(0.1);
  EXPECT_NEAR(hits, 1000, 150);  // deviation 30
  EXPECT_FALSE(rng.chance(0));
  EXPECT_TRUE(rng.chance(1));
}

TEST(rng, shuffles_reach_all_orders) {
  Rng rng(9);
  std::map<std::vector<int>, int> counts;
  for (int i = 0; i < 6000; ++i) {
    std::vector<int> values = {1, 2, 3};
    rng.shuffle(values);
    ++counts[values];
  }
  ASSERT_EQ(counts.size(), 6u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 150);
  std::vector<int> none;
  rng.shuffle(none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace braid
