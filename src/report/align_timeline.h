// Drawings of an alignment report: a recording's lanes over time, and how old values are.
#pragma once
#include <string>

#include "core/json.h"

namespace braid::report {

/// One lane for each stream, filled where it was measured, its longest gaps underlined, above them
/// the windows; 960 units wide. "" for a recording without time.
std::string align_timeline(const Json& recording);

/// Ticks by staleness as bars, 300 x 120 units; "" where no tick has a value.
std::string staleness_bars(const Json& stream, const std::string& colour);

}  // namespace braid::report
