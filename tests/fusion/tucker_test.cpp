#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(tucker, every_product_has_a_weight_of_its_own) {
  auto fusion = make_fusion("tucker", {{"width", 2}, {"joined", 1}, {"hidden", Json::array()}},
                            two_of(2, 2, 1));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 1);
  set_parameter(*fusion, "maps.a.weight", torch::eye(2));
  set_parameter(*fusion, "maps.b.weight", torch::eye(2));
  set_parameter(*fusion, "core", matrix({{1, 2}, {3, 4}}).unsqueeze(2));
  const double t1 = std::tanh(1), t2 = std::tanh(2), t3 = std::tanh(3), t4 = std::tanh(4);
  EXPECT_NEAR(fusion->forward({one_token(matrix({{1, 2}}), {1}), one_token(matrix({{3, 4}}), {1})})
                  .output.item<double>(),
              1 * t1 * t3 + 2 * t1 * t4 + 3 * t2 * t3 + 4 * t2 * t4, 1e-5);
}

TEST(tucker, three_modalities_by_einsum) {
  auto fusion = make_fusion("tucker", {{"width", 3}, {"joined", 2}, {"hidden", Json::array()}},
                            {{"a", "b", "c"}, {2, 4, 5}, 2, Activation::identity});
  pass_joined_vector(*fusion, 2);
  const auto p = fusion->named_parameters();
  const std::vector<Tensor> z = {at::randn({4, 2}), at::randn({4, 4}), at::randn({4, 5})};
  std::vector<Tensor> y;
  for (size_t m = 0; m < 3; ++m) {
    const std::string name = std::string("maps.") + "abc"[m];
    y.push_back(at::linear(z[m], p[name + ".weight"], p[name + ".bias"]).tanh());
  }
  const std::vector<double> here(4, 1);
  const Tensor expected = at::einsum("bi,bj,bk,ijko->bo", {y[0], y[1], y[2], p["core"]});
  EXPECT_TRUE(close(
      fusion->forward({one_token(z[0], here), one_token(z[1], here), one_token(z[2], here)}).output,
      expected, 1e-5));
}

TEST(tucker, a_core_too_large_is_refused_before_it_is_made) {
  expect_error(
      ErrorKind::config,
      "model.fusion.width: the core of 2 modalities: expected at most 16777216 weights, got "
      "1000^2 * 32; lower width, or use 'mutan', whose core has low rank",
      [] {
        make_fusion("tucker", {{"width", 1000}}, two_of(1, 1, 1));
      });
}

TEST(tucker, one_modality_is_refused) { refuses_one_modality("tucker"); }

}  // namespace
}  // namespace braid::fusion
