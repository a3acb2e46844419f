#include "align/session_stats.h"

#include "align/signals.h"

namespace braid::align {
namespace {

using signals::kSecond;
using signals::series;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<int64_t> every(int64_t count) {
  std::vector<int64_t> ticks;
  for (int64_t i = 0; i < count; ++i) ticks.push_back(i * kSecond);
  return ticks;
}

StreamStats counted(const Series& series, const char* method, int64_t num_ticks,
                    int64_t tolerance_ns) {
  const std::vector<int64_t> ticks = every(num_ticks);
  Options options;
  options.tolerance_ns = tolerance_ns;
  return count_ticks(series, align(series, find(method), ticks, options), ticks,
                     {kSecond, tolerance_ns, 0, false});
}

TEST(session_stats, reasons_for_what_is_missing) {
  // Measured at 2 and 3 s, blank at 4, then at 5 and again at 9 s, of ticks 0 ... 11.
  const Series given =
      series({2 * kSecond, 3 * kSecond, 4 * kSecond, 5 * kSecond, 9 * kSecond}, {1, 2, kNan, 4, 5});
  const StreamStats stats = counted(given, "linear", 12, kSecond / 2);
  EXPECT_EQ(stats.ticks, 12);
  EXPECT_EQ(stats.with_value, 4);
  EXPECT_EQ(stats.origins[static_cast<size_t>(Origin::measured)], 4);
  EXPECT_EQ(stats.origins[static_cast<size_t>(Origin::missing)], 8);
  EXPECT_EQ(stats.missing[static_cast<size_t>(Missing::before_start)], 2);  // 0, 1
  EXPECT_EQ(stats.missing[static_cast<size_t>(Missing::gap)], 3);           // 6, 7, 8
  EXPECT_EQ(stats.missing[static_cast<size_t>(Missing::blank)], 1);         // 4
  EXPECT_EQ(stats.missing[static_cast<size_t>(Missing::after_end)], 2);     // 10, 11
  ASSERT_EQ(stats.gaps.size(), 4u);
  EXPECT_EQ(stats.gaps[0].start_ns, 6 * kSecond);
  EXPECT_EQ(stats.gaps[0].end_ns, 9 * kSecond);
  EXPECT_EQ(stats.gaps[0].ticks, 3);
  EXPECT_EQ(stats.gaps[0].reason, Missing::gap);
  EXPECT_EQ(stats.staleness_at(1), 0);
}

TEST(session_stats, staleness_in_order) {
  const Series given = series({0, 3 * kSecond}, {1, 2});
  const StreamStats stats = counted(given, "previous", 4, 5 * kSecond);
  EXPECT_EQ(stats.staleness_ns, (std::vector<int64_t>{0, 0, kSecond, 2 * kSecond}));
  EXPECT_EQ(stats.staleness_at(0.95), 2 * kSecond);
  // Between both, linear rests on the one after the tick.
  EXPECT_EQ(counted(given, "linear", 4, 5 * kSecond).staleness_ns,
            (std::vector<int64_t>{-2 * kSecond, -kSecond, 0, 0}));
}

TEST(session_stats, an_absent_stream) {
  const StreamStats stats = count_absent(7);
  EXPECT_EQ(stats.missing[static_cast<size_t>(Missing::absent)], 7);
  EXPECT_EQ(stats.coverage(), 0);
  EXPECT_EQ(stats.staleness_at(0.5), 0);
}

TEST(session_stats, parts_in_which_it_was_measured) {
  // 0 to 2 s without a gap, then one at 8 s that stands alone: a step of half a second.
  EXPECT_EQ(measured_parts({0, kSecond, 2 * kSecond, 8 * kSecond}, 0, 10 * kSecond, 5, kSecond / 2,
                           kSecond),
            (std::vector<uint8_t>{100, 25, 0, 0, 25}));
  EXPECT_EQ(measured_parts({0}, 0, 0, 2, 1, kSecond), (std::vector<uint8_t>{0, 0}));
}

}  // namespace
}  // namespace braid::align
