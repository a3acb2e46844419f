// Any bytes as JSON Lines; no cell of what was read holds a NUL.
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "formats/table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto table = braid::formats::parse_jsonl(text, "fuzz");
    for (int64_t r = 0; r < table.num_rows(); ++r)
      for (const std::string_view cell : table.row(r))
        if (cell.find('\0') != std::string_view::npos) std::abort();
  } catch (const braid::Error&) {
  }
  return 0;
}
