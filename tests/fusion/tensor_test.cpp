#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(tensor, every_product_of_features_and_each_alone) {
  auto fusion = make_fusion("tensor", {{"width", 2}, {"hidden", Json::array()}}, two_of(2, 2, 9));
  pass_joined_vector(*fusion, 9);
  for (const char* name : {"maps.a", "maps.b"}) {
    set_parameter(*fusion, name + std::string(".weight"), torch::eye(2));
    set_parameter(*fusion, name + std::string(".bias"), torch::zeros({2}));
  }
  const Fused fused =
      fusion->forward({one_token(matrix({{2, 3}}), {1}), one_token(matrix({{5, 7}}), {1})});
  // [1, 2, 3] x [1, 5, 7]
  EXPECT_TRUE(close(fused.output, matrix({{1, 5, 7, 2, 10, 14, 3, 15, 21}}), 1e-5));
}

TEST(tensor, a_product_too_large_is_refused_before_it_is_made) {
  expect_error(ErrorKind::config,
               "model.fusion.width: the outer product of 3 modalities: expected at most 131072 "
               "features, got 65^3 = 2.75e+05; use at most 49, or 'lmf', which never forms it",
               [] {
                 make_fusion("tensor", {{"width", 64}},
                             {{"a", "b", "c"}, {4, 4, 4}, 2, Activation::softmax});
               });
}

TEST(tensor, one_modality_is_refused) { refuses_one_modality("tensor"); }

}  // namespace
}  // namespace braid::fusion
