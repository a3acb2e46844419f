#include <algorithm>
#include <filesystem>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "formats/checkpoint.h"
#include "formats/checkpoint_index.h"
#include "formats/folder.h"
#include "formats/safetensors_header.h"

namespace braid::formats {
namespace {

struct Shard {
  std::string file;
  std::string header;
  std::vector<TensorView> tensors;
};

// In turn, each shard as full as the limit lets it be.
std::vector<Shard> split(std::vector<TensorView> tensors, uint64_t max_bytes) {
  std::sort(tensors.begin(), tensors.end(),
            [](const TensorView& a, const TensorView& b) { return a.name < b.name; });
  std::vector<Shard> shards(1);
  uint64_t held = 0;
  for (TensorView& tensor : tensors) {
    if (held > 0 && tensor.bytes.size() > max_bytes - std::min(held, max_bytes)) {
      shards.emplace_back();
      held = 0;
    }
    held += tensor.bytes.size();
    shards.back().tensors.push_back(std::move(tensor));
  }
  return shards;
}

void complete(std::vector<Shard>* shards, const std::map<std::string, std::string>& metadata) {
  for (size_t i = 0; i < shards->size(); ++i) {
    Shard& shard = (*shards)[i];
    shard.file = shards->size() == 1
                     ? kSingleFile
                     : fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards->size());
    std::stable_sort(shard.tensors.begin(), shard.tensors.end(),
                     [](const TensorView& a, const TensorView& b) {
                       return item_bytes(a.dtype) > item_bytes(b.dtype);
                     });
    shard.header = serialize_safetensors_header(shard.tensors, metadata);
  }
}

// "model-00001-of-00002.safetensors"
bool is_shard_name(const std::string& name) {
  constexpr std::string_view kPattern = "model-#####-of-#####.safetensors";
  if (name.size() != kPattern.size()) return false;
  for (size_t i = 0; i < name.size(); ++i)
    if (kPattern[i] == '#' ? name[i] < '0' || name[i] > '9' : name[i] != kPattern[i]) return false;
  return true;
}

// The files of an earlier checkpoint, so that none is taken for a part of this one. First what a
// reader would look at first.
void remove_others(const std::string& folder, const std::set<std::string>& kept) {
  std::vector<std::string> stale;
  for (const char* name : {kSingleFile, kIndexFile})
    if (kept.count(name) == 0) stale.emplace_back(name);
  for (const std::string& name : names_in_folder(folder))
    if (is_shard_name(name) && kept.count(name) == 0) stale.push_back(name);
  for (const std::string& name : stale) {
    const std::string path = join_path(folder, name);
    std::error_code code;
    std::filesystem::remove(path, code);
    BRAID_CHECK(!code, io, "{}: cannot remove what an earlier checkpoint left: {}", path,
                code.message());
  }
}

}  // namespace

void write_checkpoint(const std::string& folder, const std::vector<TensorView>& tensors,
                      const std::map<std::string, std::string>& metadata, int64_t max_shard_bytes) {
  BRAID_CHECK(max_shard_bytes >= 1, usage, "max_shard_bytes: expected 1 at least, got {}",
              max_shard_bytes);
  serialize_safetensors_header(tensors, metadata);  // checks all of them together
  std::vector<Shard> shards = split(tensors, static_cast<uint64_t>(max_shard_bytes));
  BRAID_CHECK(
      shards.size() <= kMaxShards, usage,
      "max_shard_bytes: expected a size that leads to {} files at most, got {}, which leads "
      "to {}",
      kMaxShards, max_shard_bytes, shards.size());
  complete(&shards, metadata);
  make_folders(folder);
  std::map<std::string, std::string> shard_of;
  std::set<std::string> written;
  uint64_t total_bytes = 0;
  for (const Shard& shard : shards) {
    std::vector<std::string_view> pieces{shard.header};
    for (const TensorView& tensor : shard.tensors) {
      pieces.push_back(tensor.bytes);
      shard_of[tensor.name] = shard.file;
      total_bytes += tensor.bytes.size();
    }
    write_file_atomically(join_path(folder, shard.file), pieces);
    written.insert(shard.file);
  }
  if (shards.size() > 1) {
    write_file_atomically(join_path(folder, kIndexFile),
                          serialize_checkpoint_index(shard_of, total_bytes));
    written.insert(kIndexFile);
  }
  remove_others(folder, written);
}

}  // namespace braid::formats
