#include "fusion/late.h"

#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

const Context kTwo = {{"a", "b"}, {1, 1}, 2, Activation::softmax};

/// Sums what the modalities say, present or not.
class Sum : public Late {
 public:
  Sum(const Context& context, const LateConfig& config) : Late(context, config) { eval(); }
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    present_seen = present;
    Fused fused;
    fused.output = per_modality.sum(/*dim=*/1);
    return fused;
  }
  using Late::to_outputs;
  using Late::to_probabilities;
  Tensor present_seen;
};

void set_heads(Sum& sum) {
  set_parameter(sum, "heads.a.classifier.0.weight", matrix({{1}, {2}}));
  set_parameter(sum, "heads.a.classifier.0.bias", torch::tensor({0.5f, 0.0f}));
  set_parameter(sum, "heads.b.classifier.0.weight", matrix({{-1}, {1}}));
  set_parameter(sum, "heads.b.classifier.0.bias", torch::zeros({2}));
}

// Row 0 has both (a = 3, b = 4), row 1 only a = 1.
std::vector<Encoded> two_rows() {
  return {one_token(matrix({{3}, {1}}), {1, 1}), one_token(matrix({{4}, {9}}), {1, 0})};
}

TEST(late, one_head_per_modality_and_a_learned_output_where_it_is_absent) {
  Sum sum(kTwo, LateConfig());
  set_heads(sum);
  set_parameter(sum, "heads.b.missing", torch::tensor({7.0f, 8.0f}));
  const Fused fused = sum.forward(two_rows());
  // Row 0: a (3.5, 6), b (-4, 4). Row 1: a (1.5, 2), b its missing output (7, 8).
  const Tensor expected = stacked({matrix({{3.5, 6}, {-4, 4}}), matrix({{1.5, 2}, {7, 8}})});
  EXPECT_TRUE(close(fused.per_modality, expected, 1e-6));
  EXPECT_TRUE(close(fused.output, matrix({{-0.5, 10}, {8.5, 10}}), 1e-6));
  EXPECT_TRUE(same_bits(sum.present_seen, bools({{1, 1}, {1, 0}})));
}

TEST(late, missing_zero_gives_zeros_and_has_no_parameter) {
  LateConfig config;
  config.missing = "zero";
  Sum sum(kTwo, config);
  set_heads(sum);
  EXPECT_EQ(sum.named_parameters().find("heads.b.missing"), nullptr);
  EXPECT_TRUE(same_bits(sum.forward(two_rows()).per_modality[1][1], torch::zeros({2})));
}

TEST(late, hidden_layers_are_named_as_in_a_sequence_of_layers_and_activations) {
  LateConfig config;
  config.hidden = {4};
  Sum sum(kTwo, config);
  const std::vector<std::string> keys = sum.named_parameters().keys();
  const std::vector<std::string> of_a(keys.begin(), keys.begin() + 5);
  EXPECT_THAT(of_a, testing::UnorderedElementsAre("heads.a.missing", "heads.a.classifier.0.weight",
                                                  "heads.a.classifier.0.bias",
                                                  "heads.a.classifier.2.weight",
                                                  "heads.a.classifier.2.bias"));
}

TEST(late, missing_outputs_start_at_zero) {
  Sum sum(kTwo, LateConfig());
  EXPECT_TRUE(same_bits(sum.named_parameters()["heads.a.missing"], torch::zeros({2})));
}

TEST(late, unknown_word_for_missing) {
  expect_error(ErrorKind::config, "model.fusion.missing: expected one of learned, zero, got 'mean'",
               [] {
                 LateConfig config;
                 read_config(Json{{"missing", "mean"}}, "model.fusion", config);
               });
}

TEST(late, equal_weights_over_the_present_and_over_all_where_none_is) {
  const Tensor weights =
      equal_weights(bools({{1, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 0}}), torch::zeros({1}));
  EXPECT_TRUE(
      same_bits(weights, matrix({{0.5, 0.5, 0, 0}, {0, 0, 1, 0}, {0.25, 0.25, 0.25, 0.25}})));
  EXPECT_EQ(equal_weights(bools({{1}}), torch::zeros({1}, at::kDouble)).scalar_type(), at::kDouble);
}

TEST(late, weighted_mean_by_hand) {
  // 0.25 (1, 2) + 0.75 (5, 10) = (4, 8)
  EXPECT_TRUE(same_bits(weighted_mean(stacked({matrix({{1, 2}, {5, 10}})}), matrix({{0.25, 0.75}})),
                        matrix({{4, 8}})));
}

TEST(late, probabilities_and_back) {
  for (const Activation activation :
       {Activation::softmax, Activation::sigmoid, Activation::identity}) {
    Sum sum({{"a"}, {1}, 3, activation}, LateConfig());
    const Tensor outputs = matrix({{0.3, -1.2, 2.0}});
    const Tensor once = sum.to_probabilities(outputs);
    EXPECT_TRUE(close(sum.to_probabilities(sum.to_outputs(once)), once, 1e-6));
  }
}

TEST(late, certain_probabilities_stay_finite) {
  Sum classes({{"a"}, {1}, 2, Activation::softmax}, LateConfig());
  expect_finite(classes.to_outputs(matrix({{1, 0}})));
  Sum labels({{"a"}, {1}, 2, Activation::sigmoid}, LateConfig());
  expect_finite(labels.to_outputs(matrix({{1, 0}})));
}

TEST(late, gradients_stay_finite_at_certain_outputs) {
  for (const Activation activation : {Activation::softmax, Activation::sigmoid}) {
    Sum sum({{"a"}, {1}, 2, activation}, LateConfig());
    Tensor outputs = matrix({{200, -200}}).requires_grad_();
    sum.to_outputs(sum.to_probabilities(outputs)).sum().backward();
    expect_finite(outputs.grad());
  }
}

}  // namespace
}  // namespace braid::fusion
