#include "index/hnsw_graph.h"

#include <faiss/IndexHNSW.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/DistanceComputer.h>
#include <faiss/impl/FaissException.h>
#include <omp.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
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

// The rows as an index that FAISS can link; it keeps no copy of them.
class Rows : public faiss::Index {
 public:
  explicit Rows(const UnitRows& rows) : faiss::Index(rows.stride, faiss::METRIC_L2), rows_(rows) {}
  void add(idx_t count, const float*) override { ntotal += count; }
  void reset() override { ntotal = 0; }
  void search(idx_t, const float*, idx_t, float*, idx_t*,
              const faiss::SearchParameters*) const override {
    fail(ErrorKind::internal, "index: these rows are linked, not searched");
  }
  faiss::DistanceComputer* get_distance_computer() const override { return new Distance(rows_); }

 private:
  const UnitRows& rows_;
};

// FAISS links rows with as many threads as OpenMP says, and the graph depends on who comes first.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }

 private:
  int before_;
};

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
  try {
    const OneThread one_thread;
    Rows storage(rows);
    faiss::IndexHNSW index(&storage, static_cast<int>(config.links));
    index.hnsw.efConstruction = static_cast<int>(config.build_effort);
    index.hnsw.efSearch = static_cast<int>(config.search_effort);
    index.add(rows.size, rows.values.data());
    auto graph = std::make_unique<Graph>();
    graph->hnsw = std::move(index.hnsw);
    return std::unique_ptr<HnswGraph>(new HnswGraph(std::move(graph)));
  } catch (const faiss::FaissException& e) {
    fail(ErrorKind::internal, "index: hnsw: FAISS: {}", e.what());
  }
}

std::unique_ptr<HnswGraph> HnswGraph::restore(const HnswLinks& links, const IndexConfig& config,
                                              const std::string& where) {
  auto graph = std::make_unique<Graph>();
  faiss::HNSW& hnsw = graph->hnsw;
  hnsw = faiss::HNSW(static_cast<int>(links.links));
  hnsw.efConstruction = static_cast<int>(config.build_effort);
  hnsw.efSearch = static_cast<int>(config.search_effort);
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
