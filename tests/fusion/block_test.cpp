#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(block, each_block_joins_its_own_part) {
  auto fusion = make_fusion(
      "block", {{"blocks", 2}, {"width", 1}, {"rank", 1}, {"joined", 1}, {"hidden", Json::array()}},
      two_of(1, 1, 2));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 2);
  set_parameter(*fusion, "inputs.a.weight", matrix({{1}, {2}}));
  set_parameter(*fusion, "inputs.b.weight", matrix({{1}, {-1}}));
  for (const char* name :
       {"blocks.0.a.weight", "blocks.0.b.weight", "blocks.1.a.weight", "blocks.1.b.weight"})
    set_parameter(*fusion, name, matrix({{1}}));
  // Block 0 joins 1 and 1, block 1 joins 2 and -1; a block of one number is its sign.
  EXPECT_TRUE(
      close(fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{1}}), {1})}).output,
            matrix({{1, -1}}), 1e-5));
}

TEST(block, one_block_is_the_rooted_sum_of_products) {
  auto fusion = make_fusion(
      "block", {{"blocks", 1}, {"width", 1}, {"rank", 1}, {"joined", 2}, {"hidden", Json::array()}},
      two_of(1, 1, 2));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 2);
  set_parameter(*fusion, "inputs.a.weight", matrix({{1}}));
  set_parameter(*fusion, "inputs.b.weight", matrix({{1}}));
  set_parameter(*fusion, "blocks.0.a.weight", matrix({{9}, {16}}));
  set_parameter(*fusion, "blocks.0.b.weight", matrix({{1}, {1}}));
  // Products (9, 16), roots (3, 4), length 5.
  EXPECT_TRUE(
      close(fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{1}}), {1})}).output,
            matrix({{0.6, 0.8}}), 1e-5));
}

TEST(block, a_rank_above_the_width_is_refused) {
  expect_error(ErrorKind::config, "model.fusion.rank: expected at most width (2), got 3; lower it",
               [] {
                 make_fusion("block", {{"width", 2}, {"rank", 3}}, two_of(1, 1, 1));
               });
}

TEST(block, one_modality_is_refused) { refuses_one_modality("block"); }

}  // namespace
}  // namespace braid::fusion
