#include "index/hnsw_graph.h"

// gcc's omp.h, which FAISS needs, has an attribute that clang does not know.
#ifdef __clang__
#define __malloc__(deallocator)
#endif
#include <omp.h>
#undef __malloc__

#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/DistanceComputer.h>
#include <faiss/impl/HNSW.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"
#include "core/thread_pool.h"
#include "index/exact_search.h"

namespace braid::index {
namespace {

// The nearer, the smaller: the negative inner product of our own kernel. FAISS as Debian builds it
// has none for AVX2.
class Distance : public faiss::DistanceComputer {
 public:
  explicit Distance(const UnitRows& rows) : rows_(rows) {}
  void set_query(const float* query) override { query_ = query; }
  float operator()(idx_t row) override {
    return -row_product(query_, rows_.row(row), rows_.stride);
  }
  float symmetric_dis(idx_t a, idx_t b) override {
    return -row_product(rows_.row(a), rows_.row(b), rows_.stride);
  }

 private:
  const UnitRows& rows_;
  const float* query_ = nullptr;
};

// The library's functions take these, and were compiled with the size that libgomp gives them.
static_assert(sizeof(omp_lock_t) == 4, "expected gcc's omp.h");

class Locks {
 public:
  explicit Locks(int64_t count) : locks_(static_cast<size_t>(count)) {
    for (omp_lock_t& lock : locks_) omp_init_lock(&lock);
  }
  ~Locks() {
    for (omp_lock_t& lock : locks_) omp_destroy_lock(&lock);
  }
  Locks(const Locks&) = delete;
  Locks& operator=(const Locks&) = delete;
  std::vector<omp_lock_t>& get() { return locks_; }

 private:
  std::vector<omp_lock_t> locks_;
};

faiss::HNSW empty_graph(const IndexConfig& config) {
  faiss::HNSW graph(static_cast<int>(config.links));
  graph.efConstruction = static_cast<int>(config.build_effort);
  graph.efSearch = static_cast<int>(config.search_effort);
  return graph;
}

// Rows on many levels first, so that the upper levels lead to the lower ones from the start; in a
// shuffled order otherwise, since rows that lie in the order of their clusters link badly.
std::vector<int32_t> linking_order(const std::vector<int>& levels) {
  std::vector<int32_t> order(levels.size());
  std::iota(order.begin(), order.end(), 0);
  Rng(1).shuffle(order);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return levels[static_cast<size_t>(a)] > levels[static_cast<size_t>(b)];
  });
  return order;
}

std::vector<Match> search_one(const faiss::HNSW& graph, Distance* distance, int64_t k,
                              faiss::VisitedTable* visited) {
  const size_t count = static_cast<size_t>(k);
  std::vector<float> distances(count, std::numeric_limits<float>::max());
  std::vector<faiss::Index::idx_t> found(count, -1);
  graph.search(*distance, static_cast<int>(k), found.data(), distances.data(), *visited);
  std::vector<Match> matches;
  for (size_t i = 0; i < count; ++i)
    if (found[i] >= 0) matches.push_back({found[i], -distances[i]});
  std::sort(matches.begin(), matches.end(), is_better);
  return matches;
}

}  // namespace

struct HnswGraph::Graph {
  faiss::HNSW hnsw;
};

HnswGraph::HnswGraph(std::unique_ptr<Graph> graph) : graph_(std::move(graph)) {}
HnswGraph::~HnswGraph() = default;

std::unique_ptr<HnswGraph> HnswGraph::build(const UnitRows& rows, const IndexConfig& config) {
  BRAID_CHECK(rows.size < std::numeric_limits<int32_t>::max(), usage,
              "index: hnsw: expected fewer than 2^31 vectors, got {}; use exact", rows.size);
  auto graph = std::make_unique<Graph>();
  faiss::HNSW& hnsw = graph->hnsw;
  hnsw = empty_graph(config);
  hnsw.prepare_level_tab(static_cast<size_t>(rows.size));
  Locks locks(rows.size);
  faiss::VisitedTable visited(static_cast<int>(rows.size));
  Distance distance(rows);
  for (const int32_t row : linking_order(hnsw.levels)) {
    distance.set_query(rows.row(row));
    hnsw.add_with_locks(distance, hnsw.levels[static_cast<size_t>(row)] - 1, row, locks.get(),
                        visited);
  }
  return std::unique_ptr<HnswGraph>(new HnswGraph(std::move(graph)));
}

std::unique_ptr<HnswGraph> HnswGraph::restore(const HnswLinks& links, const IndexConfig& config,
                                              const std::string& where) {
  auto graph = std::make_unique<Graph>();
  faiss::HNSW& hnsw = graph->hnsw;
  hnsw = empty_graph(config);
  const int32_t most = links.levels[static_cast<size_t>(links.entry)];
  BRAID_CHECK(static_cast<size_t>(most) <= hnsw.assign_probas.size(), format,
              "{}: levels: expected at most {} for {} links, got {}", where,
              hnsw.assign_probas.size(), links.links, most);
  hnsw.levels.assign(links.levels.begin(), links.levels.end());
  hnsw.neighbors.assign(links.neighbors.begin(), links.neighbors.end());
  hnsw.offsets.reserve(links.levels.size() + 1);
  for (const int32_t levels : links.levels)
    hnsw.offsets.push_back(hnsw.offsets.back() +
                           static_cast<size_t>(num_places(links.links, levels)));
  hnsw.entry_point = links.entry;
  hnsw.max_level = most - 1;
  return std::unique_ptr<HnswGraph>(new HnswGraph(std::move(graph)));
}

HnswLinks HnswGraph::links() const {
  const faiss::HNSW& hnsw = graph_->hnsw;
  HnswLinks links;
  links.links = hnsw.nb_neighbors(1);
  links.levels.assign(hnsw.levels.begin(), hnsw.levels.end());
  links.neighbors.assign(hnsw.neighbors.begin(), hnsw.neighbors.end());
  links.entry = hnsw.entry_point;
  return links;
}

std::vector<std::vector<Match>> HnswGraph::search(const UnitRows& rows, const UnitRows& queries,
                                                  int64_t k, int num_threads) const {
  k = std::min(k, rows.size);
  std::vector<std::vector<Match>> result(static_cast<size_t>(queries.size));
  // A part's queries share one table of the rows seen.
  const int64_t num_parts = std::min<int64_t>(num_threads, queries.size);
  parallel_for(num_parts, num_threads, [&](int64_t part) {
    faiss::VisitedTable visited(static_cast<int>(rows.size));
    Distance distance(rows);
    for (int64_t q = part; q < queries.size; q += num_parts) {
      distance.set_query(queries.row(q));
      result[static_cast<size_t>(q)] = search_one(graph_->hnsw, &distance, k, &visited);
    }
  });
  return result;
}

}  // namespace braid::index
