#include "formats/checkpoint_index.h"

#include <filesystem>
#include <set>

#include "core/error.h"
#include "formats/folder.h"
#include "formats/json_object.h"

namespace braid::formats {
namespace {

void check_shard_name(const std::string& shard, const std::string& where) {
  BRAID_CHECK(stays_in_folder(shard), format,
              "{}: expected the path of a file in the folder of the index, got {}; a checkpoint "
              "reads no other files",
              where, nlohmann::json(shard).dump());
  BRAID_CHECK(std::filesystem::path(shard).extension() == ".safetensors", format,
              "{}: expected the name of a .safetensors file, got {}; convert the checkpoint to "
              "safetensors",
              where, nlohmann::json(shard).dump());
}

std::map<std::string, std::string> read_weight_map(const nlohmann::json& index,
                                                   const std::string& where) {
  BRAID_CHECK(index.contains("weight_map"), format, "{}: expected the key weight_map, got none",
              where);
  const nlohmann::json& weights = index["weight_map"];
  BRAID_CHECK(weights.is_object(), format, "{}: weight_map: expected an object, got {}", where,
              json_type(weights));
  BRAID_CHECK(!weights.empty(), format, "{}: weight_map: expected a tensor at least, got none",
              where);
  std::map<std::string, std::string> shards;
  std::set<std::string> names;
  for (const auto& item : weights.items()) {
    const std::string place = fmt::format("{}: weight_map: tensor '{}'", where, item.key());
    BRAID_CHECK(item.value().is_string(), format, "{}: expected the name of a file, got {}", place,
                json_type(item.value()));
    const std::string shard = item.value().get<std::string>();
    if (names.insert(shard).second) check_shard_name(shard, place);
    BRAID_CHECK(names.size() <= kMaxShards, format,
                "{}: weight_map: expected at most {} files, got more", where, kMaxShards);
    shards[item.key()] = shard;
  }
  return shards;
}

}  // namespace

std::map<std::string, std::string> parse_checkpoint_index(std::string_view text,
                                                          const std::string& where) {
  try {
    return read_weight_map(parse_json_object(text, where).members, where);
  } catch (const Error& e) {
    throw Error(ErrorKind::format, e.what());  // another kind where JSON is no object
  }
}

std::string serialize_checkpoint_index(const std::map<std::string, std::string>& shards,
                                       uint64_t total_bytes) {
  const nlohmann::json index = {{"metadata", {{"total_size", total_bytes}}},
                                {"weight_map", shards}};
  return index.dump(2) + "\n";
}

}  // namespace braid::formats
