#include "align/clock_check.h"

#include <algorithm>

#include "align/signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using namespace signals;

// 0, 10, ..., without what `leaves_out` says.
std::vector<int64_t> tens(int64_t count, const std::function<bool(int64_t)>& leaves_out = nullptr) {
  std::vector<int64_t> times;
  for (int64_t i = 0; i < count; ++i)
    if (!leaves_out || !leaves_out(i)) times.push_back(i * 10);
  return times;
}

// `more` may be `times` itself.
void append(std::vector<int64_t>* times, std::vector<int64_t> more, int64_t shift = 0) {
  for (int64_t time : more) times->push_back(time + shift);
}

std::vector<int64_t> places(const TimeCheck& check, TimeFault fault) {
  const TimeFinding* finding = check.find(fault);
  return finding ? finding->places : std::vector<int64_t>{};
}

TEST(clock_check, a_regular_stream_has_no_findings) {
  const TimeCheck check = check_times("x", tens(1000));
  EXPECT_TRUE(check.findings.empty());
  EXPECT_EQ(check.step_ns, 10);
  EXPECT_EQ(check.spread_ns, 0);
  EXPECT_EQ(check.num_eras, 1);
  EXPECT_DOUBLE_EQ(check.measured_hz, 1e8);
  EXPECT_DOUBLE_EQ(check.coverage, 1);
  EXPECT_TRUE(std::isnan(check.rate_error_ppm));
}

TEST(clock_check, jitter_and_events_have_no_jumps) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const TimeCheck check = check_times("x", uneven_times(2000, kMs, 0.8, seed));
    EXPECT_TRUE(check.findings.empty()) << check.findings[0].message;
    EXPECT_NEAR(check.measured_hz, 1000, 1);
    Rng random(seed);
    std::vector<int64_t> events = {0};
    for (int i = 0; i < 2000; ++i)
      events.push_back(events.back() + 1 +
                       static_cast<int64_t>(-1e6 * std::log(1 - random.uniform())));
    const TimeCheck of_events = check_times("x", events);
    EXPECT_LE(of_events.findings.size(), 1u);  // one interval in 30000 is as long as a jump
    EXPECT_TRUE(std::isnan(of_events.coverage));
  }
}

TEST(clock_check, swapped_and_late_measurements_are_unordered) {
  std::vector<int64_t> times = tens(100);
  std::swap(times[4], times[5]);
  const TimeCheck swapped = check_times("clip", times);
  ASSERT_EQ(swapped.findings.size(), 1u);
  EXPECT_EQ(places(swapped, TimeFault::unordered), std::vector<int64_t>{5});
  EXPECT_EQ(swapped.findings[0].largest_ns, 10);
  EXPECT_EQ(swapped.findings[0].message,
            "clip: times (first at measurement 6): expected ascending times, got 1 of 100 that go "
            "back, by 10 ns at most; repair_times sorts them");
  // A packet of 10 that comes after the one behind it.
  times = tens(100);
  std::rotate(times.begin() + 40, times.begin() + 50, times.begin() + 60);
  const TimeCheck late = check_times("clip", times);
  ASSERT_EQ(late.findings.size(), 1u);
  EXPECT_EQ(late.find(TimeFault::unordered)->count, 10);
  EXPECT_EQ(places(late, TimeFault::unordered)[0], 50);
  // One that comes far too late.
  times = tens(100, [](int64_t i) { return i == 20; });
  times.insert(times.begin() + 60, 200);
  EXPECT_EQ(places(check_times("clip", times), TimeFault::unordered), std::vector<int64_t>{60});
}

TEST(clock_check, without_any_order_there_are_no_resets) {
  std::vector<int64_t> times = tens(500);
  Rng(3).shuffle(times);
  const TimeCheck check = check_times("x", times);
  ASSERT_EQ(check.findings.size(), 1u);
  EXPECT_EQ(check.findings[0].fault, TimeFault::unordered);
  EXPECT_EQ(check.step_ns, 10);
  EXPECT_DOUBLE_EQ(check.coverage, 1);
}

TEST(clock_check, duplicates_stuck_clocks_and_bursts) {
  std::vector<int64_t> times = tens(100);
  times[7] = times[6];
  const TimeCheck one = check_times("x", times);
  EXPECT_EQ(places(one, TimeFault::duplicated), std::vector<int64_t>{7});
  EXPECT_EQ(one.findings.size(), 1u);
  times = tens(100);
  for (size_t i = 20; i < 30; ++i) times[i] = times[19];
  const TimeCheck stuck = check_times("x", times);
  EXPECT_EQ(stuck.find(TimeFault::stuck)->count, 10);
  EXPECT_EQ(places(stuck, TimeFault::stuck)[0], 20);
  EXPECT_EQ(stuck.find(TimeFault::duplicated), nullptr);
  // Packets of 4 every 40 ns: 0 0 0 0 40 40 40 40 ...
  times.clear();
  for (int64_t i = 0; i < 100; ++i) times.push_back(i / 4 * 40);
  TimeCheckOptions options;
  options.rate_hz = 1e8;
  const TimeCheck bursts = check_times("x", times, options);
  ASSERT_EQ(bursts.findings.size(), 1u);
  EXPECT_EQ(bursts.find(TimeFault::bursts)->count, 25);
  EXPECT_EQ(bursts.burst_size, 4);
  EXPECT_DOUBLE_EQ(bursts.measured_hz, 1e8);
  EXPECT_DOUBLE_EQ(bursts.coverage, 1);
}

TEST(clock_check, a_whole_number_of_steps_is_a_gap_another_jump_a_step_of_the_clock) {
  std::vector<int64_t> times;
  for (int64_t i = 0; i < 100; ++i) times.push_back(i * 1000);
  append(&times, times, 100000 + 50000);  // 50 are missing
  const TimeCheck gap = check_times("x", times);
  EXPECT_EQ(places(gap, TimeFault::gap), std::vector<int64_t>{100});
  EXPECT_EQ(gap.find(TimeFault::gap)->largest_ns, 51000);
  EXPECT_EQ(gap.find(TimeFault::forward_step), nullptr);
  EXPECT_NEAR(gap.coverage, 200.0 / 250, 1e-12);
  EXPECT_NE(gap.find(TimeFault::coverage), nullptr);
  for (size_t i = 100; i < 200; ++i) times[i] += 400;
  const TimeCheck step = check_times("x", times);
  EXPECT_EQ(places(step, TimeFault::forward_step), std::vector<int64_t>{100});
  EXPECT_EQ(step.find(TimeFault::gap), nullptr);
  EXPECT_EQ(step.findings.size(), 1u);
}

TEST(clock_check, a_reset_clock_and_what_it_overlaps) {
  std::vector<int64_t> times = tens(60);
  append(&times, tens(20), 300);  // 590, then 300 to 490
  const TimeCheck check = check_times("x", times);
  EXPECT_EQ(check.num_eras, 2);
  EXPECT_EQ(places(check, TimeFault::backward_step), std::vector<int64_t>{60});
  EXPECT_EQ(check.find(TimeFault::backward_step)->largest_ns, 290);
  EXPECT_EQ(check.find(TimeFault::overlap)->count, 20);
  EXPECT_EQ(check.findings.size(), 2u);
  // From Unix time back to 0: nothing overlaps.
  times.clear();
  append(&times, tens(60), 1700000000 * kSecond);
  append(&times, tens(60));
  const TimeCheck far = check_times("x", times);
  EXPECT_EQ(far.findings.size(), 1u);
  EXPECT_EQ(places(far, TimeFault::backward_step), std::vector<int64_t>{60});
  EXPECT_DOUBLE_EQ(far.coverage, 1);
}

TEST(clock_check, strays_do_not_make_the_rest_unordered) {
  std::vector<int64_t> times;
  append(&times, tens(100), 5000);
  times[30] = 0;
  times[60] = 1000000;
  const TimeCheck check = check_times("x", times);
  EXPECT_EQ(places(check, TimeFault::stray), (std::vector<int64_t>{30, 60}));
  EXPECT_EQ(check.findings.size(), 2u);  // and 98 % coverage
  EXPECT_EQ(check.num_eras, 1);
}

// 50.01 Hz where 50 are said: 200 ppm, a step of 19996000.8 ns; after 10000 steps 40 ms early.
TEST(clock_check, nominal_rate_against_measured) {
  std::vector<int64_t> times;
  for (int64_t i = 0; i <= 10000; ++i) times.push_back(std::llround(i * 1e9 / 50.01));
  TimeCheckOptions options;
  options.rate_hz = 50;
  const TimeCheck check = check_times("x", times, options);
  EXPECT_NEAR(check.rate_error_ppm, 200, 0.01);
  EXPECT_NEAR(check.end_error_ns, 10000 * (1e9 / 50.01 - 2e7), 2);
  EXPECT_TRUE(check.findings.empty());
  options.most_rate_ppm = 100;
  EXPECT_EQ(check_times("x", times, options).findings[0].message,
            "x: times: expected 50 Hz, got 50.01 Hz, +200 ppm, 12 ms a minute; trust the times, "
            "or correct the rate");
}

TEST(clock_check, every_tenth_lost_is_a_coverage_of_nine_tenths) {
  const TimeCheck check = check_times("x", tens(1001, [](int64_t i) { return i % 10 == 5; }));
  EXPECT_NEAR(check.coverage, 901.0 / 1001, 1e-12);
  EXPECT_DOUBLE_EQ(check.measured_hz, 1e8);
  ASSERT_EQ(check.findings.size(), 1u);
  EXPECT_EQ(check.findings[0].fault, TimeFault::coverage);
}

TEST(clock_check, few_or_no_times) {
  for (const std::vector<int64_t>& times :
       {std::vector<int64_t>{}, std::vector<int64_t>{5}, std::vector<int64_t>{5, 5}}) {
    const TimeCheck check = check_times("x", times);
    EXPECT_EQ(check.step_ns, 0);
    EXPECT_TRUE(std::isnan(check.measured_hz) && std::isnan(check.coverage));
  }
  expect_error(ErrorKind::data, "x: measurement 2: expected a time within 146 years", [] {
    check_times("x", {0, kNever});
  });
  expect_error(ErrorKind::usage, "rate: expected a number of Hz", [] {
    TimeCheckOptions options;
    options.rate_hz = -1;
    check_times("x", {}, options);
  });
}

// Every planted fault is found at its place, whatever the jitter, and nothing else is.
TEST(clock_check, planted_faults_over_seeds) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng random = Rng(seed).fork("faults");
    std::vector<int64_t> times = uneven_times(1000, kMs, 0.3, seed);
    const size_t gap = 100 + random.below(100), reset = 400 + random.below(100),
                 twin = 700 + random.below(100);
    for (size_t i = gap; i < 1000; ++i) times[i] += 30 * kMs;
    for (size_t i = reset; i < 1000; ++i) times[i] -= 100 * kMs;
    times[twin] = times[twin - 1];
    const TimeCheck check = check_times("x", times);
    EXPECT_EQ(places(check, TimeFault::gap), std::vector<int64_t>{static_cast<int64_t>(gap)});
    EXPECT_EQ(places(check, TimeFault::backward_step),
              std::vector<int64_t>{static_cast<int64_t>(reset)});
    EXPECT_EQ(places(check, TimeFault::duplicated),
              std::vector<int64_t>{static_cast<int64_t>(twin)});
    EXPECT_EQ(check.find(TimeFault::unordered), nullptr);
    EXPECT_EQ(check.find(TimeFault::stray), nullptr);
    EXPECT_NE(check.find(TimeFault::overlap), nullptr);
  }
}

}  // namespace
}  // namespace braid::align
