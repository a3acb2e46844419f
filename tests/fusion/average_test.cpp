// Expected values are arithmetic and geometric means of probabilities, worked by hand.
#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

Context two(Activation activation, int64_t num_outputs) {
  return {{"a", "b"}, {1, 1}, num_outputs, activation};
}

// Modality a says (0.9, 0.1), b says (0.5, 0.5); shifted logits, which mean the same.
Tensor two_opinions() {
  return stacked({matrix({{0.9, 0.1}, {0.5, 0.5}}).log() + matrix({{3}, {-1}})});
}

TEST(average, arithmetic_mean_of_probabilities) {
  auto fusion = make_fusion("average", {{"of", "probabilities"}}, two(Activation::softmax, 2));
  const Fused fused = fusion->combine(two_opinions(), bools({{1, 1}}));
  // (0.9 + 0.5) / 2 and (0.1 + 0.5) / 2
  EXPECT_TRUE(close(fused.output.softmax(1), matrix({{0.7, 0.3}}), 1e-6));
  EXPECT_TRUE(same_bits(fused.weights, matrix({{0.5, 0.5}})));
}

TEST(average, geometric_mean_of_probabilities_by_default) {
  auto fusion = make_fusion("average", Json::object(), two(Activation::softmax, 2));
  // sqrt(0.9 * 0.5) : sqrt(0.1 * 0.5) = sqrt(9) : 1 = 3 : 1
  EXPECT_TRUE(close(fusion->combine(two_opinions(), bools({{1, 1}})).output.softmax(1),
                    matrix({{0.75, 0.25}}), 1e-6));
}

TEST(average, absent_modality_does_not_count) {
  for (const char* of : {"probabilities", "logits"}) {
    auto fusion = make_fusion("average", {{"of", of}}, two(Activation::softmax, 2));
    const Fused fused = fusion->combine(two_opinions(), bools({{1, 0}}));
    EXPECT_TRUE(close(fused.output.softmax(1), matrix({{0.9, 0.1}}), 1e-6)) << of;
    EXPECT_TRUE(same_bits(fused.weights, matrix({{1, 0}})));
  }
}

TEST(average, nothing_present_is_the_mean_of_the_missing_outputs) {
  auto fusion = make_fusion("average", {{"of", "probabilities"}}, two(Activation::softmax, 2));
  set_parameter(*fusion, "heads.a.missing", torch::tensor({0.9f, 0.1f}).log());
  set_parameter(*fusion, "heads.b.missing", torch::tensor({0.5f, 0.5f}).log());
  const Fused fused =
      fusion->forward({one_token(matrix({{8}}), {0}), one_token(matrix({{8}}), {0})});
  EXPECT_TRUE(close(fused.output.softmax(1), matrix({{0.7, 0.3}}), 1e-6));
}

TEST(average, labels_both_ways) {
  // ln 9 is the logit of 0.9, 0 that of 0.5: mean probability 0.7; mean logit ln 3, that of 0.75.
  const Tensor opinions = stacked({matrix({{std::log(9.0)}, {0}})});
  auto arithmetic = make_fusion("average", {{"of", "probabilities"}}, two(Activation::sigmoid, 1));
  EXPECT_TRUE(close(arithmetic->combine(opinions, bools({{1, 1}})).output.sigmoid(),
                    matrix({{0.7}}), 1e-6));
  auto geometric = make_fusion("average", {{"of", "logits"}}, two(Activation::sigmoid, 1));
  EXPECT_TRUE(close(geometric->combine(opinions, bools({{1, 1}})).output.sigmoid(),
                    matrix({{0.75}}), 1e-6));
}

TEST(average, values_are_averaged_as_they_are) {
  for (const char* of : {"probabilities", "logits"}) {
    auto fusion = make_fusion("average", {{"of", of}}, two(Activation::identity, 1));
    EXPECT_TRUE(same_bits(fusion->combine(stacked({matrix({{-1}, {4}})}), bools({{1, 1}})).output,
                          matrix({{1.5}})));
  }
}

TEST(average, unknown_of) {
  expect_error(ErrorKind::config,
               "model.fusion.of: expected one of probabilities, logits, got 'votes'", [] {
                 make_fusion("average", {{"of", "votes"}}, two(Activation::softmax, 2));
               });
}

}  // namespace
}  // namespace braid::fusion
