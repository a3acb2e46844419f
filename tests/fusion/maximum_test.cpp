#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

Context classes() { return {{"a", "b"}, {1, 1}, 2, Activation::softmax}; }

TEST(maximum, the_largest_probability_of_each_class_normalised) {
  auto fusion = make_fusion("maximum", Json::object(), classes());
  // (max(0.9, 0.4), max(0.1, 0.6)) = (0.9, 0.6), normalised (0.6, 0.4)
  const Tensor opinions = stacked({matrix({{0.9, 0.1}, {0.4, 0.6}}).log() + matrix({{3}, {-1}})});
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{1, 1}})).output.softmax(1),
                    matrix({{0.6, 0.4}}), 1e-6));
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{1, 0}})).output.softmax(1),
                    matrix({{0.9, 0.1}}), 1e-6));
}

TEST(maximum, the_largest_value) {
  auto fusion =
      make_fusion("maximum", Json::object(), {{"a", "b"}, {1, 1}, 1, Activation::identity});
  const Tensor values = stacked({matrix({{-1}, {4}})});
  EXPECT_TRUE(same_bits(fusion->combine(values, bools({{1, 1}})).output, matrix({{4}})));
  EXPECT_TRUE(same_bits(fusion->combine(values, bools({{1, 0}})).output, matrix({{-1}})));
}

}  // namespace
}  // namespace braid::fusion
