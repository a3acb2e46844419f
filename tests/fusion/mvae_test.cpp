#include <gtest/gtest.h>

#include <cmath>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

// Experts of one value each: mean = the modality's value, variance 1 for a and 1/2 for b.
std::shared_ptr<Fusion> by_hand(const Json& weights = Json::object()) {
  Json config = {{"width", 1}, {"hidden", Json::array()}, {"dropout", 0}};
  config.update(weights);
  auto fusion = make_fusion("mvae", config, two_of(1, 1, 1));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 1);
  for (const std::string name : {"a", "b"})
    set_parameter(*fusion, "experts." + name + ".weight", matrix({{1}, {0}}));
  set_parameter(*fusion, "experts.b.bias",
                torch::tensor({0.0f, static_cast<float>(std::log(0.5))}));
  return fusion;
}

TEST(mvae, precisions_of_the_present_and_of_the_prior_add_up) {
  const auto fusion = by_hand();
  // a = 1 with precision 1, b = 3 with precision 2, the prior 0 with precision 1.
  const Tensor output = fusion
                            ->forward({one_token(matrix({{1}, {1}, {1}, {1}}), {1, 1, 0, 0}),
                                       one_token(matrix({{3}, {3}, {3}, {3}}), {1, 0, 1, 0})})
                            .output;
  EXPECT_TRUE(close(output, matrix({{7.0 / 4}, {1.0 / 2}, {6.0 / 3}, {0}}), 1e-6));
}

double divergence(double mean, double variance) {
  return 0.5 * (variance + mean * mean - 1 - std::log(variance));
}

TEST(mvae, divergence_of_the_whole_and_of_each_alone) {
  const auto fusion = by_hand({{"reconstruction", 0}, {"divergence", 1}});
  const double got = fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{3}}), {1})})
                         .auxiliary.item<double>();
  EXPECT_NEAR(got,
              (divergence(7.0 / 4, 1.0 / 4) + divergence(0.5, 0.5) + divergence(2, 1.0 / 3)) / 3,
              1e-6);
}

TEST(mvae, every_hidden_vector_has_to_make_all_present_modalities_again) {
  const auto fusion = by_hand({{"reconstruction", 1}, {"divergence", 0}});
  for (const std::string name : {"a", "b"})  // z itself
    set_parameter(*fusion, "decoders." + name + ".weight", matrix({{1}}));
  const auto error = [](double z) { return ((z - 1) * (z - 1) + (z - 3) * (z - 3)) / 2; };
  const double got = fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{3}}), {1})})
                         .auxiliary.item<double>();
  EXPECT_NEAR(got, (error(7.0 / 4) + error(0.5) + error(2)) / 3, 1e-5);
}

TEST(mvae, encoders_learn_nothing_from_being_made_again) {
  const auto fusion = by_hand({{"reconstruction", 1}, {"divergence", 0}});
  Encoded a = one_token(matrix({{1}}), {1}), b = one_token(matrix({{3}}), {1});
  a.pooled.requires_grad_();
  // The decoders do not look at z, so the only way to the encoder would be the target.
  fusion->forward({a, b}).auxiliary.backward();
  EXPECT_TRUE(!a.pooled.grad().defined() || a.pooled.grad().abs().max().item<double>() == 0);
}

TEST(mvae, training_draws_and_inference_does_not) {
  constexpr int64_t kRows = 4000;
  const auto fusion = by_hand();
  const std::vector<double> all(kRows, 1);
  const std::vector<Encoded> batch = {one_token(at::ones({kRows, 1}), all),
                                      one_token(at::full({kRows, 1}, 3.0), all)};
  EXPECT_EQ(fusion->forward(batch).output.std().item<double>(), 0);
  fusion->train();
  const ops::RandomScope scope(3);
  const Tensor drawn = fusion->forward(batch).output;
  EXPECT_NEAR(drawn.mean().item<double>(), 7.0 / 4, 0.04);  // five standard errors
  EXPECT_NEAR(drawn.var().item<double>(), 1.0 / 4, 0.03);
}

TEST(mvae, one_modality_is_refused) { refuses_one_modality("mvae"); }

}  // namespace
}  // namespace braid::fusion
