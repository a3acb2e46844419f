// One name for the JSON type: keys keep the order they were written in.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace braid {
using Json = nlohmann::ordered_json;

/// Parses JSON text; throws Error(format) naming `where` and the byte offset.
Json parse_json(const std::string& text, const std::string& where);
/// null for NaN and infinities, which JSON has no words for.
Json finite_or_null(double value);
}  // namespace braid
