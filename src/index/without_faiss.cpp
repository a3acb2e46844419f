// What stands for the graph in a build without FAISS.
#include "core/error.h"
#include "index/hnsw_graph.h"

namespace braid::index {
namespace {

[[noreturn]] void fail_without_faiss() {
  fail(ErrorKind::usage,
       "index: method 'hnsw': this Braid was built without FAISS; use 'exact', or install "
       "libfaiss-dev and build again");
}

}  // namespace

struct HnswGraph::Graph {};

HnswGraph::~HnswGraph() = default;

std::unique_ptr<HnswGraph> HnswGraph::build(const UnitRows&, const IndexConfig&) {
  fail_without_faiss();
}

std::unique_ptr<HnswGraph> HnswGraph::restore(const HnswLinks&, const IndexConfig&,
                                              const std::string&) {
  fail_without_faiss();
}

HnswLinks HnswGraph::links() const { fail_without_faiss(); }

std::vector<std::vector<Match>> HnswGraph::search(const UnitRows&, const UnitRows&, int64_t,
                                                  int) const {
  fail_without_faiss();
}

}  // namespace braid::index
