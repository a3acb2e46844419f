// What a better result costs: time, size, and obtaining each modality.
#pragma once
#include <vector>

#include "compare/trials.h"

namespace braid::compare {

/// Which points no other point beats or equals in every coordinate while being smaller in one;
/// smaller is better everywhere, NaN is never on the front.
///
/// Shapes   points: N of equal length -> (N).
/// Cost     N^2.
std::vector<bool> pareto_front(const std::vector<std::vector<double>>& points);

/// The cost of each modality of the preparation, 1 where compare.costs says nothing.
///
/// Errors   config: compare.costs names an unknown modality or is no number from 0 up.
std::vector<double> costs_of(const CompareJob& job, const train::Fold& fold);

/// Adds to every method of the document its `latency_ms` and `cost`, and to the document `pareto`:
/// which methods no other beats in validation metric, latency, parameters and cost at once; and to
/// each of `without` (differences of the winner's test metric without some of its modalities) what
/// leaving them out does to latency and cost.
///
/// Errors   as costs_of.
/// Cost     45 predictions per method, and per subset of the winner's modalities.
void add_costs(const CompareJob& job, std::vector<train::Fold>& folds, Plan& plan, size_t winner,
               Json* document);

}  // namespace braid::compare
