// How a value that a group reaches is shared out among its members, exactly.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace braid::explain {

/// The value of every subset of M players: values[bits], bit m set where player m takes part, 2^M
/// numbers. Players are modalities here.
using Game = std::vector<double>;

/// M, from the size of the game. Errors   internal: not a power of two.
size_t num_players(const Game& game);

/// The players of every subset, by its bits.
std::vector<std::vector<size_t>> subsets_of(size_t players);

/// What each player adds, averaged over all orders in which they could join; the sum is
/// game[all] - game[none].
///
/// Cost     M 2^M.
/// Source   Shapley 1953, A value for n-person games.
std::vector<double> shapley_values(const Game& game);

/// For each pair what the two add together beyond what they add apart, averaged over the subsets of
/// the others: above 0 they complement each other (synergy), below 0 they say the same
/// (redundancy). Shapes   -> (M * M), symmetric, 0 on the diagonal. Cost     M^2 2^M.
/// Source   Grabisch and Roubens 1999, doi:10.1007/s001820050125.
std::vector<double> shapley_interactions(const Game& game);

/// game[all] - game[all but m]: what is lost without each.
std::vector<double> leave_one_out(const Game& game);

/// game[m] - game[none]: what each reaches alone.
std::vector<double> alone(const Game& game);

}  // namespace braid::explain
