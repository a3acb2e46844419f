// Nearest neighbours among embeddings by cosine similarity: exact, or through an HNSW graph.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/unit_rows.h"

namespace braid::index {

struct IndexConfig {
  std::string method = "exact";
  int64_t links = 32;
  int64_t build_effort = 200;
  int64_t search_effort = 64;
  template <class V>
  void visit(V& v) {
    v("method", method, one_of({"exact", "hnsw"}),
      "exact compares with every vector; hnsw walks a graph and may miss some");
    v("links", links, between(4, 256),
      "hnsw: neighbours kept for each vector; more find more and take more memory");
    v("build_effort", build_effort, between(1, 1e6),
      "hnsw: candidates looked at to place a vector; more build a better graph in more time");
    v("search_effort", search_effort, between(1, 1e6),
      "hnsw: candidates looked at for a query; more find more in more time");
  }
};

/// One neighbour of a query.
struct Match {
  int64_t row;  // of the vectors that the index was built from
  float score;  // cosine similarity
};

class HnswGraph;

/// Vectors that queries are compared with. It moves, does not copy, and may be searched by several
/// threads at once.
class VectorIndex {
 public:
  VectorIndex(VectorIndex&&) noexcept;
  VectorIndex& operator=(VectorIndex&&) noexcept;
  ~VectorIndex();

  /// An index of these vectors, which it copies scaled to length 1. The same vectors give the same
  /// graph.
  ///
  /// Shapes   vectors [N, width], row-major.
  /// Errors   config. shape: vectors that do not fill rows. data: no vector, or one that is zero or
  ///          not finite, by its row. usage: hnsw in a build without FAISS.
  static VectorIndex build(const std::vector<float>& vectors, int64_t width,
                           const IndexConfig& config);

  /// The `k` nearest of each query, best first, rows of one score in their order; all vectors where
  /// there are fewer. hnsw may find fewer than `k`, or others than the nearest. Scores are the same
  /// bits for both methods, and however many queries are asked together.
  ///
  /// Shapes   queries [Q, width] -> Q lists.
  /// Errors   usage: k under 1. shape: queries that do not fill rows. data: a query that is zero or
  ///          not finite.
  /// Cost     exact: Q * N * width multiply-adds, shared out to `num_threads` (0 = all cores).
  std::vector<std::vector<Match>> search(const std::vector<float>& queries, int64_t k,
                                         int num_threads = 0) const;

  /// A folder of index.json (config, size, width, fingerprint) and index.safetensors (vectors and
  /// links), written whole or not at all; it takes the place of an earlier index.
  ///
  /// Errors   usage: the folder holds something else. io.
  void save(const std::string& folder) const;

  /// What was saved; answers are the same bits.
  ///
  /// Errors   format: a damaged or foreign file; its size and fingerprint are checked, and after
  /// them
  ///          every link. usage: hnsw in a build without FAISS. io.
  static VectorIndex load(const std::string& folder);

  int64_t size() const { return rows_.size; }
  int64_t width() const { return rows_.width; }
  const IndexConfig& config() const { return config_; }

 private:
  VectorIndex(IndexConfig config, UnitRows rows, std::unique_ptr<HnswGraph> graph);

  IndexConfig config_;
  UnitRows rows_;
  std::unique_ptr<HnswGraph> graph_;  // null for exact
};

}  // namespace braid::index
