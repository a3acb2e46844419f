#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

const Context kTwo = {{"a", "b"}, {2, 1}, 2, Activation::softmax};

TEST(concat_features, reads_raw_features_where_concat_reads_encoders) {
  EXPECT_TRUE(find("concat_features").reads_raw);
  EXPECT_FALSE(find("concat").reads_raw);
  EXPECT_EQ(find("concat_features").family, Family::early);
}

TEST(concat_features, is_concat_on_other_features) {
  auto features = make_fusion("concat_features", {{"hidden", {4}}}, kTwo);
  auto concat = make_fusion("concat", {{"hidden", {4}}}, kTwo, /*seed=*/2);
  copy_state(*features, *concat);
  const std::vector<Encoded> batch = {one_token(matrix({{1, 2}, {3, 4}}), {1, 0}),
                                      one_token(matrix({{5}, {6}}), {1, 1})};
  EXPECT_TRUE(same_bits(features->forward(batch).output, concat->forward(batch).output));
}

}  // namespace
}  // namespace braid::fusion
