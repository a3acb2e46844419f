// Fields, kinds and modalities: what the columns of a manifest are.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.h"

namespace braid::data {

/// What a field holds. `tabular` is never a field's kind: it is the kind of the one modality that
/// groups all numeric and category fields.
enum class Kind {
  text,
  image,
  audio,
  video,
  series,
  volume,
  numeric,
  category,
  embedding,
  tabular
};
const char* to_string(Kind kind);
/// Errors: config, with the nearest known kind.
Kind parse_kind(const std::string& name);

struct Field {
  std::string name;
  Kind kind = Kind::text;
};

/// What one encoder reads.
struct Modality {
  std::string name;        // the field's name, or "tabular"
  Kind kind = Kind::text;  // any but numeric and category
  std::vector<std::string>
      fields;  // columns; an embedding of several numeric columns lists them all
};

}  // namespace braid::data
