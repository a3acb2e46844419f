#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

Context classes() { return {{"a", "b"}, {1, 1}, 2, Activation::softmax}; }

TEST(product, probabilities_multiply) {
  auto fusion = make_fusion("product", {{"divides_prior", false}}, classes());
  // 0.9 * 0.8 : 0.1 * 0.2 = 36 : 1
  const Tensor opinions = stacked({matrix({{0.9, 0.1}, {0.8, 0.2}}).log() + matrix({{3}, {-1}})});
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{1, 1}})).output.softmax(1),
                    matrix({{36, 1}}) / 37, 1e-6));
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{0, 1}})).output.softmax(1),
                    matrix({{0.8, 0.2}}), 1e-6));
  EXPECT_TRUE(fusion->decision_parameters().empty());
}

TEST(product, the_prior_counts_once) {
  auto fusion = make_fusion("product", Json::object(), classes());
  set_parameter(*fusion, "prior", torch::tensor({0.75f, 0.25f}).log());
  // Both say no more than the prior, 3 : 1; 9 : 1 divided by 3 : 1 is 3 : 1.
  const Tensor opinions = stacked({matrix({{0.75, 0.25}, {0.75, 0.25}}).log()});
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{1, 1}})).output.softmax(1),
                    matrix({{0.75, 0.25}}), 1e-6));
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{1, 0}})).output.softmax(1),
                    matrix({{0.75, 0.25}}), 1e-6));
}

TEST(product, values_have_none) { EXPECT_FALSE(find("product").supports(Activation::identity)); }

}  // namespace
}  // namespace braid::fusion
