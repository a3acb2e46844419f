#include "formats/checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "formats/checkpoint_index.h"
#include "formats/folder.h"
#include "formats/mapped_file.h"
#include "formats/safetensors_header.h"

namespace braid::formats {

struct Checkpoint::Content {
  std::vector<std::unique_ptr<MappedFile>> mappings;
  std::vector<std::string> files;
  std::vector<TensorView> tensors;
  std::map<std::string, std::string> metadata;
  int64_t num_bytes = 0;

  SafetensorsHeader add_file(const std::string& path);
  void add_shards(const std::string& folder);
};

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxIndexBytes = 100'000'000;
constexpr const char* kConvert =
    "convert the weights to safetensors: Braid reads no pickled, TensorFlow or Flax weights, since "
    "reading a pickle can run code that stands in it";

// Weights in a form that is not read.
bool is_other_format(const fs::path& name) {
  for (const char* ending : {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".msgpack"})
    if (name.extension() == ending) return true;
  const std::string text = name.string();
  const std::string other_index = ".bin.index.json";
  return text.size() > other_index.size() &&
         text.compare(text.size() - other_index.size(), other_index.size(), other_index) == 0;
}

// Git keeps large files elsewhere, and a clone without its LFS extension holds these few lines.
void check_no_pointer(std::string_view bytes, const std::string& path) {
  constexpr std::string_view kPointer = "version https://git-lfs.github.com/spec/";
  BRAID_CHECK(bytes.substr(0, kPointer.size()) != kPointer, format,
              "{}: expected the file itself, got a Git LFS pointer to it; fetch it with `git lfs "
              "pull`, or download it",
              path);
}

SafetensorsHeader parse_file(std::string_view bytes, const std::string& path) {
  check_no_pointer(bytes, path);
  BRAID_CHECK(!is_other_format(fs::path(path).filename()), format,
              "{}: expected a safetensors file; {}", path, kConvert);
  return parse_safetensors_header(bytes, path);
}

[[noreturn]] void fail_without_weights(const std::string& folder) {
  const std::set<std::string> names = names_in_folder(folder);
  std::set<std::string> safetensors, others;
  for (const std::string& name : names) {
    if (fs::path(name).extension() == ".safetensors") safetensors.insert(name);
    if (is_other_format(name)) others.insert(name);
  }
  const std::string expected =
      fmt::format("{}: expected {} or {}, got", folder, kSingleFile, kIndexFile);
  if (!safetensors.empty())
    fail(ErrorKind::format,
         "{} {}; name the file that is meant, or fetch the index that is missing", expected,
         list_names(safetensors));
  if (!others.empty()) fail(ErrorKind::format, "{} {}; {}", expected, list_names(others), kConvert);
  fail(ErrorKind::format, "{} {}", expected, list_names(names));
}

using Shards = std::map<std::string, std::set<std::string>>;  // file name to its tensors' names

// The shard's tensors are those that the index places in it, no more and no fewer.
void check_shard(const SafetensorsHeader& header, const std::string& path,
                 std::set<std::string> expected,
                 const std::map<std::string, std::string>& shard_of) {
  for (const TensorView& tensor : header.tensors) {
    if (expected.erase(tensor.name) > 0) continue;
    const auto other = shard_of.find(tensor.name);
    BRAID_CHECK(other != shard_of.end(), format,
                "{}: tensor '{}': expected in {} as well, got no line there; are these the files "
                "of one checkpoint?",
                path, tensor.name, kIndexFile);
    fail(ErrorKind::format,
         "{}: tensor '{}': expected in {} alone, as {} says; are these the files of one "
         "checkpoint?",
         path, tensor.name, other->second, kIndexFile);
  }
  BRAID_CHECK(
      expected.empty(), format,
      "{}: expected the tensor '{}', as {} says, got none of that name; are these the files "
      "of one checkpoint?",
      path, *expected.begin(), kIndexFile);
}

}  // namespace

SafetensorsHeader Checkpoint::Content::add_file(const std::string& path) {
  mappings.push_back(std::make_unique<MappedFile>(path));
  SafetensorsHeader header = parse_file(mappings.back()->bytes(), path);
  files.push_back(path);
  metadata.insert(header.metadata.begin(), header.metadata.end());
  tensors.insert(tensors.end(), header.tensors.begin(), header.tensors.end());
  for (const TensorView& tensor : header.tensors)
    num_bytes += static_cast<int64_t>(tensor.bytes.size());
  return header;
}

void Checkpoint::Content::add_shards(const std::string& folder) {
  const std::string index = join_path(folder, kIndexFile);
  const std::string text = read_file(index, kMaxIndexBytes);
  check_no_pointer(text, index);
  const auto shard_of = parse_checkpoint_index(text, index);
  Shards shards;
  for (const auto& [name, shard] : shard_of) shards[shard].insert(name);
  for (const auto& [shard, names] : shards) {
    const std::string path = join_path(folder, shard);
    BRAID_CHECK(file_exists(path), format,
                "{}: expected the file, as {} says, got none; is the download complete?", path,
                kIndexFile);
    check_shard(add_file(path), path, names, shard_of);
  }
}

Checkpoint::Checkpoint(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

bool Checkpoint::stands_in_folder(const std::string& folder) {
  return stands_in(folder, kSingleFile) || stands_in(folder, kIndexFile);
}

Checkpoint Checkpoint::open(const std::string& path) {
  auto content = std::make_shared<Content>();
  std::error_code code;
  if (!fs::is_directory(path, code)) {
    content->add_file(path);
  } else if (stands_in(path, kSingleFile)) {
    content->add_file(join_path(path, kSingleFile));
  } else if (stands_in(path, kIndexFile)) {
    content->add_shards(path);
  } else {
    fail_without_weights(path);
  }
  std::sort(content->tensors.begin(), content->tensors.end(),
            [](const TensorView& a, const TensorView& b) { return a.name < b.name; });
  return Checkpoint(std::move(content));
}

const std::vector<TensorView>& Checkpoint::tensors() const { return content_->tensors; }

const TensorView* Checkpoint::find(const std::string& name) const {
  const auto found = std::lower_bound(
      content_->tensors.begin(), content_->tensors.end(), name,
      [](const TensorView& tensor, const std::string& key) { return tensor.name < key; });
  return found != content_->tensors.end() && found->name == name ? &*found : nullptr;
}

const std::map<std::string, std::string>& Checkpoint::metadata() const {
  return content_->metadata;
}

const std::vector<std::string>& Checkpoint::files() const { return content_->files; }

int64_t Checkpoint::num_bytes() const { return content_->num_bytes; }

}  // namespace braid::formats
