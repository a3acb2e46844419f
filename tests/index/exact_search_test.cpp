#include "index/exact_search.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "clusters.h"

using namespace braid;
using namespace braid::index;
using namespace braid::index::examples;

namespace {

// Every similarity in double, all sorted.
std::vector<int64_t> sorted_rows(const UnitRows& rows, const float* query) {
  std::vector<std::pair<double, int64_t>> all;
  for (int64_t i = 0; i < rows.size; ++i) {
    double product = 0;
    for (int64_t d = 0; d < rows.width; ++d)
      product += static_cast<double>(query[d]) * rows.row(i)[d];
    all.emplace_back(-product, i);
  }
  std::sort(all.begin(), all.end());
  std::vector<int64_t> order;
  for (const auto& one : all) order.push_back(one.second);
  return order;
}

}  // namespace

TEST(exact_search, finds_what_comparing_all_finds) {
  // Sizes around those of the blocks, fewer and more queries than threads.
  const UnitRows rows = unit_rows(clustered(333, 19, 7, 1, 0), 19, "rows");
  for (const int64_t num_queries : {1, 63, 64, 150}) {
    const UnitRows queries = unit_rows(clustered(num_queries, 19, 7, 1, 1), 19, "queries");
    const auto found = exact_search(rows, queries, 12, 1);
    ASSERT_EQ(static_cast<int64_t>(found.size()), num_queries);
    for (int64_t q = 0; q < num_queries; ++q) {
      const std::vector<int64_t> expected = sorted_rows(rows, queries.row(q));
      ASSERT_EQ(found[size_t(q)].size(), 12u);
      for (size_t i = 0; i < 12; ++i) {
        EXPECT_EQ(found[size_t(q)][i].row, expected[i]);
        EXPECT_EQ(found[size_t(q)][i].score,
                  row_product(queries.row(q), rows.row(expected[i]), rows.stride));
      }
    }
  }
}

TEST(exact_search, does_not_depend_on_threads) {
  const UnitRows rows = unit_rows(clustered(200, 8, 5, 2, 0), 8, "rows");
  const UnitRows queries = unit_rows(clustered(70, 8, 5, 2, 1), 8, "queries");
  const auto expected = exact_search(rows, queries, 9, 1);
  for (const int threads : {2, 3, 300}) {
    const auto found = exact_search(rows, queries, 9, threads);
    for (size_t q = 0; q < expected.size(); ++q)
      for (size_t i = 0; i < 9; ++i) {
        EXPECT_EQ(found[q][i].row, expected[q][i].row) << threads;
        EXPECT_EQ(found[q][i].score, expected[q][i].score) << threads;
      }
  }
}

TEST(exact_search, puts_equal_scores_in_the_order_of_their_rows) {
  // Two directions in turn: rows 0 2 4 ... are the query's own, though of different lengths.
  std::vector<float> values;
  for (int i = 0; i < 100; ++i) {
    const float length = i % 3 == 0 ? 2.0f : 1.0f;
    values.push_back(i % 2 == 0 ? length : 0);
    values.push_back(i % 2 == 0 ? 0 : length);
  }
  const UnitRows rows = unit_rows(values, 2, "rows");
  for (const int threads : {1, 4}) {
    const auto found = exact_search(rows, unit_rows({5, 0}, 2, "query"), 55, threads)[0];
    ASSERT_EQ(found.size(), 55u);
    for (size_t i = 0; i < 50; ++i) {
      EXPECT_EQ(found[i].row, int64_t(2 * i));
      EXPECT_EQ(found[i].score, 1);
    }
    for (size_t i = 50; i < 55; ++i) {
      EXPECT_EQ(found[i].row, int64_t(2 * (i - 50) + 1));
      EXPECT_EQ(found[i].score, 0);
    }
  }
}

TEST(exact_search, gives_all_where_more_are_asked_for) {
  const UnitRows rows = unit_rows({1, 0, 0, 1, -1, 0}, 2, "rows");
  const auto found = exact_search(rows, unit_rows({1, .1f}, 2, "query"), 1000000000000, 2)[0];
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].row, 0);
  EXPECT_EQ(found[1].row, 1);
  EXPECT_EQ(found[2].row, 2);
  EXPECT_TRUE(exact_search(rows, unit_rows({}, 2, "query"), 3, 2).empty());
}
