#include "encoders/examples.h"
#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using namespace examples;
using at::Tensor;
using checks::close;
using checks::expect_error;

TEST(linear, is_one_map_per_row_and_the_mean_of_the_real_ones) {
  ModalitySpec two = spec(Kind::embedding);
  two.features = 2;
  auto encoder = made("linear", {{"width", 1}}, two);
  EXPECT_EQ(encoder->named_parameters().keys(),
            (std::vector<std::string>{"encoder.weight", "encoder.bias"}));
  set(*encoder, "encoder.weight", at::tensor({2.0, 3.0}));
  set(*encoder, "encoder.bias", at::tensor({1.0}));
  Input input;
  input.values = at::tensor({1.0f, 0.0f, 0.0f, 1.0f, 9.0f, 9.0f}).view({1, 3, 2});
  input.mask = at::tensor({1, 1, 0}).to(at::kBool).view({1, 3});
  input.present = all_true({1});
  const Encoded out = encoder->forward(input);
  // 2 * 1 + 1 = 3, 3 * 1 + 1 = 4, masked; their mean 3.5.
  EXPECT_TRUE(close(out.tokens.flatten(), at::tensor({3.0, 4.0, 0.0})));
  EXPECT_TRUE(close(out.pooled.flatten(), at::tensor({3.5})));
}

}  // namespace
}  // namespace braid::encoders
