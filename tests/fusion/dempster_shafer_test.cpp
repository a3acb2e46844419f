#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

Context classes() { return {{"a", "b"}, {1, 1}, 2, Activation::softmax}; }

// The logit whose softplus is `evidence`.
double logit_of(double evidence) { return std::log(std::expm1(evidence)); }

TEST(dempster_shafer, two_opinions_by_hand) {
  auto fusion = make_fusion("dempster_shafer", Json::object(), classes());
  // Evidence (6, 0): S = 8, b = (0.75, 0), u = 0.25. Evidence (2, 4): S = 8, b = (0.25, 0.5), u =
  // 0.25.
  const double none = -40;
  const Tensor opinions = stacked({matrix({{logit_of(6), none}, {logit_of(2), logit_of(4)}})});
  // C = 0.75 * 0.5 = 0.375. b = (0.1875 + 0.1875 + 0.0625, 0.125) / 0.625 = (0.7, 0.2), u = 0.1.
  const Fused fused = fusion->combine(opinions, bools({{1, 1}}));
  EXPECT_TRUE(close(fused.output.exp(), matrix({{0.75, 0.25}}), 1e-5));
}

TEST(dempster_shafer, an_absent_modality_changes_nothing) {
  auto fusion = make_fusion("dempster_shafer", Json::object(), classes());
  const Tensor opinions = stacked({matrix({{logit_of(6), -40}, {logit_of(2), logit_of(4)}})});
  // (0.25, 0.5) and half of the doubt 0.25 each.
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{0, 1}})).output.exp(),
                    matrix({{0.375, 0.625}}), 1e-5));
}

TEST(dempster_shafer, classes_only) {
  EXPECT_FALSE(find("dempster_shafer").supports(Activation::sigmoid));
  EXPECT_FALSE(find("dempster_shafer").supports(Activation::identity));
}

}  // namespace
}  // namespace braid::fusion
