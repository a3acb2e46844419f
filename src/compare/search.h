// Successive halving: every method and setting trains a little, and only the best go on.
#pragma once
#include <vector>

#include "compare/trials.h"

namespace braid::compare {

/// Narrows the plan to the candidates worth the whole training, and says how it came to them.
///
/// Candidates are every contender that trains, with every combination of the values of
/// compare.search. All of a rung train for the same epochs, on every seed and fold, and are ranked
/// by their mean validation metric; those that go on continue where they stopped, so nothing is
/// trained twice. Fusions compete with one another, a single modality with its own other settings,
/// so that the baselines get the same care. Late fusions made of single models need no rung: they
/// take the best settings found for each.
///
/// Shapes   -> compare.json's `search`; `plan` then holds one contender per method that is left,
///          with its best settings, and their trials to be trained to the end.
/// Errors   config: an unknown key, a value out of bounds, a list expected; a folder of another
///          search.
/// Cost     with n candidates about n * first_epochs * (number of rungs + 1) epochs a seed and
/// fold. Source   Jamieson and Talwalkar 2016, arXiv:1502.07943.
Json halve(const CompareJob& job, std::vector<train::Fold>& folds, const metrics::Method& metric,
           Plan* plan);

/// Epochs after which there is a choice: first, first * factor, ... below `epochs`.
std::vector<int64_t> rungs_of(const SearchOptions& options, int64_t epochs);

/// Every contender that trains with every combination of settings, named by them in
/// Contender::folder; the place among the plan's contenders in `origin`.
struct Candidates {
  std::vector<Contender> contenders;
  std::vector<size_t> origin;
};
Candidates candidates_of(const CompareJob& job, const Plan& plan);

}  // namespace braid::compare
