#include "stream/ring.h"

#include <gtest/gtest.h>

#include <cmath>

namespace braid::stream {
namespace {

std::vector<int64_t> times_of(const Ring& ring) {
  std::vector<int64_t> times;
  for (size_t i = 0; i < ring.size(); ++i) times.push_back(ring.time(i));
  return times;
}

void insert(Ring& ring, int64_t time, double value) { ring.insert(time, &value); }

TEST(ring, sorts_what_comes_and_knows_a_time) {
  Ring ring(1, 4);
  insert(ring, 10, 1);
  insert(ring, 30, 3);
  insert(ring, 20, 2);
  insert(ring, 5, 0.5);
  EXPECT_TRUE(ring.is_full());
  EXPECT_EQ(times_of(ring), (std::vector<int64_t>{5, 10, 20, 30}));
  EXPECT_EQ(ring.values(2)[0], 2);
  ring.forget_oldest();
  EXPECT_TRUE(ring.holds(20));
  EXPECT_FALSE(ring.holds(25));
  EXPECT_FALSE(ring.holds(5));  // gone
}

TEST(ring, goes_round_and_knows_each_channels_newest_from_before) {
  Ring ring(2, 2);
  align::Channel channel;
  for (int64_t i = 0; i < 100; ++i) {
    const double row[] = {static_cast<double>(i), i == 97 ? 97.5 : NAN};
    if (ring.is_full()) ring.forget_oldest();
    ring.insert(i, row);
  }
  EXPECT_EQ(times_of(ring), (std::vector<int64_t>{98, 99}));
  ring.copy(0, 98, /*with_next=*/false, &channel);
  EXPECT_EQ(channel.times_ns, (std::vector<int64_t>{97, 98}));
  ring.copy(1, 99, /*with_next=*/true, &channel);
  EXPECT_EQ(channel.times_ns, (std::vector<int64_t>{97}));
  EXPECT_EQ(channel.values, (std::vector<double>{97.5}));
}

TEST(ring, copies_one_measurement_after_the_tick) {
  Ring ring(1, 8);
  for (const int64_t time : {1, 2, 3, 4, 5}) insert(ring, time, time == 4 ? NAN : time);
  align::Channel channel;
  ring.copy(0, 3, /*with_next=*/false, &channel);
  EXPECT_EQ(channel.times_ns, (std::vector<int64_t>{1, 2, 3}));
  ring.copy(0, 3, /*with_next=*/true, &channel);
  EXPECT_EQ(channel.times_ns, (std::vector<int64_t>{1, 2, 3, 5}));  // 4 is a gap
  ring.forget_until(3);
  ring.copy(0, 3, /*with_next=*/true, &channel);
  EXPECT_EQ(channel.times_ns, (std::vector<int64_t>{3, 5}));
  EXPECT_TRUE(ring.has_all_in(4, 6));
  EXPECT_FALSE(ring.has_all_in(4, 5));
}

}  // namespace
}  // namespace braid::stream
