// A hierarchical navigable small world: neighbours found by walking along links, level by level.
#pragma once
#include <memory>
#include <vector>

#include "core/unit_rows.h"
#include "index/hnsw_links.h"
#include "index/vector_index.h"

namespace braid::index {

/// The links among rows that are kept elsewhere.
///
/// Source   Malkov and Yashunin 2020, arXiv:1603.09320, as FAISS builds and walks it; distances are
///          those of core/unit_rows.h.
class HnswGraph {
 public:
  /// Errors   usage: a build without FAISS, or more rows than 32 bits count.
  static std::unique_ptr<HnswGraph> build(const UnitRows& rows, const IndexConfig& config);
  /// Of links that check_links let pass. Errors   format: more levels than so many links have.
  /// usage: a build without FAISS.
  static std::unique_ptr<HnswGraph> restore(const HnswLinks& links, const IndexConfig& config,
                                            const std::string& where);
  ~HnswGraph();

  HnswLinks links() const;

  /// As VectorIndex::search.
  std::vector<std::vector<Match>> search(const UnitRows& rows, const UnitRows& queries, int64_t k,
                                         int num_threads) const;

 private:
  struct Graph;
  explicit HnswGraph(std::unique_ptr<Graph> graph);
  std::unique_ptr<Graph> graph_;
};

}  // namespace braid::index
