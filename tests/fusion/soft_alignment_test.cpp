#include <gtest/gtest.h>

#include "ops/soft_dtw.h"
#include "support/attention_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

// Two sequences of the same width, compared as they are.
std::shared_ptr<Fusion> plain_fusion(double gamma, double diagonal) {
  auto fusion = make_fusion("soft_alignment",
                            {{"width", 4}, {"space", 3}, {"gamma", gamma}, {"diagonal", diagonal}},
                            {{"video", "audio"}, {3, 3}, 2, Activation::softmax});
  for (const char* name : {"video", "audio"}) {
    set_parameter(*fusion, std::string("spaces.") + name + ".weight", torch::eye(3));
    set_parameter(*fusion, std::string("spaces.") + name + ".bias", torch::zeros({3}));
  }
  fusion->eval();
  fusion->wants_attention = true;
  return fusion;
}

Encoded sequence(const Tensor& tokens) {
  return {tokens.unsqueeze(0), torch::ones({1, tokens.size(0)}, torch::kBool), tokens.mean(0, true),
          torch::ones({1}, torch::kBool)};
}

TEST(soft_alignment, finds_a_slower_copy) {
  // Each token of the first comes twice in the second.
  const Tensor tokens = torch::eye(3);
  const Tensor slow = tokens.repeat_interleave(2, 0);
  const Fused fused = plain_fusion(0.01, 0)->forward({sequence(tokens), sequence(slow)});
  ASSERT_EQ(fused.attention.size(), 1u);
  EXPECT_EQ(fused.attention[0].from, "video");
  EXPECT_EQ(fused.attention[0].to, "audio");
  const Tensor expected = torch::tensor({0.5f, 0.5f, 0.f, 0.f, 0.f, 0.f,  //
                                         0.f, 0.f, 0.5f, 0.5f, 0.f, 0.f,  //
                                         0.f, 0.f, 0.f, 0.f, 0.5f, 0.5f});
  EXPECT_TRUE(close(fused.attention[0].weights.view({18}), expected, 1e-3));
}

TEST(soft_alignment, is_monotone_where_attention_would_not_be) {
  // The second has the first's tokens in the wrong order; expected places still rise.
  const Tensor tokens = torch::eye(3);
  const Fused fused = plain_fusion(0.05, 0)->forward({sequence(tokens), sequence(tokens.flip(0))});
  const Tensor place = fused.attention[0].weights[0][0].matmul(torch::arange(3, torch::kFloat));
  EXPECT_LE(place[0].item<float>(), place[1].item<float>());
  EXPECT_LE(place[1].item<float>(), place[2].item<float>());
}

TEST(soft_alignment, without_likeness_the_diagonal_counts) {
  const Tensor same = torch::ones({5, 3});
  const Fused fused = plain_fusion(0.001, 10)->forward({sequence(same), sequence(same)});
  EXPECT_TRUE(close(fused.attention[0].weights[0][0], torch::eye(5), 1e-3));
}

TEST(soft_alignment, the_objective_by_hand) {
  auto fusion = make_fusion("soft_alignment",
                            {{"space", 2},
                             {"gamma", 0.5},
                             {"diagonal", 0.0},
                             {"contrast", 0.3},
                             {"negatives", 1},
                             {"temperature", 0.25}},
                            {{"video", "audio"}, {2, 2}, 2, Activation::softmax});
  for (const char* name : {"video", "audio"}) {
    set_parameter(*fusion, std::string("spaces.") + name + ".weight", torch::eye(2));
    set_parameter(*fusion, std::string("spaces.") + name + ".bias", torch::zeros({2}));
  }
  // One token a row: the soft-DTW distance is the cost itself, over two steps. Row 0 has (1, 0) in
  // both; row 1 (1, 0) and (0, 1): costs with itself 0 and 1, with the other 1 and 0.
  const Tensor video = torch::tensor({1.f, 0.f, 1.f, 0.f}).view({2, 1, 2});
  const Tensor audio = torch::tensor({1.f, 0.f, 0.f, 1.f}).view({2, 1, 2});
  const auto all = torch::ones({2, 1}, torch::kBool), rows = torch::ones({2}, torch::kBool);
  const Fused fused =
      fusion->forward({{video, all, video.squeeze(1), rows}, {audio, all, audio.squeeze(1), rows}});
  // Logits -d / 2 / 0.25: own 0 against -2, and own -2 against 0.
  const double first = std::log(1 + std::exp(-2.0)), second = std::log(1 + std::exp(2.0));
  EXPECT_NEAR(fused.auxiliary.item<double>(), 0.3 * (first + second) / 2, 1e-4);
  torch::NoGradGuard no_grad;
  EXPECT_FALSE(
      fusion->forward({{video, all, video.squeeze(1), rows}, {audio, all, audio.squeeze(1), rows}})
          .auxiliary.defined());
}

TEST(soft_alignment, missing_vector_is_trained_and_used) {
  auto fusion = make_fusion("soft_alignment", {{"dropout", 0.0}}, two_sequences());
  const std::vector<Encoded> batch =
      random_batch(two_sequences(), {4, 3}, bools({{1, 1}, {1, 0}}), /*seed=*/5);
  project(fusion->forward(batch).output, /*seed=*/3).backward();
  EXPECT_GT(fusion->named_parameters()["missing.audio"].grad().abs().max().item<double>(), 1e-8);
  torch::NoGradGuard no_grad;
  const Tensor before = fusion->forward(batch).output;
  set_parameter(*fusion, "missing.audio", torch::linspace(-2, 3, 5));
  const Tensor after = fusion->forward(batch).output;
  EXPECT_TRUE(same_bits(after[0], before[0]));
  EXPECT_FALSE(close(after[1], before[1], 1e-4));
}

}  // namespace
}  // namespace braid::fusion
