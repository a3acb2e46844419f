// What drawings of stress documents (docs/explain-json.md) share, whether of one or of several.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "report/svg.h"

namespace braid::report {

/// The curve's means over the rate in percent, or over the place in the list.
std::vector<std::pair<double, double>> points_of(const Json& curve, bool by_place);

/// Takes the means of all curves of a document into `range`: charts that are compared share one.
void add_curves(const Json& stress, Range* range);

/// A drawing and its caption (HTML, already escaped) as one cell of a grid.
std::string small_figure(const std::string& drawing, const std::string& caption);

}  // namespace braid::report
