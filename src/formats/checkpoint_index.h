// model.safetensors.index.json: which shard of a checkpoint holds which tensor.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace braid::formats {

// The files that a folder of a checkpoint holds.
constexpr const char* kSingleFile = "model.safetensors";
constexpr const char* kIndexFile = "model.safetensors.index.json";
constexpr size_t kMaxShards = 10'000;  // published ones have some hundreds at most

/// Tensor names to shard names, which are relative to the index and stay in its folder. Whatever
/// stands beside the weight map, such as its total size, is not looked at: published ones are
/// wrong at times. Errors: format; messages open with `where`.
std::map<std::string, std::string> parse_checkpoint_index(std::string_view text,
                                                          const std::string& where);

/// The text of an index of that map. `total_bytes` stands there for other readers.
std::string serialize_checkpoint_index(const std::map<std::string, std::string>& shards,
                                       uint64_t total_bytes);

}  // namespace braid::formats
