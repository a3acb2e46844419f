#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

const Context kOne = {{"a"}, {2}, 2, Activation::softmax};

TEST(single, is_its_modalitys_own_head) {
  auto fusion = make_fusion("single", Json::object(), kOne);
  set_parameter(*fusion, "heads.a.classifier.0.weight", matrix({{1, 2}, {3, 4}}));
  set_parameter(*fusion, "heads.a.classifier.0.bias", torch::tensor({0.5f, 0.0f}));
  const Fused fused = fusion->forward({one_token(matrix({{1, 10}}), {1})});
  EXPECT_TRUE(close(fused.output, matrix({{21.5, 43}}), 1e-5));
  EXPECT_TRUE(same_bits(fused.per_modality, fused.output.unsqueeze(1)));
}

TEST(single, more_modalities_are_refused) {
  expect_error(
      ErrorKind::config,
      "model.fusion: single reads exactly 1 modality, got 2 (text, image); name one in "
      "model.modalities",
      [] {
        make_fusion("single", Json::object(), {{"text", "image"}, {2, 3}, 2, Activation::softmax});
      });
}

TEST(single, absent_rows_learn_the_prior) {
  auto fusion = make_fusion("single", Json::object(), kOne);
  const std::vector<Encoded> absent = {one_token(torch::zeros({4, 2}), {0, 0, 0, 0})};
  const Tensor classes = torch::tensor({0, 0, 1, 0});
  for (int step = 0; step < 100; ++step) {
    fusion->zero_grad();
    torch::nn::functional::cross_entropy(fusion->forward(absent).output, classes).backward();
    torch::NoGradGuard no_grad;
    for (Tensor& parameter : fusion->parameters())
      if (parameter.grad().defined()) parameter.sub_(parameter.grad());
  }
  // Three of four rows are class 0.
  EXPECT_TRUE(
      close(fusion->forward(absent).output.softmax(1)[0], torch::tensor({0.75f, 0.25f}), 1e-3));
}

TEST(single, parameters_are_named_as_in_late_fusions) {
  auto alone = make_fusion("single", Json::object(), kOne);
  auto late = make_fusion("average", Json::object(), {{"a", "b"}, {2, 3}, 2, Activation::softmax});
  const auto names = late->named_parameters();
  for (const auto& item : alone->named_parameters()) {
    ASSERT_NE(names.find(item.key()), nullptr) << item.key();
    EXPECT_EQ(names[item.key()].sizes(), item.value().sizes()) << item.key();
  }
}

}  // namespace
}  // namespace braid::fusion
