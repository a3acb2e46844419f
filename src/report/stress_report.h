// What `braid stress` shows: a table for the terminal and one self-contained HTML page.
#pragma once
#include <string>

#include "core/json.h"

namespace braid::report {

/// The terminal's tables from a stress.json document: what is lost without each modality, with it
/// shuffled, and under the mildest and hardest level of each corruption. Lines end with "\n".
std::string stress_table(const Json& stress, int width_columns);

/// The page: HTML with inline style and drawings; it loads nothing.
std::string stress_page(const Json& stress);

}  // namespace braid::report
