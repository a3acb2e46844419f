// What a curve of a metric under growing imperfection says in one number.
#pragma once
#include <vector>

#include "core/json.h"

namespace braid::explain {

/// Mean of a curve's values by the clean one, by trapezoids over equal steps: 1 = nothing lost. For
/// metrics where lower is better the inverse. NaN where the clean value is not above 0.
///
/// Shapes   values (points), the clean one first or not at all.
/// Source   Liang et al. 2021 (MultiBench), arXiv:2107.07502: the area under the
///          performance-imperfection curve. Differs: in shares of the clean value.
double relative_robustness(const std::vector<double>& values, double clean, bool higher_is_better);

/// How much more of the metric a method keeps than a baseline would from the same start: the mean,
/// by trapezoids, of (value - first value) - (baseline's value - its first). Above 0: it loses
/// less.
///
/// Shapes   both (points), the clean value first.
/// Source   Taori et al. 2020, arXiv:2007.00644; Liang et al. 2021, whose baseline is late fusion.
///          Differs: a mean over the curve, not a sum.
double effective_robustness(const std::vector<double>& values, const std::vector<double>& baseline,
                            bool higher_is_better);

/// Adds `effective_robustness` to each curve of a stress document (docs/explain-json.md) that the
/// baseline's document has too; null where they have other points.
void add_effective_robustness(const Json& baseline, Json* document);

}  // namespace braid::explain
