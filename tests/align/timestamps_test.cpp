#include "align/timestamps.h"

#include "align/signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::kMs;
using signals::kSecond;

int64_t read(const char* cell, TimeUnit unit) { return read_time(cell, unit, "t.csv:2: time"); }

void expect_refused(const char* cell, TimeUnit unit, const std::string& part) {
  expect_error(ErrorKind::data, part, [&] { read(cell, unit); });
}

TEST(timestamps, numbers_keep_every_digit) {
  EXPECT_EQ(read("1234567890.123456789", TimeUnit::s), 1234567890123456789);
  EXPECT_EQ(read("1644227574", TimeUnit::s), 1644227574 * kSecond);
  EXPECT_EQ(read(" 1644227574.000000\t", TimeUnit::s), 1644227574 * kSecond);
  EXPECT_EQ(read("1644227574123.456789", TimeUnit::ms), 1644227574123456789);
  EXPECT_EQ(read("1644227574123456.789", TimeUnit::us), 1644227574123456789);
  EXPECT_EQ(read("1644227574123456789", TimeUnit::ns), 1644227574123456789);
  EXPECT_EQ(read("-0.5", TimeUnit::s), -500 * kMs);
  EXPECT_EQ(read("+.5", TimeUnit::s), 500 * kMs);
  EXPECT_EQ(read("5.", TimeUnit::ms), 5 * kMs);
  EXPECT_EQ(read("00000000000000000000000007", TimeUnit::ns), 7);
  EXPECT_EQ(read("0", TimeUnit::us), 0);
}

TEST(timestamps, whole_nanoseconds_come_back) {
  Rng random(3);
  for (int i = 0; i < 2000; ++i) {
    const uint64_t bits = random.bits() >> random.below(60);
    const int64_t ns = static_cast<int64_t>(bits % (uint64_t{1} << 62));
    const int64_t whole = ns / kSecond, rest = ns % kSecond;
    EXPECT_EQ(read(fmt::format("{}.{:09}", whole, rest).c_str(), TimeUnit::s), ns);
    EXPECT_EQ(read(fmt::format("-{}.{:09}", whole, rest).c_str(), TimeUnit::s), -ns);
    EXPECT_EQ(read(fmt::format("{}.{:06}", ns / kMs, ns % kMs).c_str(), TimeUnit::ms), ns);
    EXPECT_EQ(read(fmt::format("{}e-9", ns).c_str(), TimeUnit::s), ns);
    EXPECT_EQ(read(fmt::format("{}", ns).c_str(), TimeUnit::ns), ns);
  }
}

TEST(timestamps, numbers_round_below_a_nanosecond) {
  EXPECT_EQ(read("0.30000000000000004", TimeUnit::s), 300 * kMs);
  EXPECT_EQ(read("0.0000000004", TimeUnit::s), 0);
  EXPECT_EQ(read("0.0000000005", TimeUnit::s), 1);
  EXPECT_EQ(read("-0.5", TimeUnit::ns), -1);
  EXPECT_EQ(read("1.9999999999", TimeUnit::s), 2 * kSecond);
}

TEST(timestamps, numbers_with_exponents) {
  EXPECT_EQ(read("1.644227574123456789e9", TimeUnit::s), 1644227574123456789);
  EXPECT_EQ(read("1.644227574E+12", TimeUnit::ms), 1644227574 * kSecond);
  EXPECT_EQ(read("25e-3", TimeUnit::s), 25 * kMs);
  EXPECT_EQ(read("0e999", TimeUnit::s), 0);
  EXPECT_EQ(read("1e-999", TimeUnit::s), 0);
  expect_refused("1e999", TimeUnit::s, "within 146 years of zero");
  expect_refused("1e99999", TimeUnit::s, "expected a number of s");
}

TEST(timestamps, refuses_what_is_no_number) {
  for (const char* bad : {"", " ", "abc", "1.2.3", "1,5", "nan", "inf", "-", ".", "1e", "0x10",
                          "12:30", "--1", "+-1", "1 2", "2024-03-01"})
    expect_refused(bad, TimeUnit::ms, "t.csv:2: time: expected a number of ms, got \"");
  expect_refused(
      "abc", TimeUnit::s,
      "t.csv:2: time: expected a number of s, got \"abc\"; correct or remove the row, or "
      "give the unit");
  expect_refused("1644227574123456789", TimeUnit::s,
                 "t.csv:2: time: expected a time within 146 years of zero (as a date: 1823 to "
                 "2116), got \"1644227574123456789\"; is it s?");
  expect_refused("99999999999999999999999999", TimeUnit::ns, "is it ns?");
  for (const auto& [cell, unit] : std::vector<std::pair<const char*, TimeUnit>>{
           {"19000000000", TimeUnit::s}, {"20000000000000000000", TimeUnit::ns}}) {
    int64_t time;  // ten times what stands before wraps in 64 bits
    EXPECT_EQ(parse_time(cell, unit, &time), TimeProblem::out_of_range) << cell;
  }
  EXPECT_EQ(read("4611686018427387903", TimeUnit::ns), kFarthestNs);
  EXPECT_EQ(read("-4611686018427387903", TimeUnit::ns), -kFarthestNs);
  expect_refused("4611686018427387904.5", TimeUnit::ns, "is it ns?");
}

TEST(timestamps, messages_show_cells_on_one_line) {
  expect_refused("a\nb", TimeUnit::s, "got \"a b\";");
  expect_refused(std::string(100, 'x').c_str(), TimeUnit::s,
                 "got \"" + std::string(40, 'x') + "...\";");
  EXPECT_EQ(shown(std::string(39, 'x') + "\xC3\xA9y"),
            "\"" + std::string(39, 'x') + "\xC3\xA9...\"");  // a whole character
}

TEST(timestamps, units_in_names) {
  using Unit = TimeUnit;
  const std::pair<const char*, Unit> cases[] = {
      {"time_ms", Unit::ms},      {"t_us", Unit::us},   {"timestamp_ns", Unit::ns},
      {"seconds", Unit::s},       {"t [ms]", Unit::ms}, {"#timestamp [ns]", Unit::ns},
      {"timeMs", Unit::ms},       {"Time(s)", Unit::s}, {"Millis", Unit::ms},
      {"t (\xC2\xB5s)", Unit::us}};
  for (const auto& [name, unit] : cases) {
    ASSERT_TRUE(unit_in_name(name)) << name;
    EXPECT_EQ(*unit_in_name(name), unit) << name;
    EXPECT_TRUE(is_time_name(name)) << name;
  }
  for (const char* name : {"", "time", "ms_time", "timestamps", "status"})
    EXPECT_FALSE(unit_in_name(name)) << name;
  for (const char* name : {"Time", "timestamp", "unix_time", "Unix time", "T", "DateTime", "ts"})
    EXPECT_TRUE(is_time_name(name)) << name;
  for (const char* name : {"", "ms", "s", "x", "eda_ms", "timer", "time to peak"})
    EXPECT_FALSE(is_time_name(name)) << name;
  EXPECT_EQ(name_without_unit("T start (ms)"), "t_start");
  EXPECT_EQ(name_without_unit("seconds"), "seconds");
}

TEST(timestamps, chooses_units_and_says_why) {
  const auto why = [](const char* column, const char* cell, TimeUnit given = TimeUnit::automatic) {
    return choose_unit(given, column, cell).why;
  };
  EXPECT_EQ(why("time_ms", "5"), "unit ms: the column is named time_ms");
  EXPECT_EQ(why("time_ms", "2022-02-07"), "dates of ISO 8601 (UTC where they name no zone)");
  EXPECT_EQ(why("time_ms", "5", TimeUnit::us), "unit us: as given");
  EXPECT_EQ(why("time", "1644227574.5"), "unit s: 1644227574.5 looks like a Unix time");
  EXPECT_EQ(why("time", " 1644227574500"), "unit ms: 1644227574500 looks like a Unix time");
  EXPECT_EQ(why("t", "1644227574500000"), "unit us: 1644227574500000 looks like a Unix time");
  EXPECT_EQ(why("t", "1644227574500000000"), "unit ns: 1644227574500000000 looks like a Unix time");
  EXPECT_EQ(why("t", "0.04"), "unit s: neither the name t nor the values tell another");
  EXPECT_EQ(choose_unit(TimeUnit::automatic, "t", "x").unit, TimeUnit::s);
  EXPECT_EQ(choose_unit(TimeUnit::automatic, "t", "2022-02-07").unit, TimeUnit::iso);
}

TEST(timestamps, unit_names_there_and_back) {
  for (const char* name : {"auto", "s", "ms", "us", "ns", "iso"})
    EXPECT_STREQ(to_string(parse_time_unit(name)), name);
  expect_error(ErrorKind::usage, "unknown time unit 'mss'; did you mean 'ms'?",
               [] { parse_time_unit("mss"); });
}

TEST(timestamps, doubles) {
  EXPECT_EQ(time_of(0.25, TimeUnit::s, "t.npy"), 250 * kMs);
  EXPECT_EQ(time_of(-1.5, TimeUnit::us, "t.npy"), -1500);
  expect_error(ErrorKind::data, "t.npy: expected a number of ms, got nan",
               [] { time_of(NAN, TimeUnit::ms, "t.npy"); });
  expect_error(ErrorKind::data,
               "t.npy: expected a time within 146 years of zero, got 1e+18; is it s?",
               [] { time_of(1e18, TimeUnit::s, "t.npy"); });
}

TEST(timestamps, sums_stay_in_range) {
  EXPECT_EQ(add_times(3, -5, "x"), -2);
  for (const int64_t big : {kFarthestNs, INT64_MAX})
    expect_error(ErrorKind::data, "x: expected times within 146 years of zero",
                 [&] { add_times(big, 1, "x"); });
}

TEST(timestamps, sample_times_do_not_accumulate) {
  EXPECT_EQ(sample_times(7, 64, 3, "x"), (std::vector<int64_t>{7, 15625007, 31250007}));
  EXPECT_EQ(sample_times(0, 3, 4, "x"), (std::vector<int64_t>{0, 333333333, 666666667, kSecond}));
  EXPECT_TRUE(sample_times(0, 64, 0, "x").empty());
  // A million samples of 44.1 kHz end at 1e6 / 44100 s = 22.675736961451247... s.
  EXPECT_EQ(sample_times(0, 44100, 1000001, "x").back(), 22675736961);
  // 2997 samples of 29.97 Hz are 100 s exactly; of 30000 / 1001 Hz, 30000 samples are 1001 s.
  EXPECT_EQ(sample_times(-5, 29.97, 2998, "x").back(), 100 * kSecond - 5);
  EXPECT_EQ(sample_times(0, 30000.0 / 1001, 30001, "x").back(), 1001 * kSecond);
  EXPECT_EQ(sample_times(0, 1e9, 3, "x"), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(sample_times(0, 0.1, 2, "x").back(), 10 * kSecond);
}

TEST(timestamps, sample_times_refuse_rates_without_sense) {
  for (const double rate_hz : {0.0, -1.0, double(NAN), 2e9, double(INFINITY)})
    expect_error(ErrorKind::usage, "x: rate: expected above 0 and at most 1e9 Hz",
                 [&] { sample_times(0, rate_hz, 1, "x"); });
  expect_error(ErrorKind::data,
               "x: expected times within 146 years of zero, got 3 samples at 1e-300",
               [] { sample_times(0, 1e-300, 3, "x"); });
  expect_error(ErrorKind::data, "x: expected times", [] { sample_times(INT64_MIN, 1, 1, "x"); });
}

TEST(timestamps, for_people) {
  EXPECT_EQ(format_time(1644227574 * kSecond), "2022-02-07T09:52:54Z");
  EXPECT_EQ(format_time(1644227574 * kSecond + 250 * kMs), "2022-02-07T09:52:54.25Z");
  EXPECT_EQ(format_time(12500 * kMs), "12.5 s");
  EXPECT_EQ(format_time(-2208988800 * kSecond - 1), "1899-12-31T23:59:59.999999999Z");
}

}  // namespace
}  // namespace braid::align
