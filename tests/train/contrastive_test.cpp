// The losses by hand, against the definition written out, and their laws.
#include "train/contrastive.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/module_checks.h"

namespace braid::train {
namespace {

using at::Tensor;
using checks::close;
using checks::expect_error;

Tensor unit(const Tensor& x) { return x / x.norm(2, /*dim=*/1, /*keepdim=*/true); }

Tensor random_rows(int64_t rows, int64_t width, uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  return unit(at::randn({rows, width}, generator, at::kDouble));
}

Tensor number(double value) { return at::scalar_tensor(value, at::kDouble); }

Tensor all_present(int64_t rows) { return at::ones({rows}, at::kBool); }

double loss(const Contrast& contrast, double scale, const ContrastOptions& options = {},
            double bias = 0) {
  return contrastive_loss(contrast, number(scale), number(bias), options).item<double>();
}

// The definition for one direction, term by term.
double slow_infonce(const Tensor& cosines, const Tensor& negative, double scale, double hardness,
                    double noise) {
  const int64_t n = cosines.size(0);
  double total = 0;
  for (int64_t i = 0; i < n; ++i) {
    const auto cosine = [&](int64_t j) { return cosines[i][j].item<double>(); };
    double mean = 0, count = 0;
    for (int64_t j = 0; j < n; ++j)
      if (negative[i][j].item<bool>()) mean += std::exp(hardness * cosine(j)), ++count;
    mean /= count;
    const double own = std::exp(scale * cosine(i));
    double sum = own;
    std::vector<double> others;
    for (int64_t j = 0; j < n; ++j)
      if (negative[i][j].item<bool>()) {
        others.push_back(std::exp(hardness * cosine(j)) / mean * std::exp(scale * cosine(j)));
        sum += others.back();
      }
    total -= (1 - noise) * std::log(own / sum);
    for (double other : others) total -= noise / count * std::log(other / sum);
  }
  return total / static_cast<double>(n);
}

Tensor differing(int64_t n) { return at::eye(n, at::kBool).logical_not(); }

// Three modalities; row 1 lacks the first, row 4 the third.
Contrast three_modalities() {
  Contrast contrast;
  for (uint64_t m = 0; m < 3; ++m) {
    contrast.rows.push_back(random_rows(6, 4, m + 1));
    contrast.present.push_back(all_present(6));
  }
  contrast.present[0][1] = false;
  contrast.present[2][4] = false;
  return contrast;
}

TEST(contrastive, infonce_by_hand) {
  Contrast contrast;
  contrast.rows = {at::eye(2, at::kDouble), at::eye(2, at::kDouble)};
  contrast.present = {all_present(2), all_present(2)};
  // Each row: logits 1 and 0, so -log(e / (e + 1)) = log(1 + 1/e).
  EXPECT_NEAR(loss(contrast, 1), std::log(1 + std::exp(-1.0)), 1e-12);
  // Scale 3: log(1 + e^-3).
  EXPECT_NEAR(loss(contrast, 3), std::log(1 + std::exp(-3.0)), 1e-12);
  // Noise 0.2: 0.8 log(1 + 1/e) + 0.2 (1 + log(1 + 1/e)), for log(1 / (e + 1)) is one less.
  EXPECT_NEAR(loss(contrast, 1, {"infonce", 0, 0.2}), std::log(1 + std::exp(-1.0)) + 0.2, 1e-12);
}

TEST(contrastive, sigmoid_by_hand) {
  Contrast contrast;
  contrast.rows = {at::eye(2, at::kDouble), at::eye(2, at::kDouble)};
  contrast.present = {all_present(2), all_present(2)};
  // Two pairs with logit 2 - 1 and two wrong ones with 0 - 1, over two rows.
  const double expected = std::log(1 + std::exp(-1.0)) + std::log(1 + std::exp(-1.0));
  EXPECT_NEAR(loss(contrast, 2, {"sigmoid", 0, 0}, -1), expected, 1e-12);
}

TEST(contrastive, equals_its_definition_with_hardness_and_noise) {
  Contrast contrast;
  contrast.rows = {random_rows(5, 3, 1), random_rows(5, 3, 2)};
  contrast.present = {all_present(5), all_present(5)};
  const Tensor cosines = at::mm(contrast.rows[0], contrast.rows[1].t());
  for (const double hardness : {0.0, 2.5})
    for (const double noise : {0.0, 0.1}) {
      const double expected = (slow_infonce(cosines, differing(5), 4, hardness, noise) +
                               slow_infonce(cosines.t(), differing(5), 4, hardness, noise)) /
                              2;
      EXPECT_NEAR(loss(contrast, 4, {"infonce", hardness, noise}), expected, 1e-12)
          << hardness << " " << noise;
    }
}

TEST(contrastive, hard_negatives_weigh_more) {
  Contrast contrast;
  contrast.rows = {random_rows(8, 3, 1), random_rows(8, 3, 2)};
  contrast.present = {all_present(8), all_present(8)};
  double last = loss(contrast, 5);
  for (const double hardness : {1.0, 3.0, 9.0}) {
    const double now = loss(contrast, 5, {"infonce", hardness, 0});
    EXPECT_GT(now, last) << hardness;
    last = now;
  }
}

TEST(contrastive, rows_of_the_same_content_are_no_negatives) {
  Contrast contrast;
  contrast.rows = {random_rows(4, 3, 1), random_rows(4, 3, 2)};
  contrast.present = {all_present(4), all_present(4)};
  // Rows 0 and 2 have the same text.
  contrast.keys = {at::tensor({1, 2, 3, 4}, at::kLong), at::tensor({7, 8, 7, 9}, at::kLong)};
  Tensor negative = differing(4);
  negative[0][2] = false;
  negative[2][0] = false;
  const Tensor cosines = at::mm(contrast.rows[0], contrast.rows[1].t());
  const double expected = (slow_infonce(cosines, negative, 4, 1.5, 0.1) +
                           slow_infonce(cosines.t(), negative, 4, 1.5, 0.1)) /
                          2;
  EXPECT_NEAR(loss(contrast, 4, {"infonce", 1.5, 0.1}), expected, 1e-12);
  double sigmoid = 0;
  for (int64_t i = 0; i < 4; ++i)
    for (int64_t j = 0; j < 4; ++j) {
      if (i != j && !negative[i][j].item<bool>()) continue;
      const double logit = 4 * cosines[i][j].item<double>() - 2;
      sigmoid += std::log(1 + std::exp(i == j ? -logit : logit)) / 4;
    }
  EXPECT_NEAR(loss(contrast, 4, {"sigmoid", 0, 0}, -2), sigmoid, 1e-12);
}

TEST(contrastive, where_all_content_is_the_same_nothing_is_left_to_learn) {
  Contrast contrast;
  contrast.rows = {random_rows(3, 3, 1), random_rows(3, 3, 2)};
  contrast.present = {all_present(3), all_present(3)};
  contrast.keys = {at::tensor({1, 2, 3}, at::kLong), at::tensor({7, 7, 7}, at::kLong)};
  EXPECT_EQ(loss(contrast, 4, {"infonce", 2, 0.1}), 0);
}

TEST(contrastive, is_the_mean_over_pairs_of_modalities) {
  const Contrast all = three_modalities();
  double sum = 0;
  for (size_t a = 0; a < 3; ++a)
    for (size_t b = a + 1; b < 3; ++b) {
      Contrast pair;
      pair.rows = {all.rows[a], all.rows[b]};
      pair.present = {all.present[a], all.present[b]};
      sum += loss(pair, 3);
    }
  EXPECT_NEAR(loss(all, 3), sum / 3, 1e-12);
}

TEST(contrastive, absent_rows_change_nothing) {
  const ContrastOptions kinds[] = {{"infonce", 0, 0}, {"infonce", 2, 0.1}, {"sigmoid", 0, 0}};
  for (const ContrastOptions& options : kinds) {
    const Contrast all = three_modalities();
    Contrast other = three_modalities();
    for (Tensor& rows : other.rows) rows = rows.clone();
    other.rows[0][1] = std::nan("");
    other.rows[2][4] = 1e6;
    EXPECT_EQ(loss(all, 3, options, -1), loss(other, 3, options, -1)) << options.loss;
    for (Tensor& rows : other.rows) rows.requires_grad_();
    contrastive_loss(other, number(3), number(-1), options).backward();
    EXPECT_TRUE(close(other.rows[0].grad()[1], at::zeros({4}), 0)) << options.loss;
    EXPECT_TRUE(close(other.rows[2].grad()[4], at::zeros({4}), 0)) << options.loss;
    // As if row 1 were not there at all, of a pair that it gives nothing to.
    Contrast pair, shorter;
    pair.rows = {all.rows[0], all.rows[1]};
    pair.present = {all.present[0], all.present[1]};
    const Tensor kept = at::tensor({0, 2, 3, 4, 5}, at::kLong);
    shorter.rows = {all.rows[0].index_select(0, kept), all.rows[1].index_select(0, kept)};
    shorter.present = {all_present(5), all_present(5)};
    EXPECT_EQ(loss(pair, 3, options, -1), loss(shorter, 3, options, -1)) << options.loss;
  }
}

TEST(contrastive, the_order_of_rows_does_not_matter) {
  const Tensor order = at::tensor({4, 2, 0, 5, 1, 3}, at::kLong);
  for (const ContrastOptions& options :
       {ContrastOptions{"infonce", 2, 0.1}, ContrastOptions{"sigmoid", 0, 0}}) {
    Contrast all = three_modalities();
    all.keys = {at::arange(6), at::tensor({1, 1, 2, 3, 4, 5}, at::kLong), at::arange(6)};
    Contrast other;
    for (size_t m = 0; m < 3; ++m) {
      other.rows.push_back(all.rows[m].index_select(0, order));
      other.present.push_back(all.present[m].index_select(0, order));
      other.keys.push_back(all.keys[m].index_select(0, order));
    }
    EXPECT_NEAR(loss(all, 3, options, -1), loss(other, 3, options, -1), 1e-12);
  }
}

TEST(contrastive, gives_nothing_where_no_pair_has_two_rows) {
  Contrast contrast;
  contrast.rows = {random_rows(2, 3, 1), random_rows(2, 3, 2)};
  contrast.present = {all_present(2), at::eye(2, at::kBool)[0]};
  EXPECT_FALSE(contrastive_loss(contrast, number(1), number(0), {}).defined());
}

TEST(contrastive, gradients_are_finite_differences) {
  struct Parameters : torch::nn::Module {
    Parameters() {
      for (uint64_t m = 0; m < 3; ++m)
        rows.push_back(register_parameter(std::string(1, static_cast<char>('a' + m)),
                                          random_rows(6, 4, m + 1)));
      scale = register_parameter("scale", number(3));
      bias = register_parameter("bias", number(-1));
    }
    std::vector<Tensor> rows;
    Tensor scale, bias;
  } parameters;
  for (const ContrastOptions& options :
       {ContrastOptions{"infonce", 2, 0.1}, ContrastOptions{"sigmoid", 0, 0}}) {
    checks::matches_finite_differences(parameters, [&] {
      Contrast contrast = three_modalities();
      contrast.keys = {at::arange(6), at::tensor({1, 1, 2, 3, 4, 5}, at::kLong), at::arange(6)};
      contrast.rows.clear();
      for (const Tensor& rows : parameters.rows) contrast.rows.push_back(unit(rows));
      return contrastive_loss(contrast, parameters.scale, parameters.bias, options) +
             0 * parameters.bias;
    });
  }
}

TEST(contrastive, errors_say_what_to_do) {
  Contrast contrast;
  contrast.rows = {random_rows(3, 3, 1), random_rows(3, 4, 2)};
  contrast.present = {all_present(3), all_present(3)};
  expect_error(ErrorKind::shape, "modality 1: expected [3, 3], got [3, 4]",
               [&] { loss(contrast, 1); });
  contrast.rows[1] = random_rows(3, 3, 2);
  expect_error(ErrorKind::config, "sigmoid has no use for space.hardness", [&] {
    loss(contrast, 1, {"sigmoid", 1, 0});
  });
  expect_error(ErrorKind::config, "expected infonce or sigmoid", [&] {
    loss(contrast, 1, {"triplet", 0, 0});
  });
}

}  // namespace
}  // namespace braid::train
