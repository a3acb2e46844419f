// Any bytes as a checkpoint's index; what was read must read the same after being written, and no
// shard may lie outside the folder.
#include "formats/checkpoint_index.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> shards;
  try {
    shards = braid::formats::parse_checkpoint_index(bytes, "fuzz");
  } catch (const braid::Error&) {
    return 0;
  }
  const std::string written = braid::formats::serialize_checkpoint_index(shards, size);
  if (braid::formats::parse_checkpoint_index(written, "again") != shards) std::abort();
  const std::filesystem::path folder("/folder");
  for (const auto& item : shards) {
    const std::string place = (folder / item.second).lexically_normal().string();
    if (place.rfind("/folder/", 0) != 0) std::abort();
  }
  return 0;
}
