// Deals groups of rows out to parts so that every part gets its share of every class, and no group
// is parted.
#pragma once
#include <cstdint>
#include <vector>

#include "core/rng.h"
#include "data/dataset.h"

namespace braid::data {

/// The classes of every row that a split keeps in proportion: the class, the labels, or the tenth
/// of a regression target's sorted values (equal values share one). `rows` must have known targets;
/// the result has one entry per entry of `rows`.
std::vector<std::vector<int64_t>> strata_of(const Targets& targets,
                                            const std::vector<int64_t>& rows);

struct Dealt {
  std::vector<int> part;   // of every row, an index into `fractions`
  int64_t num_groups = 0;  // distinct groups among the rows
};

/// Greedy: groups in an order shuffled by `rng`, larger ones first, each to the part whose lack of
/// the group's classes, relative to the class's size, is largest. Then moves the smallest possible
/// groups so that no part with a fraction above 0 is empty and, where the other parts can spare
/// them, every stratum has a row in part 0.
///
/// `groups` has one number per row; empty = each row its own group. Same input and state of `rng`
/// -> same parts. Source  the idea of scikit-learn's StratifiedGroupKFold. Differs: unequal
/// fractions, the repair at the end.
Dealt deal(const std::vector<std::vector<int64_t>>& strata, const std::vector<int64_t>& groups,
           const std::vector<double>& fractions, bool first_has_all, Rng rng);

}  // namespace braid::data
