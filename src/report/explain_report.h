// What `braid explain` shows: a table for the terminal and one self-contained HTML page.
#pragma once
#include <string>

#include "core/json.h"

namespace braid::report {

/// In words which modalities matter, which can be left out, and which pairs work together, from an
/// explain.json document. One line each.
std::string explain_words(const Json& explain);

/// The terminal's tables: contributions, pairs, words. Lines end with "\n". Plain text.
/// `width_columns`  the terminal's width, for the words; 0 or less: no limit.
std::string explain_table(const Json& explain, int width_columns);

/// The page: HTML with inline style and drawings; it loads nothing.
std::string explain_page(const Json& explain);

}  // namespace braid::report
