#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

// "a" has two stages, "b" one; all widths 1.
const Context kUneven = {{"a", "b"}, {1, 1}, 1, Activation::identity, {{1}, {}}};

std::shared_ptr<Fusion> by_hand() {
  auto fusion = make_fusion("centralnet", {{"width", 1}}, kUneven);
  set_parameter(*fusion, "alphas.a", torch::tensor({0.5f, 3.0f}));
  set_parameter(*fusion, "alphas.b", torch::tensor({-1.0f}));
  set_parameter(*fusion, "central_alphas", torch::tensor({10.0f}));
  set_parameter(*fusion, "projections.a.0.weight", matrix({{2}}));
  set_parameter(*fusion, "projections.a.1.weight", matrix({{1}}));
  set_parameter(*fusion, "projections.b.0.weight", matrix({{4}}));
  set_parameter(*fusion, "layers.0.weight", matrix({{1}}));
  set_parameter(*fusion, "layers.0.bias", torch::tensor({0.5f}));
  set_parameter(*fusion, "layers.1.weight", matrix({{2}}));
  set_parameter(*fusion, "layers.1.bias", torch::tensor({-1.0f}));
  set_parameter(*fusion, "classifier.weight", matrix({{1}}));
  set_parameter(*fusion, "classifier.bias", torch::tensor({100.0f}));
  return fusion;
}

TEST(centralnet, stages_by_hand) {
  // Rows: both present, b absent, a absent, none.
  Encoded a = one_token(matrix({{5}, {5}, {5}, {5}}), {1, 1, 0, 0});
  a.taps = {matrix({{3}, {3}, {3}, {3}})};
  const Encoded b = one_token(matrix({{2}, {2}, {2}, {2}}), {1, 0, 1, 0});
  // Stage 1 is a's alone: h = relu(0.5 * 2 * 3 + 0.5) = 3.5, without a relu(0.5).
  // Stage 2: sum |alpha| = 4. Both: 10 * 3.5 + 3 * 1 * 5 - 1 * 4 * 2 = 42, h = 2 * 42 - 1 = 83.
  // a alone: 35 + 15 * 4 / 3 = 55, h = 109. b alone: 5 - 8 * 4 / 1 < 0, h = 0. None: 5, h = 9.
  EXPECT_TRUE(close(by_hand()->forward({a, b}).output, matrix({{183}, {209}, {100}, {109}})));
}

TEST(centralnet, starts_with_the_mean_of_what_joins_a_stage) {
  const Context context = {{"a", "b", "c"}, {2, 3, 4}, 1, Activation::identity, {{5, 6}, {}, {7}}};
  const auto fusion = make_fusion("centralnet", Json::object(), context);
  const auto parameters = fusion->named_parameters();
  // Stage 1: a; stage 2: a and c; stage 3: all. The central layer joins the second and third.
  EXPECT_TRUE(close(parameters["alphas.a"], torch::tensor({1.0, 1.0 / 2, 1.0 / 3})));
  EXPECT_TRUE(close(parameters["alphas.b"], torch::tensor({1.0 / 3})));
  EXPECT_TRUE(close(parameters["alphas.c"], torch::tensor({1.0 / 2, 1.0 / 3})));
  EXPECT_TRUE(close(parameters["central_alphas"], torch::tensor({1.0, 1.0})));
  EXPECT_EQ(shape_of(parameters["projections.a.1.weight"]), "[64, 6]");
  EXPECT_EQ(shape_of(parameters["projections.c.1.weight"]), "[64, 4]");
}

TEST(centralnet, every_alpha_gets_a_gradient) {
  const Context context = {{"a", "b", "c"}, {2, 3, 4}, 2, Activation::softmax, {{5, 6}, {}, {7}}};
  const auto fusion = make_fusion("centralnet", Json::object(), context);
  const Tensor present = at::ones({6, 3}, at::kBool);
  project(fusion->forward(random_batch(context, {1, 1, 1}, present, /*seed=*/3)).output, 4)
      .backward();
  for (const auto& item : fusion->named_parameters())
    if (item.key().find("alphas") != std::string::npos)
      EXPECT_GT(item.value().grad().abs().min().item<double>(), 1e-6) << item.key();
}

TEST(centralnet, encoders_without_stages_are_summed_once) {
  const auto fusion = make_fusion("centralnet", {{"width", 2}}, two_of(1, 1, 2));
  EXPECT_EQ(fusion->named_parameters().find("central_alphas"), nullptr);
  set_parameter(*fusion, "alphas.a", torch::tensor({2.0f}));
  set_parameter(*fusion, "projections.a.0.weight", matrix({{1}, {0}}));
  set_parameter(*fusion, "projections.b.0.weight", matrix({{0}, {1}}));
  set_parameter(*fusion, "layers.0.weight", at::eye(2));
  set_parameter(*fusion, "layers.0.bias", at::zeros({2}));
  set_parameter(*fusion, "classifier.weight", at::eye(2));
  set_parameter(*fusion, "classifier.bias", at::zeros({2}));
  // relu(2 * (3, 0) + 1 / 2 * (0, 8))
  const Tensor output =
      fusion->forward({one_token(matrix({{3}}), {1}), one_token(matrix({{8}}), {1})}).output;
  EXPECT_TRUE(close(output, matrix({{6, 4}})));
}

TEST(centralnet, one_modality_is_refused) { refuses_one_modality("centralnet"); }

}  // namespace
}  // namespace braid::fusion
