#include <gtest/gtest.h>

#include <cmath>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

// Two modalities of width 3 with the same weights everywhere, one objective at a time.
std::shared_ptr<Fusion> with_objective(const std::string& key) {
  Json config = {{"width", 4},      {"heads", 1},      {"dropout", 0},
                 {"similarity", 0}, {"difference", 0}, {"reconstruction", 0}};
  config[key] = 1;
  auto fusion = make_fusion("misa", config, two_of(3, 3, 2));
  const auto parameters = fusion->named_parameters();
  for (const std::string part : {"inputs", "own", "decoders"})
    for (const std::string kind : {".weight", ".bias"})
      set_parameter(*fusion, part + ".b" + kind, parameters[part + ".a" + kind].detach().clone());
  return fusion;
}

Tensor vectors(int64_t rows, uint64_t seed) {
  return at::randn({rows, 3}, at::detail::createCPUGenerator(seed));
}

std::vector<double> all(size_t rows) { return std::vector<double>(rows, 1); }

double objective(const std::string& key, const Tensor& a, const Tensor& b) {
  const auto n = static_cast<size_t>(a.size(0));
  return with_objective(key)
      ->forward({one_token(a, all(n)), one_token(b, all(n))})
      .auxiliary.item<double>();
}

TEST(misa, common_parts_of_one_distribution_are_similar) {
  const Tensor a = vectors(6, 1);
  EXPECT_NEAR(objective("similarity", a, a), 0, 1e-4);
  EXPECT_NEAR(objective("similarity", a, a.flip(0)), 0, 1e-4);  // the same values in other rows
  EXPECT_GT(objective("similarity", a, vectors(6, 2)), 1e-2);
}

TEST(misa, similarity_of_one_row_each_is_the_distance_of_their_means) {
  const Tensor a = vectors(1, 1), b = vectors(1, 2);
  const auto fusion = with_objective("similarity");
  const auto parameters = fusion->named_parameters();
  const auto common = [&](const Tensor& x) {
    const Tensor u = at::layer_norm(
        at::relu(at::linear(x, parameters["inputs.a.weight"], parameters["inputs.a.bias"])), {4});
    return at::linear(u, parameters["common.weight"], parameters["common.bias"]).sigmoid();
  };
  const double distance = (common(a) - common(b)).norm().item<double>();
  const double expected = std::sqrt(distance * distance + 1e-6) - 1e-3;  // smooth at 0
  EXPECT_NEAR(objective("similarity", a, b), expected, 1e-4);
}

TEST(misa, own_parts_that_are_alike_overlap) {
  // a and b have the same own parts, so their overlap is that of a matrix with itself.
  const Tensor a = vectors(6, 1);
  const auto fusion = with_objective("difference");
  const auto parameters = fusion->named_parameters();
  const Tensor u = at::layer_norm(
      at::relu(at::linear(a, parameters["inputs.a.weight"], parameters["inputs.a.bias"])), {4});
  const auto part = [&](const std::string& name) {
    const Tensor values =
        at::linear(u, parameters[name + ".weight"], parameters[name + ".bias"]).sigmoid();
    const Tensor centred = values - values.mean(0);
    return centred / centred.norm(2, /*dim=*/1, /*keepdim=*/true);
  };
  const Tensor common = part("common"), own = part("own.a");
  const double expected = 2 * at::matmul(common.t(), own).square().mean().item<double>() +
                          at::matmul(own.t(), own).square().mean().item<double>();
  EXPECT_NEAR(objective("difference", a, a), expected, 1e-4);
}

TEST(misa, a_modality_is_made_again_from_its_two_parts) {
  auto fusion = with_objective("reconstruction");
  for (const std::string name : {"a", "b"}) {
    set_parameter(*fusion, "decoders." + name + ".weight", at::zeros({3, 4}));
    set_parameter(*fusion, "decoders." + name + ".bias", at::zeros({3}));
  }
  const Tensor a = vectors(5, 1);
  const double made =
      fusion->forward({one_token(a, all(5)), one_token(a, all(5))}).auxiliary.item<double>();
  EXPECT_NEAR(made, 1, 1e-3);  // the mean square of a layer norm's values is 1
}

// Encoders that start from nothing would answer them with a constant, which has no fault in any.
TEST(misa, objectives_train_no_encoder) {
  for (const char* key : {"similarity", "difference", "reconstruction"}) {
    Tensor a = vectors(5, 1).requires_grad_(), b = vectors(5, 2).requires_grad_();
    const auto fusion = with_objective(key);
    fusion->forward({one_token(a, all(5)), one_token(b, all(5))}).auxiliary.backward();
    EXPECT_FALSE(a.grad().defined()) << key;
    EXPECT_GT(fusion->named_parameters()["inputs.a.weight"].grad().abs().max().item<double>(), 0)
        << key;
  }
}

TEST(misa, absent_rows_do_not_count_in_the_objectives) {
  const Tensor a = vectors(6, 1), b = vectors(6, 2);
  for (const char* key : {"similarity", "difference"}) {
    const double expected = objective(key, a.slice(0, 0, 4), b.slice(0, 0, 4));
    const auto fusion = with_objective(key);
    // Rows that lack both, so that every pair sees the same four.
    const std::vector<double> present = {1, 1, 1, 1, 0, 0};
    const double got =
        fusion->forward({one_token(a, present), one_token(b, present)}).auxiliary.item<double>();
    EXPECT_NEAR(got, expected, 1e-5) << key;
  }
}

TEST(misa, there_are_no_objectives_without_gradients) {
  const torch::NoGradGuard no_grad;
  const Tensor a = vectors(2, 1);
  EXPECT_FALSE(with_objective("similarity")
                   ->forward({one_token(a, all(2)), one_token(a, all(2))})
                   .auxiliary.defined());
}

TEST(misa, one_modality_is_refused) { refuses_one_modality("misa"); }

TEST(misa, width_must_be_a_multiple_of_heads) {
  expect_error(ErrorKind::config, "model.fusion.width: expected a multiple of heads (4), got 6",
               [] {
                 make_fusion("misa", {{"width", 6}}, two_of(1, 1, 1));
               });
}

}  // namespace
}  // namespace braid::fusion
