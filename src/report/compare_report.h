// What `braid compare` shows: a table for the terminal and one self-contained HTML page.
#pragma once
#include <string>

#include "core/json.h"

namespace braid::report {

/// The terminal's tables from a compare.json document: methods (the best first, the winner marked
/// "*"), subsets of modalities, verdict. Lines end with "\n". Plain text without colour; ASCII
/// apart from names out of the user's files.
///
/// `width_columns`  the terminal's width; 0 or less: no limit. Where the methods' table is wider,
/// latency, family, training
///                  time and parameters are left out in this order, and a line says so.
/// Errors   format: a value of the wrong type, naming its key. Absent keys and nulls show as "n/a".
std::string compare_table(const Json& compare, int width_columns);

/// The page: HTML with inline style and drawings; it loads nothing, and reads the same where
/// scripts are off.
///
/// Errors   format: a value of the wrong type, naming its key. A part that is absent is left out of
/// the page.
std::string compare_page(const Json& compare);

}  // namespace braid::report
