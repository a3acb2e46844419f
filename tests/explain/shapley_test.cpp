// Shares of games worked out by hand, and the axioms that single Shapley's solution out.
#include "explain/shapley.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/error.h"
#include "core/rng.h"

namespace braid::explain {
namespace {

Game random_game(size_t players, uint64_t seed) {
  Rng rng(seed);
  Game game(size_t{1} << players);
  for (double& value : game) value = rng.normal();
  return game;
}

TEST(shapley, a_glove_game) {
  // Player 0 has a left glove, 1 and 2 a right one each; a pair is worth 1. Known: 2/3, 1/6, 1/6.
  const Game game = {0, 0, 0, 1, 0, 1, 0, 1};
  const std::vector<double> shares = shapley_values(game);
  EXPECT_NEAR(shares[0], 2.0 / 3, 1e-12);
  EXPECT_NEAR(shares[1], 1.0 / 6, 1e-12);
  EXPECT_NEAR(shares[2], 1.0 / 6, 1e-12);
}

TEST(shapley, equals_the_mean_over_all_orders) {
  const size_t M = 4;
  const Game game = random_game(M, 3);
  std::vector<size_t> order(M);
  std::iota(order.begin(), order.end(), size_t{0});
  std::vector<double> sums(M);
  int orders = 0;
  do {
    size_t bits = 0;
    for (size_t m : order) {
      sums[m] += game[bits | size_t{1} << m] - game[bits];
      bits |= size_t{1} << m;
    }
    ++orders;
  } while (std::next_permutation(order.begin(), order.end()));
  const std::vector<double> shares = shapley_values(game);
  for (size_t m = 0; m < M; ++m) EXPECT_NEAR(shares[m], sums[m] / orders, 1e-12);
}

TEST(shapley, shares_add_up_and_a_player_who_adds_nothing_gets_nothing) {
  for (size_t M : {1u, 2u, 5u}) {
    const Game game = random_game(M, M);
    const std::vector<double> shares = shapley_values(game);
    EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), game.back() - game.front(),
                1e-12);
  }
  Game game = random_game(2, 9);
  game.insert(game.end(), game.begin(), game.end());  // player 2 changes nothing
  EXPECT_NEAR(shapley_values(game)[2], 0, 1e-12);
}

TEST(shapley, interactions_by_hand) {
  // Exclusive or: each alone is worth nothing, both together 1.
  EXPECT_EQ(shapley_interactions({0, 0, 0, 1}), (std::vector<double>{0, 1, 1, 0}));
  // A copy: each alone is worth what both are.
  EXPECT_EQ(shapley_interactions({0, 1, 1, 1}), (std::vector<double>{0, -1, -1, 0}));
  // A third that adds 5 to all takes part in no interaction.
  const std::vector<double> three = shapley_interactions({0, 0, 0, 1, 5, 5, 5, 6});
  EXPECT_NEAR(three[0 * 3 + 1], 1, 1e-12);
  EXPECT_NEAR(three[0 * 3 + 2], 0, 1e-12);
  EXPECT_NEAR(three[2 * 3 + 1], 0, 1e-12);
}

TEST(shapley, alone_and_left_out) {
  const Game game = {1, 3, 4, 9};
  EXPECT_EQ(alone(game), (std::vector<double>{2, 3}));
  EXPECT_EQ(leave_one_out(game), (std::vector<double>{5, 6}));
}

TEST(shapley, a_game_has_a_value_for_every_subset) {
  EXPECT_THROW(shapley_values({1, 2, 3}), Error);
  EXPECT_EQ(num_players({7}), 0u);
  EXPECT_TRUE(shapley_values({7}).empty());
}

}  // namespace
}  // namespace braid::explain
