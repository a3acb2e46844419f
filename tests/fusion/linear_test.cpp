#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

const Context kTwo = {{"a", "b"}, {2, 1}, 2, Activation::softmax};

Tensor output(Fusion& fusion, const Tensor& a, const Tensor& b, double has_a = 1,
              double has_b = 1) {
  return fusion.forward({one_token(a, {has_a}), one_token(b, {has_b})}).output;
}

TEST(linear, by_hand) {
  auto fusion = make_fusion("linear", Json::object(), kTwo);
  set_parameter(*fusion, "classifier.weight", matrix({{1, 2, 3, 10, 20}, {0, 0, 1, 0, 0}}));
  set_parameter(*fusion, "classifier.bias", torch::tensor({100.0f, 0.0f}));
  // 1 * 5 + 2 * 6 + 3 * 7 + both indicators + 100
  EXPECT_TRUE(same_bits(output(*fusion, matrix({{5, 6}}), matrix({{7}})), matrix({{168, 7}})));
  // Without a: 3 * 7 + 20 + 100
  EXPECT_TRUE(
      same_bits(output(*fusion, matrix({{5, 6}}), matrix({{7}}), 0, 1), matrix({{141, 7}})));
}

TEST(linear, obeys_superposition) {
  auto fusion = make_fusion("linear", Json::object(), kTwo);
  const Tensor a1 = matrix({{1, -2}}), a2 = matrix({{0.5, 3}}), b1 = matrix({{4}}),
               b2 = matrix({{-1}});
  const Tensor at_zero = output(*fusion, torch::zeros({1, 2}), torch::zeros({1, 1}));
  const Tensor first = output(*fusion, a1, b1) - at_zero,
               second = output(*fusion, a2, b2) - at_zero;
  EXPECT_TRUE(close(output(*fusion, 2 * a1 - 3 * a2, 2 * b1 - 3 * b2) - at_zero,
                    2 * first - 3 * second, 1e-5));
  // Nor do the modalities interact.
  const Tensor only_a = output(*fusion, a1, torch::zeros({1, 1})) - at_zero;
  const Tensor only_b = output(*fusion, torch::zeros({1, 2}), b1) - at_zero;
  EXPECT_TRUE(close(first, only_a + only_b, 1e-5));
}

TEST(linear, tells_a_zero_from_an_absence) {
  auto fusion = make_fusion("linear", Json::object(), kTwo);
  const Tensor zero_a = torch::zeros({1, 2}), b = matrix({{4}});
  const Tensor column =
      fusion->named_parameters()["classifier.weight"].select(1, 3);  // indicator of a
  EXPECT_TRUE(close(output(*fusion, zero_a, b, 1, 1) - output(*fusion, zero_a, b, 0, 1),
                    column.unsqueeze(0), 1e-6));
}

TEST(linear, reads_raw_features) {
  EXPECT_TRUE(find("linear").reads_raw);
  EXPECT_EQ(find("linear").family, Family::linear);
}

}  // namespace
}  // namespace braid::fusion
