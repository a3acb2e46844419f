#include "index/hnsw_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "clusters.h"
#include "formats/expect_error.h"
#include "index/exact_search.h"

using namespace braid;
using namespace braid::index;
using namespace braid::index::examples;
using braid::testing::expect_error;

namespace {

constexpr int64_t kWidth = 32, kNeighbors = 10;

UnitRows rows_of(int64_t count, uint64_t part) {
  return unit_rows(clustered(count, kWidth, 40, 5, part), kWidth, "rows");
}

double recall(const std::vector<std::vector<Match>>& found,
              const std::vector<std::vector<Match>>& exact) {
  int64_t num_found = 0, num_all = 0;
  for (size_t q = 0; q < exact.size(); ++q)
    for (const Match& expected : exact[q]) {
      num_found += std::any_of(found[q].begin(), found[q].end(),
                               [&](const Match& match) { return match.row == expected.row; });
      ++num_all;
    }
  return static_cast<double>(num_found) / static_cast<double>(num_all);
}

bool are_same(const std::vector<std::vector<Match>>& a, const std::vector<std::vector<Match>>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const Match& m, const Match& n) {
      return m.row == n.row && m.score == n.score;
    });
  });
}

}  // namespace

TEST(hnsw_graph, finds_nine_in_ten_of_the_nearest) {
  const UnitRows rows = rows_of(4000, 0), queries = rows_of(200, 1);
  const auto exact = exact_search(rows, queries, kNeighbors, 2);
  const auto graph = HnswGraph::build(rows, IndexConfig());
  const auto found = graph->search(rows, queries, kNeighbors, 2);
  EXPECT_GE(recall(found, exact), 0.9);
  for (size_t q = 0; q < found.size(); ++q) {
    EXPECT_EQ(found[q].size(), size_t(kNeighbors));
    EXPECT_TRUE(std::is_sorted(found[q].begin(), found[q].end(), is_better));
    for (const Match& match : found[q])  // the exact search's bits
      EXPECT_EQ(match.score,
                row_product(queries.row(int64_t(q)), rows.row(match.row), rows.stride));
  }
  // Less effort finds less, so that the measure can fail.
  IndexConfig lazy;
  lazy.links = 4;
  lazy.build_effort = lazy.search_effort = 1;
  const auto poor = HnswGraph::build(rows, lazy)->search(rows, queries, kNeighbors, 2);
  EXPECT_LT(recall(poor, exact), 0.9);
}

TEST(hnsw_graph, is_the_same_each_time_and_for_any_threads) {
  const UnitRows rows = rows_of(1500, 0), queries = rows_of(50, 1);
  const auto graph = HnswGraph::build(rows, IndexConfig());
  const HnswLinks links = graph->links(), again = HnswGraph::build(rows, IndexConfig())->links();
  EXPECT_EQ(links.levels, again.levels);
  EXPECT_EQ(links.neighbors, again.neighbors);
  EXPECT_EQ(links.entry, again.entry);
  const auto expected = graph->search(rows, queries, kNeighbors, 1);
  EXPECT_TRUE(are_same(graph->search(rows, queries, kNeighbors, 7), expected));
  std::vector<std::thread> threads;
  std::vector<int> same(4, 0);
  for (int& one : same)
    threads.emplace_back(
        [&] { one = are_same(graph->search(rows, queries, kNeighbors, 2), expected); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, (std::vector<int>{1, 1, 1, 1}));
}

TEST(hnsw_graph, links_give_the_graph_back) {
  const UnitRows rows = rows_of(1500, 0), queries = rows_of(50, 1);
  const IndexConfig config;
  const auto graph = HnswGraph::build(rows, config);
  const HnswLinks links = graph->links();
  EXPECT_EQ(links.links, config.links);
  EXPECT_NO_THROW(check_links(links, rows.size, "links"));
  const auto restored = HnswGraph::restore(links, config, "links");
  EXPECT_TRUE(are_same(restored->search(rows, queries, kNeighbors, 1),
                       graph->search(rows, queries, kNeighbors, 1)));
  EXPECT_EQ(restored->links().neighbors, links.neighbors);
}

TEST(hnsw_graph, of_few_rows_is_whole) {
  for (const int64_t count : {1, 2, 5, 30}) {
    const UnitRows rows = rows_of(count, 0), queries = rows_of(4, 1);
    const auto found = HnswGraph::build(rows, IndexConfig())->search(rows, queries, 100, 1);
    EXPECT_TRUE(are_same(found, exact_search(rows, queries, 100, 1))) << count;
  }
}

TEST(hnsw_graph, refuses_more_levels_than_its_links_have) {
  // With 256 links a level holds a 256th of the one below; the chance of a fifth is under 1e-9.
  HnswLinks links;
  links.links = 256;
  links.levels = {20};
  links.neighbors.assign(size_t(num_places(256, 20)), -1);
  links.entry = 0;
  check_links(links, 1, "file");
  expect_error(ErrorKind::format, "file: levels: expected at most",
               [&] { HnswGraph::restore(links, IndexConfig(), "file"); });
}
