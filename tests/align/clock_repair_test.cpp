#include <set>

#include "align/clock_check.h"
#include "align/signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using namespace signals;
using Times = std::vector<int64_t>;

TEST(clock_repair, sorts_and_drops_duplicates_with_a_record_of_both) {
  const Series x = signals::series({0, 20, 10, 20, 30}, {1, 2, 3, 4, 5});
  const RepairedTimes first = repair_times(x);
  EXPECT_EQ(first.series.times_ns, (Times{0, 10, 20, 30}));
  expect_values(first.series.values, {1, 3, 2, 5});
  EXPECT_EQ(first.sources, (Times{0, 2, 1, 4}));
  ASSERT_EQ(first.changes.size(), 2u);
  EXPECT_EQ(first.changes[0].index, 2);
  EXPECT_EQ(first.changes[0].action, RepairAction::reordered);
  EXPECT_EQ(first.changes[1].index, 3);
  EXPECT_EQ(first.changes[1].action, RepairAction::dropped);
  EXPECT_EQ(first.changes[1].reason, TimeFault::duplicated);
  EXPECT_EQ(first.changes[1].from_ns, 20);
  EXPECT_EQ(first.changes[1].to_ns, kNever);
  RepairPolicy policy;
  policy.equal = EqualTimes::keep_last;
  expect_values(repair_times(x, policy).series.values, {1, 3, 4, 5});
}

TEST(clock_repair, a_mean_is_over_what_is_not_NaN) {
  RepairPolicy policy;
  policy.equal = EqualTimes::mean;
  const Series x = {"x", {0, 10, 10, 10, 20}, 2, {1, 1, 2, NAN, 4, 8, NAN, NAN, 3, 3}};
  const RepairedTimes repaired = repair_times(x, policy);
  EXPECT_EQ(repaired.series.times_ns, (Times{0, 10, 20}));
  expect_values(repaired.series.values, {1, 1, 3, 8, 3, 3});
  EXPECT_EQ(repaired.changes.size(), 3u);
  for (const TimeChange& change : repaired.changes)
    EXPECT_EQ(change.action, RepairAction::averaged);
}

// Packets of 4, 2 and 4 at 40, 60 and 100: the last one of each is in time.
TEST(clock_repair, packets_are_spread_since_the_one_before) {
  RepairPolicy policy;
  policy.equal = EqualTimes::spread;
  const RepairedTimes repaired =
      repair_times(signals::series({40, 40, 40, 40, 60, 60, 100, 100, 100, 100},
                                   {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}),
                   policy);
  EXPECT_EQ(repaired.series.times_ns, (Times{10, 20, 30, 40, 50, 60, 70, 80, 90, 100}));
  expect_values(repaired.series.values, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  EXPECT_EQ(repaired.changes.size(), 7u);
  EXPECT_EQ(repaired.changes[0].reason, TimeFault::bursts);
  EXPECT_EQ(repaired.changes[0].from_ns, 40);
  EXPECT_EQ(repaired.changes[0].to_ns, 10);
}

TEST(clock_repair, a_packet_after_a_gap_takes_the_usual_time) {
  RepairPolicy policy;
  policy.equal = EqualTimes::spread;
  Series x;
  for (int64_t packet : {1, 2, 3, 4, 5, 50, 51})
    for (int k = 0; k < 2; ++k) {
      x.times_ns.push_back(packet * 100);
      x.values.push_back(0);
    }
  const Times times = repair_times(x, policy).series.times_ns;
  EXPECT_EQ(times[10], 4950);
  EXPECT_EQ(times[11], 5000);
  // More measurements than nanoseconds: the rest is dropped, and said to be.
  const RepairedTimes crowded =
      repair_times(signals::series({0, 1, 2, 2, 2, 3}, {1, 2, 3, 4, 5, 6}), policy);
  EXPECT_EQ(crowded.series.times_ns, (Times{0, 1, 2, 3}));
  EXPECT_EQ(crowded.changes.size(), 2u);
}

TEST(clock_repair, a_reset_is_closed_or_sorted_in) {
  const Series x = signals::series({100, 110, 120, 130, 0, 10, 20, 30}, {1, 2, 3, 4, 5, 6, 7, 8});
  const RepairedTimes sorted = repair_times(x);
  EXPECT_EQ(sorted.series.times_ns, (Times{0, 10, 20, 30, 100, 110, 120, 130}));
  EXPECT_EQ(sorted.changes.size(), 4u);
  EXPECT_EQ(sorted.changes[0].reason, TimeFault::backward_step);
  RepairPolicy policy;
  policy.closes_backward_steps = true;
  const RepairedTimes closed = repair_times(x, policy);
  EXPECT_EQ(closed.series.times_ns, (Times{100, 110, 120, 130, 140, 150, 160, 170}));
  expect_values(closed.series.values, x.values);
  ASSERT_EQ(closed.changes.size(), 4u);
  EXPECT_EQ(closed.changes[0].action, RepairAction::moved);
  EXPECT_EQ(closed.changes[0].index, 4);
  EXPECT_EQ(closed.changes[0].from_ns, 0);
  EXPECT_EQ(closed.changes[0].to_ns, 140);
}

TEST(clock_repair, a_step_forwards_is_closed_and_a_gap_is_not) {
  Series x;
  for (int64_t i = 0; i < 30; ++i) {
    x.times_ns.push_back(i * 1000 + (i >= 10 ? 5400 : 0) + (i >= 20 ? 7000 : 0));
    x.values.push_back(0);
  }
  RepairPolicy policy;
  policy.closes_forward_steps = true;
  const RepairedTimes repaired = repair_times(x, policy);
  EXPECT_EQ(repaired.series.times_ns[10], 10000);
  EXPECT_EQ(repaired.series.times_ns[20], 27000);
  EXPECT_EQ(repaired.changes.size(), 20u);
  EXPECT_EQ(repaired.changes[0].reason, TimeFault::forward_step);
}

TEST(clock_repair, strays_are_dropped_or_kept) {
  const Series x = signals::series({100, 110, 120, 130, 9999, 140, 150, 160, 0, 170},
                                   {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  const RepairedTimes repaired = repair_times(x);
  EXPECT_EQ(repaired.series.times_ns, (Times{100, 110, 120, 130, 140, 150, 160, 170}));
  EXPECT_EQ(repaired.changes.size(), 2u);
  RepairPolicy policy;
  policy.drops_strays = false;
  EXPECT_EQ(repair_times(x, policy).series.times_ns,
            (Times{0, 100, 110, 120, 130, 140, 150, 160, 170, 9999}));
}

TEST(clock_repair, nothing_and_what_cannot_be_repaired) {
  EXPECT_EQ(repair_times(signals::series({}, {})).series.size(), 0);
  EXPECT_EQ(repair_times(signals::series({5}, {NAN})).series.size(), 1);
  expect_error(ErrorKind::shape, "signal: values: expected [2, 1], got 1 numbers", [] {
    repair_times(signals::series({1, 2}, {1}));
  });
  expect_error(ErrorKind::data, "expected a number or NaN, got infinity", [] {
    repair_times(signals::series({2, 1}, {1, INFINITY}));
  });
  expect_error(ErrorKind::data, "expected a time within 146 years", [] {
    repair_times(signals::series({0, INT64_MAX}, {1, 2}));
  });
}

// Whatever comes in: strictly ascending times, every measurement kept or named, and nothing to do
// the second time.
TEST(clock_repair, laws_over_random_times) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng random(seed);
    Series x;
    x.name = "x";
    int64_t time = 0;
    for (int i = 0; i < 200; ++i) {
      time += static_cast<int64_t>(random.below(4)) * 10;
      if (random.chance(0.01)) time += static_cast<int64_t>(random.below(2000)) - 1000;
      x.times_ns.push_back(random.chance(0.01) ? static_cast<int64_t>(random.below(100000)) : time);
      x.values.push_back(i);
    }
    for (int k = 0; k < 16; ++k) {
      RepairPolicy policy;
      policy.equal = static_cast<EqualTimes>(k % 4);
      policy.closes_backward_steps = policy.closes_forward_steps = k & 4;
      policy.drops_strays = k & 8;
      const RepairedTimes repaired = repair_times(x, policy);
      check(repaired.series);
      std::set<int64_t> known(repaired.sources.begin(), repaired.sources.end());
      for (const TimeChange& change : repaired.changes) known.insert(change.index);
      EXPECT_EQ(known.size(), x.times_ns.size());
      const Times& times = repaired.series.times_ns;
      for (size_t i = 0; i < times.size(); ++i) {  // a time that changed is on record
        const int64_t source = repaired.sources[i];
        bool is_named = x.times_ns[static_cast<size_t>(source)] == times[i];
        for (const TimeChange& change : repaired.changes)
          is_named = is_named || (change.index == source && change.to_ns == times[i]);
        EXPECT_TRUE(is_named) << source;
      }
      RepairPolicy none;
      none.drops_strays = false;
      EXPECT_EQ(repair_times(repaired.series, none).series.times_ns, times);
    }
  }
}

}  // namespace
}  // namespace braid::align
