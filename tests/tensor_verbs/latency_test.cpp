// Percentiles by hand, and calls that are counted.
#include "tensor_verbs/latency.h"

#include <gtest/gtest.h>

#include <cmath>

namespace braid::tensor_verbs {
namespace {

bool never() { return false; }

TEST(latency, percentiles_are_the_nearest_rank) {
  const std::vector<double> five = {15, 20, 35, 40, 50};
  EXPECT_EQ(percentile(five, 5), 15);    // ceil(0.25) = 1st
  EXPECT_EQ(percentile(five, 30), 20);   // ceil(1.5) = 2nd
  EXPECT_EQ(percentile(five, 40), 20);   // 2nd exactly
  EXPECT_EQ(percentile(five, 50), 35);   // ceil(2.5) = 3rd
  EXPECT_EQ(percentile(five, 99), 50);   // ceil(4.95) = 5th
  EXPECT_EQ(percentile(five, 100), 50);  // 5th
  EXPECT_EQ(percentile(five, 0), 15);    // no rank below the first
  EXPECT_EQ(percentile({7}, 50), 7);
  EXPECT_TRUE(std::isnan(percentile({}, 50)));
}

TEST(latency, a_summary_is_in_milliseconds_and_per_second) {
  // 100 calls of 1 to 100 ms, the slowest first: 5.05 s in all.
  std::vector<double> durations;
  for (int ms = 100; ms >= 1; --ms) durations.push_back(ms / 1e3);
  const Latency latency = summarize(durations);
  EXPECT_EQ(latency.num_calls, 100);
  EXPECT_NEAR(latency.p50_ms, 50, 1e-9);
  EXPECT_NEAR(latency.p90_ms, 90, 1e-9);
  EXPECT_NEAR(latency.p99_ms, 99, 1e-9);
  EXPECT_NEAR(latency.calls_per_s, 100 / 5.05, 1e-9);
}

TEST(latency, p99_needs_a_hundred_calls) {
  EXPECT_TRUE(std::isnan(summarize(std::vector<double>(99, 0.5)).p99_ms));
  EXPECT_EQ(summarize(std::vector<double>(100, 0.5)).p99_ms, 500);
}

TEST(latency, calls_are_made_in_order_and_as_often_as_asked) {
  std::vector<int64_t> calls;
  const auto call = [&](int64_t i) { calls.push_back(i); };
  EXPECT_EQ(time_calls(call, /*seconds=*/0, /*at_least=*/3, never).size(), 3u);
  EXPECT_EQ(calls, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_TRUE(time_calls(call, /*seconds=*/1, /*at_least=*/3, [] { return true; }).empty());
  double sum = 0;
  for (double s : time_calls(call, /*seconds=*/0.02, /*at_least=*/1, never)) sum += s;
  EXPECT_GT(sum, 0);
  EXPECT_LE(sum, 10);
}

TEST(latency, the_process_started_before_now) {
  const double first = seconds_since_start();
  if (std::isnan(first)) GTEST_SKIP() << "no /proc/self/stat here";
  EXPECT_GE(first, -0.01);
  EXPECT_LT(first, 3600);
  EXPECT_GE(seconds_since_start(), first);
}

}  // namespace
}  // namespace braid::tensor_verbs
