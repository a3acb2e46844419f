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
  using Late::probabilities;
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

TEST(late, probabilities_are_the_activation_of_the_outputs) {
  const Tensor outputs = matrix({{std::log(3.0), 0}});
  const auto of = [&outputs](Activation activation) {
    Sum sum({{"a"}, {1}, 2, activation}, LateConfig());
    return ops::to_averaged(outputs, sum.probabilities());
  };
  EXPECT_TRUE(close(of(Activation::softmax), matrix({{0.75, 0.25}}), 1e-6));
  EXPECT_TRUE(close(of(Activation::sigmoid), matrix({{0.75, 0.5}}), 1e-6));
  EXPECT_TRUE(same_bits(of(Activation::identity), outputs));
}

TEST(late, without_gradients_the_outputs_are_the_same) {
  for (const char* missing : {"learned", "zero"}) {
    LateConfig config;
    config.missing = missing;
    Sum sum(kTwo, config);
    std::vector<Encoded> encoded = two_rows();
    encoded[0].present.fill_(true);
    const Tensor with = sum.forward(encoded).per_modality;
    torch::NoGradGuard no_grad;
    EXPECT_TRUE(same_bits(sum.forward(encoded).per_modality, with));
  }
}

}  // namespace
}  // namespace braid::fusion
