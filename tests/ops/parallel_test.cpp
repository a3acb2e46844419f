#include "ops/parallel.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <vector>

namespace braid::ops {
namespace {

// Visits of each item, and the shares that ran.
struct Visits {
  std::vector<int> items;
  std::set<int> shares;
};

Visits run(int64_t size, int64_t grain) {
  const int most = num_shares(size, grain);
  Visits made{std::vector<int>(static_cast<size_t>(size)), {}};
  std::vector<char> ran(static_cast<size_t>(most));
  parallel(size, grain, [&](int64_t begin, int64_t end, int share) {
    ran[static_cast<size_t>(share)] = 1;
    for (int64_t i = begin; i < end; ++i) ++made.items[static_cast<size_t>(i)];
  });
  for (int i = 0; i < most; ++i)
    if (ran[static_cast<size_t>(i)]) made.shares.insert(i);
  return made;
}

TEST(parallel, every_item_is_visited_once) {
  for (int64_t size : {0, 1, 2, 3, 7, 100, 1001})
    for (int64_t grain : {1, 10, 5000}) {
      const Visits made = run(size, grain);
      for (int visits : made.items) EXPECT_EQ(visits, 1) << size << " " << grain;
    }
}

TEST(parallel, a_scope_sets_the_threads_of_its_life) {
  const int before = at::get_num_threads();
  {
    const ThreadScope three(3);
    EXPECT_EQ(run(100, 1).shares, (std::set<int>{0, 1, 2}));
    {
      const ThreadScope one(1);
      EXPECT_EQ(run(100, 1).shares, (std::set<int>{0}));
    }
    EXPECT_EQ(at::get_num_threads(), 3);
  }
  EXPECT_EQ(at::get_num_threads(), before);
}

TEST(parallel, two_threads_share_what_is_large_and_none_what_is_small) {
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  EXPECT_EQ(num_shares(100, 10), 2);
  EXPECT_EQ(num_shares(19, 10), 1);
  EXPECT_EQ(run(100, 10).shares, (std::set<int>{0, 1}));
  at::set_num_threads(1);
  EXPECT_EQ(run(100, 10).shares, (std::set<int>{0}));
  at::set_num_threads(before);
}

TEST(parallel, inside_a_share_everything_is_one_share) {
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  std::vector<int> inner(2);
  parallel(2, 1, [&](int64_t, int64_t, int share) {
    inner[static_cast<size_t>(share)] = num_shares(1000, 1);
  });
  at::set_num_threads(before);
  EXPECT_EQ(inner, (std::vector<int>{1, 1}));
}

}  // namespace
}  // namespace braid::ops
