#include <gtest/gtest.h>

#include "formats/expect_error.h"
#include "index/vector_index.h"

using namespace braid;
using namespace braid::index;

TEST(without_faiss, says_what_to_do) {
  IndexConfig config;
  config.method = "hnsw";
  braid::testing::expect_error(
      ErrorKind::usage,
      "index: method 'hnsw': this Braid was built without FAISS; use 'exact', or install "
      "libfaiss-dev and build again",
      [&] {
        VectorIndex::build({1, 2}, 2, config);
      });
}

TEST(without_faiss, exact_search_works) {
  EXPECT_EQ(VectorIndex::build({1, 0, 0, 1}, 2, IndexConfig()).search({1, 3}, 1)[0][0].row, 1);
}
