#include "layers/layers.h"
#include "ops/random.h"
#include "support/module_checks.h"

namespace braid::layers {
namespace {

TEST(mlp, parameter_names_are_those_of_a_sequential) {
  const Mlp mlp(3, std::vector<int64_t>{4, 5}, 2, /*dropout=*/0.5);
  EXPECT_EQ(
      mlp->named_parameters().keys(),
      (std::vector<std::string>{"0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"}));
  EXPECT_EQ(mlp->named_parameters()["4.weight"].sizes().vec(), (std::vector<int64_t>{2, 5}));
}

TEST(mlp, computes_linear_relu_linear) {
  Mlp mlp(2, std::vector<int64_t>{2}, 1, /*dropout=*/0);
  torch::NoGradGuard no_grad;
  mlp->named_parameters()["0.weight"].copy_(at::tensor({1.0, 0.0, 0.0, -1.0}).view({2, 2}));
  mlp->named_parameters()["0.bias"].copy_(at::tensor({0.5, 0.0}));
  mlp->named_parameters()["2.weight"].copy_(at::tensor({2.0, 3.0}).view({1, 2}));
  mlp->named_parameters()["2.bias"].fill_(10);
  // x = (1, 4): hidden (1.5, -4) -> relu (1.5, 0); 2 * 1.5 + 3 * 0 + 10 = 13.
  EXPECT_FLOAT_EQ(mlp(at::tensor({1.0f, 4.0f}).view({1, 2})).item<float>(), 13.0f);
}

TEST(mlp, without_hidden_layers_is_one_linear) {
  const Mlp mlp(3, std::vector<int64_t>{}, 2, /*dropout=*/0);
  EXPECT_EQ(mlp->named_parameters().keys(), (std::vector<std::string>{"0.weight", "0.bias"}));
}

TEST(mlp, gelu_is_the_exact_one) {
  // gelu(1) = Phi(1) = 0.8413447; gelu(-1) = -Phi(-1) = -0.1586553 (tables of the normal
  // distribution).
  Mlp mlp(1, std::vector<int64_t>{2}, 2, /*dropout=*/0, "gelu");
  torch::NoGradGuard no_grad;
  mlp->named_parameters()["0.weight"].copy_(at::tensor({1.0, -1.0}).view({2, 1}));
  mlp->named_parameters()["0.bias"].zero_();
  mlp->named_parameters()["2.weight"].copy_(at::eye(2));
  mlp->named_parameters()["2.bias"].zero_();
  EXPECT_TRUE(
      checks::close(mlp(at::ones({1, 1})), at::tensor({0.8413447, -0.1586553}).view({1, 2}), 1e-6));
}

TEST(mlp, an_unknown_activation_is_named_when_made) {
  checks::expect_error(ErrorKind::config, "unknown activation 'rely'; did you mean 'relu'?",
                       [] { Mlp(2, std::vector<int64_t>{2}, 1, 0.0, "rely"); });
}

TEST(mlp, dropout_draws_from_the_scope_and_rests_in_eval) {
  Dropout dropout(0.5);
  const Tensor x = at::ones({1000});
  const auto draw = [&](uint64_t seed) {
    const ops::RandomScope scope(seed);
    return dropout(x);
  };
  EXPECT_TRUE(checks::same_bits(draw(1), draw(1)));
  EXPECT_FALSE(draw(1).equal(draw(2)));
  // Kept entries are 1 / 0.5 = 2; of 1000, 500 +- 5 standard deviations (15.8) are kept.
  const Tensor y = draw(3);
  EXPECT_TRUE(y.eq(0).logical_or(y.eq(2)).all().item<bool>());
  EXPECT_NEAR(y.sum().item<double>() / 2, 500, 80);
  dropout->eval();
  EXPECT_TRUE(checks::same_bits(dropout(x), x));
}

}  // namespace
}  // namespace braid::layers
