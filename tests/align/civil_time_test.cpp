#include "align/signals.h"
#include "align/timestamps.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::kMs;
using signals::kSecond;

int64_t iso(const char* cell) { return read_time(cell, TimeUnit::iso, "t.csv:2: time"); }

void expect_refused(const char* cell, const std::string& part) {
  expect_error(ErrorKind::data, part, [&] { iso(cell); });
}

TEST(civil_time, dates) {
  EXPECT_EQ(iso("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(iso("2022-02-07T09:52:54Z"), 1644227574 * kSecond);
  EXPECT_EQ(iso("2022-02-07 09:52:54"), 1644227574 * kSecond);  // without a zone: UTC
  EXPECT_EQ(iso("2022-02-07t09:52z"), 1644227520 * kSecond);
  EXPECT_EQ(iso("2022-02-07"), 1644192000 * kSecond);
  EXPECT_EQ(iso("2009-02-13T23:31:30.123456789Z"), 1234567890123456789);
  EXPECT_EQ(iso("2009-02-13T23:31:30,5"), 1234567890 * kSecond + 500 * kMs);
  EXPECT_EQ(iso("2009-02-13T23:31:30.9999999995"), 1234567891 * kSecond);
  EXPECT_EQ(iso("2022-02-07T11:52:54+02:00"), 1644227574 * kSecond);
  EXPECT_EQ(iso("2022-02-07T15:22:54+0530"), 1644227574 * kSecond);
  EXPECT_EQ(iso("2022-02-07T01:52:54-08"), 1644227574 * kSecond);
  EXPECT_EQ(iso("1969-12-31T23:59:59.5"), -500 * kMs);
  EXPECT_EQ(iso("2000-02-29"), 951782400 * kSecond);
  EXPECT_EQ(iso("1900-01-01"), -2208988800 * kSecond);
}

TEST(civil_time, leap_seconds_are_the_next_second) {
  EXPECT_EQ(iso("2016-12-31T23:59:60Z"), iso("2017-01-01T00:00:00Z"));
  EXPECT_EQ(iso("2017-01-01T05:29:60.5+05:30"), iso("2017-01-01T00:00:00.5Z"));
  EXPECT_EQ(iso("1969-12-31T23:59:60"), 0);
  expect_refused("2016-12-31T23:58:60Z", "expected a date and time");
  expect_refused("2016-12-31T23:59:60+01:00", "expected a date and time");
}

TEST(civil_time, refuses_what_is_no_date) {
  for (const char* bad : {"",
                          "12",
                          "1644227574",
                          "2022-02-30",
                          "2021-02-29",
                          "1900-02-29",
                          "2022-13-01",
                          "2022-00-01",
                          "2022-01-00",
                          "2022-1-1",
                          "2022/01/01",
                          "2022-01-01T",
                          "2022-01-01T12",
                          "2022-01-01T24:00",
                          "2022-01-01T12:60",
                          "2022-01-01T12:00:61",
                          "2022-01-01T12:00:00.",
                          "2022-01-01T12:00:00.5.5",
                          "2022-01-01T12:00:00X",
                          "2022-01-01T12:00:00+",
                          "2022-01-01T12:00:00+24",
                          "2022-01-01T12:00:00+01:60",
                          "2022-01-01T12:00:00Z.",
                          "2022-01-01  12:00",
                          "0001-01-01",
                          "9999-01-01"})
    expect_refused(
        bad, "t.csv:2: time: expected a date and time such as 2024-03-01T12:30:00.5Z, got \"");
  expect_refused("1800-01-01", "is it the right year?");
  expect_refused("2200-01-01", "is it the right year?");
}

TEST(civil_time, there_and_back) {
  for (const char* text : {"2000-02-29T23:59:59Z", "1900-03-01T00:00:00Z", "2100-12-31T12:00:00.5Z",
                           "1823-12-31T00:00:00Z", "1964-12-31T23:00:00Z", "2000-12-31T00:00:00Z"})
    EXPECT_EQ(format_time(iso(text)), text);
}

}  // namespace
}  // namespace braid::align
