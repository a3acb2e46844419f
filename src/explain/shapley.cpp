#include "explain/shapley.h"

#include "core/error.h"

namespace braid::explain {
namespace {

size_t count(size_t bits) { return static_cast<size_t>(__builtin_popcountll(bits)); }

// weights[s] = s! (n - s)! / (n + 1)!: how likely a subset of s of n others stands before a player.
std::vector<double> weights_of(size_t n) {
  std::vector<double> weights(n + 1);
  weights[0] = 1.0 / static_cast<double>(n + 1);
  for (size_t s = 1; s <= n; ++s)
    weights[s] = weights[s - 1] * static_cast<double>(s) / static_cast<double>(n - s + 1);
  return weights;
}

}  // namespace

size_t num_players(const Game& game) {
  size_t players = 0;
  while (size_t{1} << players < game.size()) ++players;
  BRAID_ASSERT(size_t{1} << players == game.size());
  return players;
}

std::vector<std::vector<size_t>> subsets_of(size_t players) {
  std::vector<std::vector<size_t>> subsets(size_t{1} << players);
  for (size_t bits = 0; bits < subsets.size(); ++bits)
    for (size_t m = 0; m < players; ++m)
      if (bits >> m & 1) subsets[bits].push_back(m);
  return subsets;
}

std::vector<double> shapley_values(const Game& game) {
  const size_t M = num_players(game);
  std::vector<double> shares(M);
  if (M == 0) return shares;
  const std::vector<double> weights = weights_of(M - 1);
  for (size_t bits = 0; bits < game.size(); ++bits)
    for (size_t m = 0; m < M; ++m)
      if ((bits >> m & 1) == 0)
        shares[m] += weights[count(bits)] * (game[bits | size_t{1} << m] - game[bits]);
  return shares;
}

std::vector<double> shapley_interactions(const Game& game) {
  const size_t M = num_players(game);
  std::vector<double> pairs(M * M);
  if (M < 2) return pairs;
  const std::vector<double> weights = weights_of(M - 2);
  for (size_t i = 0; i < M; ++i)
    for (size_t j = i + 1; j < M; ++j) {
      const size_t a = size_t{1} << i, b = size_t{1} << j;
      double sum = 0;
      for (size_t bits = 0; bits < game.size(); ++bits)
        if ((bits & (a | b)) == 0)
          sum += weights[count(bits)] *
                 (game[bits | a | b] - game[bits | a] - game[bits | b] + game[bits]);
      pairs[i * M + j] = pairs[j * M + i] = sum;
    }
  return pairs;
}

std::vector<double> leave_one_out(const Game& game) {
  std::vector<double> lost;
  for (size_t m = 0; m < num_players(game); ++m)
    lost.push_back(game.back() - game[(game.size() - 1) ^ size_t{1} << m]);
  return lost;
}

std::vector<double> alone(const Game& game) {
  std::vector<double> reached;
  for (size_t m = 0; m < num_players(game); ++m) reached.push_back(game[size_t{1} << m] - game[0]);
  return reached;
}

}  // namespace braid::explain
