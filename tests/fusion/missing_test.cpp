#include "fusion/missing.h"

#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

const Context kTwo = {{"text", "wrist.left"}, {2, 1}, 2, Activation::softmax};

// As Fusion::forward hands them over: zeros where absent.
std::vector<Encoded> two_rows() {
  return {one_token(matrix({{1, 2}, {0, 0}}), {1, 0}), one_token(matrix({{0}, {4}}), {0, 1})};
}

TEST(missing, total_width_is_the_sum) {
  EXPECT_EQ(total_width({{"a", "b", "c"}, {5, 7, 3}, 2, Activation::softmax}), 15);
}

TEST(missing, learned_vectors_stand_for_absent_modalities) {
  MissingVectors vectors(kTwo, "learned");
  set_parameter(*vectors, "text", torch::tensor({10.0f, 20.0f}));
  set_parameter(*vectors, "wrist_left", torch::tensor({30.0f}));
  EXPECT_TRUE(same_bits(vectors->concat(two_rows()), matrix({{1, 2, 30}, {10, 20, 4}})));
}

TEST(missing, zero_has_no_parameters) {
  MissingVectors vectors(kTwo, "zero");
  EXPECT_TRUE(vectors->parameters().empty());
  EXPECT_TRUE(same_bits(vectors->concat(two_rows()), matrix({{1, 2, 0}, {0, 0, 4}})));
}

TEST(missing, gradient_reaches_a_vector_only_through_absent_rows) {
  MissingVectors vectors(kTwo, "learned");
  vectors->concat(two_rows()).sum().backward();
  // One of the two rows lacks each modality, and d sum / d vector = 1 per such row.
  EXPECT_TRUE(same_bits(vectors->named_parameters()["text"].grad(), torch::tensor({1.0f, 1.0f})));
  EXPECT_TRUE(same_bits(vectors->named_parameters()["wrist_left"].grad(), torch::tensor({1.0f})));
}

}  // namespace
}  // namespace braid::fusion
