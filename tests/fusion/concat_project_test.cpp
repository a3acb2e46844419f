#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(concat_project, rectified_then_normalised_then_classified) {
  auto fusion = make_fusion("concat_project", {{"width", 2}, {"hidden", Json::array()}},
                            {{"a", "b"}, {1, 1}, 2, Activation::identity});
  set_parameter(*fusion, "fusion_layer.weight", matrix({{1, 0}, {0, 1}}));
  set_parameter(*fusion, "fusion_layer.bias", torch::zeros({2}));
  set_parameter(*fusion, "classifier.0.weight", matrix({{1, 0}, {0, 1}}));
  set_parameter(*fusion, "classifier.0.bias", torch::zeros({2}));
  const Fused fused =
      fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{-3}}), {1})});
  // relu (1, -3) = (1, 0); mean 0.5, deviation sqrt(0.25 + 1e-5): +-0.5 / 0.50001. In the other
  // order it would be (1, 0).
  EXPECT_TRUE(close(fused.output, matrix({{0.99998, -0.99998}}), 1e-6));
}

TEST(concat_project, parameters_have_the_textbooks_names) {
  auto fusion = make_fusion("concat_project", {{"width", 6}, {"hidden", {4}}, {"missing", "zero"}},
                            {{"a", "b"}, {2, 3}, 2, Activation::softmax});
  EXPECT_THAT(
      fusion->named_parameters().keys(),
      testing::UnorderedElementsAre("fusion_layer.weight", "fusion_layer.bias", "norm.weight",
                                    "norm.bias", "classifier.0.weight", "classifier.0.bias",
                                    "classifier.2.weight", "classifier.2.bias"));
  EXPECT_EQ(shape_of(fusion->named_parameters()["fusion_layer.weight"]), "[6, 5]");
  EXPECT_EQ(shape_of(fusion->named_parameters()["classifier.0.weight"]), "[4, 6]");
}

TEST(concat_project, a_learned_vector_stands_for_an_absent_modality) {
  auto fusion = make_fusion("concat_project", Json::object(), {{"a"}, {2}, 2, Activation::softmax});
  const Tensor vector = matrix({{0.3, -0.7}});
  set_parameter(*fusion, "missing.a", vector[0]);
  EXPECT_TRUE(same_bits(fusion->forward({one_token(matrix({{9, 9}}), {0})}).output,
                        fusion->forward({one_token(vector, {1})}).output));
}

}  // namespace
}  // namespace braid::fusion
