// Bits by hand: exclusive or, a copy, a modality that knows one class alone.
#include "explain/information.h"

#include <gtest/gtest.h>

#include <cmath>

namespace braid::explain {
namespace {

// Two classes, one row a target, with these probabilities of class 1.
metrics::Predictions binary(const std::vector<double>& of_one, const std::vector<double>& targets) {
  metrics::Predictions p;
  p.task = metrics::Task::binary;
  p.num_outputs = 2;
  p.targets = targets;
  for (double one : of_one) p.scores.insert(p.scores.end(), {1 - one, one});
  return p;
}

const std::vector<double> kTargets = {0, 1, 0, 1};

TEST(information, of_certain_uncertain_and_wrong_predictions) {
  EXPECT_NEAR(information_of(binary({0, 1, 0, 1}, kTargets)).total, 1, 1e-9);
  EXPECT_NEAR(information_of(binary({0.5, 0.5, 0.5, 0.5}, kTargets)).total, 0, 1e-12);
  EXPECT_LT(information_of(binary({0.9, 0.1, 0.9, 0.1}, kTargets)).total, 0);
  // H(1/4, 3/4), told in full.
  EXPECT_NEAR(information_of(binary({1, 1, 0, 1}, {1, 1, 0, 1})).total, 2 - 0.75 * std::log2(3),
              1e-9);
}

Decomposition decomposed(const std::vector<double>& a, const std::vector<double>& b,
                         const std::vector<double>& both) {
  return decompose(class_shares(binary(a, kTargets)), information_of(binary(a, kTargets)),
                   information_of(binary(b, kTargets)), information_of(binary(both, kTargets)));
}

TEST(information, exclusive_or_is_all_synergy) {
  const std::vector<double> none(4, 0.5);
  const Decomposition parts = decomposed(none, none, {0, 1, 0, 1});
  EXPECT_NEAR(parts.synergistic, 1, 1e-9);
  EXPECT_NEAR(parts.redundant, 0, 1e-9);
  EXPECT_NEAR(parts.unique_a, 0, 1e-9);
  EXPECT_NEAR(parts.unique_b, 0, 1e-9);
}

TEST(information, a_copy_is_all_redundancy_and_noise_is_nothing) {
  const std::vector<double> truth = {0, 1, 0, 1}, none(4, 0.5);
  const Decomposition copy = decomposed(truth, truth, truth);
  EXPECT_NEAR(copy.redundant, 1, 1e-9);
  EXPECT_NEAR(copy.synergistic, 0, 1e-9);
  const Decomposition noise = decomposed(truth, none, truth);
  EXPECT_NEAR(noise.unique_a, 1, 1e-9);
  EXPECT_NEAR(noise.redundant, 0, 1e-9);
  EXPECT_NEAR(noise.unique_b, 0, 1e-9);
}

TEST(information, parts_add_up_to_what_both_tell) {
  const std::vector<double> a = {0.2, 0.6, 0.4, 0.9}, b = {0.3, 0.9, 0.6, 0.4},
                            both = {0.1, 0.9, 0.3, 0.8};
  const Decomposition parts = decomposed(a, b, both);
  EXPECT_NEAR(parts.redundant + parts.unique_a + parts.unique_b + parts.synergistic,
              information_of(binary(both, kTargets)).total, 1e-12);
}

}  // namespace
}  // namespace braid::explain
