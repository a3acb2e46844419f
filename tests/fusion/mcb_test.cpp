#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(mcb, is_the_sketch_of_the_outer_product) {
  constexpr int64_t kWidth = 8;
  auto fusion =
      make_fusion("mcb", {{"width", kWidth}, {"hidden", Json::array()}}, two_of(2, 3, kWidth));
  pass_joined_vector(*fusion, kWidth);
  const Tensor a = matrix({{2, -1}}), b = matrix({{1, 3, 0.5}});
  const auto buffers = fusion->named_buffers();
  // Entry (i, j) of the outer product goes to place (h_a(i) + h_b(j)) mod width with both signs.
  Tensor sketch = at::zeros({1, kWidth});
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 3; ++j) {
      const int64_t place =
          (buffers["places.a"][i] + buffers["places.b"][j]).item<int64_t>() % kWidth;
      sketch[0][place] += buffers["signs.a"][i] * buffers["signs.b"][j] * a[0][i] * b[0][j];
    }
  const Tensor rooted = sketch.sign() * sketch.abs().sqrt();
  EXPECT_TRUE(close(fusion->forward({one_token(a, {1}), one_token(b, {1})}).output,
                    rooted / rooted.norm(), 1e-3));  // the root is linear close to 0
}

TEST(mcb, one_modality_is_refused) { refuses_one_modality("mcb"); }

}  // namespace
}  // namespace braid::fusion
