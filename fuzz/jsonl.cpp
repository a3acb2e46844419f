// Any bytes as JSON Lines; every row read must have all columns.
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "formats/table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto table = braid::formats::parse_jsonl(text, "fuzz");
    if (table.rows.size() != table.lines.size()) std::abort();
    for (const auto& row : table.rows)
      if (row.size() != table.columns.size()) std::abort();
  } catch (const braid::Error&) {
  }
  return 0;
}
