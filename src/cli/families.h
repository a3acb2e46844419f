// What `list` and `show` know of every registered method, whatever its family.
#pragma once
#include <string>
#include <vector>

#include "core/config.h"

namespace braid::cli {

struct Entry {
  std::string family, name, kind, summary, source, missing;
  std::vector<FieldDoc> fields;
};

/// Every encoder, fusion, head and metric, in table order.
std::vector<Entry> all_entries();

/// docs/methods.md, generated.
std::string methods_page();

}  // namespace braid::cli
