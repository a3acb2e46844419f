// Nearest neighbours among clustered vectors: queries a second of one thread and recall@10 of exact
// search and of graphs, asked together and one by one, and how long building takes. Prints CSV.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include "bench/commit.h"
#include "bench/thread_time.h"
#include "core/error.h"
#include "core/rng.h"
#include "core/unit_rows.h"
#include "index/vector_index.h"

namespace braid::bench {
namespace {

using index::IndexConfig;
using index::Match;
using index::VectorIndex;

constexpr int64_t kWidth = 256, kNeighbors = 10;
constexpr int kTurns = 5, kThreads = 1;
using Found = std::vector<std::vector<Match>>;

/// Around one centre for every 100 of `num_vectors`, as far from it on average as two centres are
/// apart.
std::vector<float> clustered(int64_t count, int64_t num_vectors, uint64_t part) {
  const int64_t num_clusters = std::max<int64_t>(1, num_vectors / 100);
  Rng of_centres(1);
  std::vector<float> centres;
  for (int64_t i = 0; i < num_clusters * kWidth; ++i)
    centres.push_back(static_cast<float>(of_centres.normal()));
  Rng random = Rng(2).fork(part);
  std::vector<float> rows;
  rows.reserve(static_cast<size_t>(count * kWidth));
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t cluster = random.below(static_cast<uint64_t>(num_clusters));
    const float* centre = centres.data() + static_cast<int64_t>(cluster) * kWidth;
    for (int64_t d = 0; d < kWidth; ++d)
      rows.push_back(centre[d] + static_cast<float>(random.normal()));
  }
  return rows;
}

/// Exact answers against every similarity, sorted.
void check(const Found& found, const std::vector<float>& vectors,
           const std::vector<float>& queries) {
  const UnitRows rows = unit_rows(vectors, kWidth, "check");
  const UnitRows asked = unit_rows(queries, kWidth, "check");
  std::vector<Match> all(static_cast<size_t>(rows.size));
  for (int64_t q = 0; q < std::min<int64_t>(20, asked.size); ++q) {
    for (int64_t i = 0; i < rows.size; ++i)
      all[static_cast<size_t>(i)] = {i, row_product(asked.row(q), rows.row(i), rows.stride)};
    std::stable_sort(all.begin(), all.end(),
                     [](const Match& a, const Match& b) { return a.score > b.score; });
    for (size_t i = 0; i < static_cast<size_t>(kNeighbors); ++i) {
      const Match& got = found[static_cast<size_t>(q)][i];
      BRAID_CHECK(got.row == all[i].row && got.score == all[i].score, internal,
                  "query {}: expected row {}, got {}", q, all[i].row, got.row);
    }
  }
}

double recall(const Found& found, const Found& exact) {
  int64_t num_found = 0;
  for (size_t q = 0; q < exact.size(); ++q)
    for (const Match& expected : exact[q])
      num_found += std::any_of(found[q].begin(), found[q].end(),
                               [&](const Match& match) { return match.row == expected.row; });
  return static_cast<double>(num_found) / static_cast<double>(exact.size() * kNeighbors);
}

/// Processor time of one call, which a busy machine disturbs less.
double median_of_turns_s(const std::function<void()>& work) {
  std::vector<double> times;
  for (int turn = 0; turn < kTurns; ++turn) {
    const double start = thread_s();
    work();
    times.push_back(thread_s() - start);
  }
  std::sort(times.begin(), times.end());
  return times[kTurns / 2];
}

void measure(const VectorIndex& index, double build_s, const std::vector<float>& queries,
             const Found& exact) {
  const int64_t count = static_cast<int64_t>(queries.size()) / kWidth;
  const Found found = index.search(queries, kNeighbors, kThreads);
  const double together_s = median_of_turns_s([&] { index.search(queries, kNeighbors, kThreads); });
  // A tenth of them, one after the other.
  const int64_t num_single = std::max<int64_t>(1, count / 10);
  std::vector<std::vector<float>> single;
  for (int64_t q = 0; q < num_single; ++q)
    single.emplace_back(queries.begin() + q * kWidth, queries.begin() + (q + 1) * kWidth);
  const double single_s = median_of_turns_s([&] {
    for (const std::vector<float>& query : single) index.search(query, kNeighbors, kThreads);
  });
  fmt::print("{},{},{},{},{},{:.2f},{:.0f},{:.3f},{:.4f},{}\n", index.config().method,
             index.config().search_effort, index.size(), kWidth, count, build_s,
             static_cast<double>(count) / together_s,
             single_s / static_cast<double>(num_single) * 1e3, recall(found, exact), commit());
  std::fflush(stdout);
}

VectorIndex timed_build(const std::vector<float>& vectors, const IndexConfig& config,
                        double* seconds) {
  const double start = thread_s();
  VectorIndex index = VectorIndex::build(vectors, kWidth, config);
  *seconds = thread_s() - start;
  return index;
}

void run(int64_t num_vectors, int64_t num_queries) {
  const std::vector<float> vectors = clustered(num_vectors, num_vectors, 0);
  const std::vector<float> queries = clustered(num_queries, num_vectors, 1);
  fmt::print(
      "method,search_effort,vectors,width,queries,build_s,queries_per_s,one_ms,"
      "recall_10,commit\n");
  double build_s = 0;
  IndexConfig config;
  const VectorIndex plain = timed_build(vectors, config, &build_s);
  const Found exact = plain.search(queries, kNeighbors, kThreads);
  check(exact, vectors, queries);
  measure(plain, build_s, queries, exact);
  config.method = "hnsw";
  const VectorIndex graph = timed_build(vectors, config, &build_s);
  measure(graph, build_s, queries, exact);
}

}  // namespace
}  // namespace braid::bench

// Usage: braid_bench_search [--smallest] [--vectors=N]
int main(int argc, char** argv) {
  int64_t num_vectors = 100000, num_queries = 500;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--smallest") == 0) num_vectors = 2000, num_queries = 50;
    if (std::strncmp(argv[i], "--vectors=", 10) == 0) num_vectors = std::atoll(argv[i] + 10);
  }
  try {
    BRAID_CHECK(num_vectors >= 100, usage, "expected at least 100 vectors, got {}", num_vectors);
    braid::bench::run(num_vectors, num_queries);
  } catch (const std::exception& e) {
    fmt::print(stderr, "braid_bench_search: {}\n", e.what());
    return 1;
  }
  return 0;
}
