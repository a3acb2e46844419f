#include "stream/window_ticks.h"

#include <gtest/gtest.h>

#include <set>

#include "align/session.h"
#include "formats/expect_error.h"

namespace braid::stream {
namespace {

constexpr int64_t kMs = 1000000;

// From the definition: the ticks of every window, each once.
std::set<int64_t> all_ticks(double rate_hz, int64_t length_ns, int64_t hop_ns, int64_t start_ns,
                            int windows) {
  std::set<int64_t> ticks;
  for (int w = 0; w < windows; ++w) {
    const int64_t from_ns = start_ns + w * hop_ns;
    for (const int64_t tick_ns : align::ticks_of({from_ns, from_ns + length_ns}, rate_hz))
      ticks.insert(tick_ns);
  }
  return ticks;
}

TEST(window_ticks, are_those_of_all_windows_each_once) {
  struct Case {
    double rate_hz;
    int64_t length_ms, hop_ms;
  };
  for (const Case& one : {Case{4, 2000, 1000}, Case{25, 1000, 500}, Case{30, 1000, 250},
                          Case{3, 900, 250}, Case{10, 500, 2000}, Case{7, 1000, 1000}}) {
    SCOPED_TRACE(one.rate_hz);
    const WindowTicks ticks(one.rate_hz, one.length_ms * kMs, one.hop_ms * kMs);
    const int64_t start_ns = -1234567891;
    const std::set<int64_t> expected =
        all_ticks(one.rate_hz, one.length_ms * kMs, one.hop_ms * kMs, start_ns, 20);
    int64_t tick_ns = start_ns;
    const int64_t end_ns = start_ns + 20 * one.hop_ms * kMs;  // later windows have ticks from there
    for (const int64_t next_ns : expected) {
      if (next_ns >= end_ns) break;
      ASSERT_EQ(tick_ns, next_ns);
      tick_ns = ticks.after(start_ns, tick_ns);
    }
  }
}

TEST(window_ticks, between_ticks_the_next_one_counts) {
  const WindowTicks ticks(10, 500 * kMs, 2000 * kMs);
  EXPECT_EQ(ticks.after(0, 150 * kMs), 200 * kMs);
  EXPECT_EQ(ticks.after(0, 400 * kMs), 2000 * kMs);
  EXPECT_EQ(ticks.after(0, 1999 * kMs), 2000 * kMs);
  EXPECT_EQ(ticks.offsets().size(), 5u);
}

TEST(window_ticks, refuses_what_is_no_window) {
  braid::testing::expect_error(ErrorKind::usage, "expected a length and a hop above 0",
                               [] { WindowTicks(10, 0, 1); });
  braid::testing::expect_error(ErrorKind::usage, "expected ticks a second above 0, got 0",
                               [] { WindowTicks(0, 1, 1); });
}

}  // namespace
}  // namespace braid::stream
