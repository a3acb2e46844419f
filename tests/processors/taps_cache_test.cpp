#include "processors/taps_cache.h"

#include <gtest/gtest.h>

#include <thread>

namespace braid::processors {
namespace {

TEST(taps_cache, sizes_that_repeat_are_remembered) {
  const TapsCache cache(Kernel::bilinear, Arithmetic::pillow);
  const Axis axis = {100, 30, 5, 20};
  const auto first = cache.get(axis);
  EXPECT_EQ(cache.get(axis), first);
  EXPECT_NE(cache.get({100, 30, 6, 20}), first);
  for (int64_t size = 1; size < 100; ++size) cache.get({size, 30, 0, 30});
  // Long forgotten, and the same again.
  EXPECT_NE(cache.get(axis), first);
  EXPECT_EQ(cache.get(axis)->fixed, first->fixed);
}

TEST(taps_cache, threads_may_ask_at_once) {
  const TapsCache cache(Kernel::bicubic, Arithmetic::torchvision);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&cache, &wrong, t] {
      for (int64_t i = 0; i < 300; ++i) {
        const int64_t size = 20 + i % 25;
        wrong[t] += cache.get({size, 10, 0, 10})->high != size;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace braid::processors
