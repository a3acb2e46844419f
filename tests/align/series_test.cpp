#include "align/series.h"

#include "align/signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using namespace signals;

TEST(series, checks_name_the_place) {
  expect_error(ErrorKind::data,
               "signal: measurement 3: expected a time after that of the one before, "
               "got 5 ns earlier",
               [] {
                 check(signals::series({1, 20, 15}, {1, 2, 3}));
               });
  expect_error(ErrorKind::data, "measurement 2", [] { check(signals::series({1, 1}, {1, 2})); });
  expect_error(ErrorKind::shape, "values: expected [2, 1], got 3 numbers", [] {
    check(signals::series({1, 2}, {1, 2, 3}));
  });
  expect_error(ErrorKind::data, "measurement 2: expected a number or NaN, got infinity", [] {
    check(signals::series({1, 2}, {1, INFINITY}));
  });
  check(signals::series({1, 2}, {1, NAN}));
  check(signals::series({}, {}));
}

TEST(series, median_step) {
  EXPECT_EQ(median_step({}), 0);
  EXPECT_EQ(median_step({7}), 0);
  EXPECT_EQ(median_step({0, 10, 20, 30, 500}), 10);
}

TEST(series, ticks) {
  EXPECT_EQ(regular_ticks(5, 26, 10), (std::vector<int64_t>{5, 15, 25}));
  EXPECT_EQ(regular_ticks(5, 25, 10), (std::vector<int64_t>{5, 15, 25}));
  EXPECT_EQ(regular_ticks(5, 5, 10), (std::vector<int64_t>{5}));
  expect_error(ErrorKind::usage, "a step above 0", [] { regular_ticks(0, 1, 0); });
  expect_error(ErrorKind::usage, "got one 1 ns before it", [] { regular_ticks(1, 0, 1); });
  expect_error(ErrorKind::usage, "take a longer step",
               [] { regular_ticks(INT64_MIN, INT64_MAX, 1); });
}

TEST(series, durations_there_and_back) {
  EXPECT_EQ(parse_duration("20ms", "--tolerance"), 20 * kMs);
  EXPECT_EQ(parse_duration("1.5 s", "--tolerance"), 1500 * kMs);
  EXPECT_EQ(parse_duration("2", "--tolerance"), 2 * kSecond);
  EXPECT_EQ(parse_duration("40us", "--tolerance"), 40000);
  EXPECT_EQ(parse_duration("2min", "--tolerance"), 120 * kSecond);
  EXPECT_EQ(parse_duration("-1h", "--tolerance"), -3600 * kSecond);
  for (const char* bad : {"", "ms", "20 parsecs", "nan", "1e99s", "20ms!"})
    expect_error(ErrorKind::usage, "--tolerance: expected",
                 [&] { parse_duration(bad, "--tolerance"); });
  EXPECT_EQ(format_duration(0), "0 ns");
  EXPECT_EQ(format_duration(17), "17 ns");
  EXPECT_EQ(format_duration(20 * kMs), "20 ms");
  EXPECT_EQ(format_duration(1500 * kMs), "1.5 s");
  EXPECT_EQ(format_duration(-40000), "-40 us");
  EXPECT_EQ(format_duration(7200 * kSecond), "7200 s");
}

}  // namespace
}  // namespace braid::align
