// What `braid align` shows: a table for the terminal and one self-contained HTML page.
#pragma once
#include <string>

#include "core/json.h"

namespace braid::report {

/// The terminal's table from a report.json document (docs/align-json.md): each stream's rows,
/// method, coverage, staleness and gaps, then what was left out. Lines end with "\n".
std::string align_table(const Json& align, int width_columns);

/// What would be done, of a document without counts: `braid align --dry-run`.
std::string align_plan(const Json& align, int width_columns);

/// The page: HTML with inline style and drawings; it loads nothing.
std::string align_page(const Json& align);

}  // namespace braid::report
