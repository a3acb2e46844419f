#include "report/numbers.h"

#include <gtest/gtest.h>

#include <limits>

namespace braid::report {

TEST(numbers, decimals_follow_the_largest_value_of_a_column) {
  EXPECT_EQ(decimals_for(0.881), 3);
  EXPECT_EQ(decimals_for(-3.2), 3);
  EXPECT_EQ(decimals_for(12.3), 2);
  EXPECT_EQ(decimals_for(12640), 0);
  EXPECT_EQ(decimals_for(0.0042), 4);  // 0.0042: two significant digits
  EXPECT_EQ(decimals_for(1e-9), -1);
  EXPECT_EQ(decimals_for(1e12), -1);
  EXPECT_EQ(decimals_for(0), 3);
  EXPECT_EQ(decimals_for(kAbsent), 3);
}

TEST(numbers, fixed_writes_absent_values_and_no_negative_zero) {
  EXPECT_EQ(fixed(0.8814, 3), "0.881");
  EXPECT_EQ(fixed(-0.0001, 3), "0.000");
  EXPECT_EQ(fixed(kAbsent, 3), "n/a");
  EXPECT_EQ(fixed(std::numeric_limits<double>::infinity(), 3), "n/a");
  EXPECT_EQ(fixed(1.234e-9, -1), "1.23e-09");
}

TEST(numbers, a_sign_stands_before_what_is_not_zero) {
  EXPECT_EQ(signed_fixed(0.17, 3), "+0.170");
  EXPECT_EQ(signed_fixed(-0.17, 3), "-0.170");
  EXPECT_EQ(signed_fixed(0.0001, 3), "0.000");
  EXPECT_EQ(signed_fixed(kAbsent, 3), "n/a");
}

TEST(numbers, intervals_are_left_out_where_there_is_none) {
  EXPECT_EQ(with_interval({0.881, 0.853, 0.907}, 3), "0.881 [0.853, 0.907]");
  EXPECT_EQ(with_interval({0.17, -0.01, 0.22}, 3, /*is_signed=*/true), "+0.170 [-0.010, +0.220]");
  EXPECT_EQ(with_interval({0.881, kAbsent, kAbsent}, 3), "0.881");
  EXPECT_EQ(with_interval({kAbsent, 0.1, 0.2}, 3), "n/a");
}

TEST(numbers, counts_never_round_up_to_a_thousand_of_their_unit) {
  EXPECT_EQ(short_count(999), "999");
  EXPECT_EQ(short_count(12345), "12.3k");
  EXPECT_EQ(short_count(999'949), "999.9k");
  EXPECT_EQ(short_count(999'950), "1.0M");
  EXPECT_EQ(short_count(3'400'000'000), "3.4G");
  EXPECT_EQ(short_count(-1), "n/a");
}

TEST(numbers, times_take_the_unit_that_suits) {
  EXPECT_EQ(duration(12.34), "12.3 s");
  EXPECT_EQ(duration(126), "2.1 min");  // 126 / 60
  EXPECT_EQ(duration(12240), "3.4 h");  // 12240 / 3600
  EXPECT_EQ(duration(kAbsent), "n/a");
  EXPECT_EQ(milliseconds(0.8), "0.80 ms");
  EXPECT_EQ(milliseconds(12.34), "12.3 ms");
  EXPECT_EQ(milliseconds(-1), "n/a");
}

TEST(numbers, only_all_and_none_are_whole_percentages) {
  EXPECT_EQ(percent(0.975), "97.5%");
  EXPECT_EQ(percent(1), "100%");
  EXPECT_EQ(percent(0), "0%");
  EXPECT_EQ(percent(0.99999), ">99.9%");
  EXPECT_EQ(percent(0.00001), "<0.1%");
  EXPECT_EQ(percent(kAbsent), "n/a");
}

}  // namespace braid::report
