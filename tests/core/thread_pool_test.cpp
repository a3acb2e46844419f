// Every index once, whatever the number of threads; of several failures always the same one.
#include "core/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace braid {
namespace {

TEST(thread_pool, every_index_is_done_once) {
  for (const int num_threads : {-1, 0, 1, 2, 7, 64}) {
    std::vector<std::atomic<int>> done(33);
    parallel_for(33, num_threads, [&](int64_t i) { ++done[static_cast<size_t>(i)]; });
    for (const auto& count : done) EXPECT_EQ(count, 1) << num_threads << " threads";
  }
  parallel_for(0, 4, [](int64_t) { FAIL() << "there is nothing to do"; });
}

TEST(thread_pool, uses_the_callers_and_other_threads) {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  std::atomic<int> arrived{0};
  parallel_for(2, 2, [&](int64_t) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      seen.insert(std::this_thread::get_id());
    }
    // Each waits for the other, which only works side by side.
    ++arrived;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (arrived < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
  EXPECT_EQ(seen.size(), 2u);
}

TEST(thread_pool, the_first_failure_by_index_is_thrown) {
  for (int round = 0; round < 20; ++round) {
    try {
      parallel_for(8, 4, [](int64_t i) {
        if (i == 2)
          std::this_thread::sleep_for(std::chrono::milliseconds(5));  // fails after 3 has failed
        if (i >= 2) throw std::runtime_error(std::to_string(i));
      });
      FAIL() << "expected an exception";
    } catch (const std::runtime_error& e) {
      EXPECT_STREQ(e.what(), "2");
    }
  }
}

TEST(thread_pool, the_number_of_threads) {
  EXPECT_EQ(resolve_threads(3), 3);
  EXPECT_GE(resolve_threads(0), 1);
}

}  // namespace
}  // namespace braid
