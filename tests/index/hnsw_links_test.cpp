#include "index/hnsw_links.h"

#include <gtest/gtest.h>

#include "formats/expect_error.h"

using namespace braid;
using namespace braid::index;
using braid::testing::expect_error;

namespace {

// Three rows with room for 2 neighbours (4 on level 0); row 1 is on two levels, alone on the upper.
HnswLinks example() {
  return {2, {1, 2, 1}, {1, -1, -1, -1, 0, 2, -1, -1, -1, -1, 1, 0, -1, -1}, 1};
}

void refuses(const HnswLinks& graph, const std::string& part) {
  expect_error(ErrorKind::format, part, [&] { check_links(graph, 3, "file"); });
}

}  // namespace

TEST(hnsw_links, lets_a_graph_pass) { EXPECT_NO_THROW(check_links(example(), 3, "file")); }

TEST(hnsw_links, refuses_what_would_lead_astray) {
  HnswLinks graph = example();
  graph.levels.pop_back();
  refuses(graph, "file: levels: expected 3, got 2");
  for (const int32_t bad : {0, -1, 33, INT32_MAX, INT32_MIN}) {
    graph = example();
    graph.levels[2] = bad;
    refuses(graph, "file: levels: expected 1 to 32");
  }
  graph = example();
  graph.neighbors.pop_back();
  refuses(graph, "file: neighbors: expected 14, got 13");
  graph = example();
  graph.entry = 3;
  refuses(graph, "file: entry: expected a row under 3, got 3");
  graph.entry = -1;
  refuses(graph, "file: entry: expected a row under 3, got -1");
  graph.entry = 0;
  refuses(graph, "file: entry: expected a row on 2 levels, got one on 1");
  for (const int32_t bad : {3, -2, INT32_MAX, INT32_MIN}) {
    graph = example();
    graph.neighbors[0] = bad;
    refuses(graph, "file: neighbors: expected rows under 3 that are on level 0");
  }
  graph = example();
  graph.neighbors[8] = 0;  // on level 1, where row 0 is not
  refuses(graph, "file: neighbors: expected rows under 3 that are on level 1, got 0");
}
