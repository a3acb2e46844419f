#include "formats/hub_folder.h"

#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "formats/checkpoint.h"
#include "formats/folder.h"

namespace braid::formats {
namespace {

constexpr uint64_t kMaxJsonBytes = uint64_t{16} << 20;
constexpr size_t kMaxModules = 100;

constexpr int kMaxDepth = 64;  // what copies the values calls itself for every list in a list

void check_depth(const std::string& text, const std::string& path) {
  int depth = 0;
  bool is_quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_quoted && c == '\\') ++i;
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    depth += (c == '[' || c == '{' ? 1 : 0) - (c == ']' || c == '}' ? 1 : 0);
    BRAID_CHECK(depth <= kMaxDepth, format,
                "{}: byte {}: expected at most {} lists and objects in each other, got more", path,
                i, kMaxDepth);
  }
}

Json read_json(const std::string& path) {
  const std::string text = read_file(path, kMaxJsonBytes);
  check_depth(text, path);
  return parse_json(text, path);
}

Json read_object(const std::string& path) {
  Json object = read_json(path);
  BRAID_CHECK(object.is_object(), format, "{}: expected an object {{...}}, got {}", path,
              object.type_name());
  return object;
}

Json read_object_if_there(const std::string& folder, const char* name) {
  return stands_in(folder, name) ? read_object(join_path(folder, name)) : Json();
}

// "sentence_transformers.models.Pooling" -> "Pooling"; its folder is "" for the model's own.
struct Module {
  std::string type;
  std::string folder;
};

std::string text_of(const Json& module, const char* key, const std::string& where) {
  BRAID_CHECK(module.is_object() && module.contains(key) && module[key].is_string(), format,
              "{}: expected an object with the text '{}', got another thing", where, key);
  return module[key].get<std::string>();
}

std::vector<Module> read_modules(const std::string& folder) {
  if (!stands_in(folder, "modules.json")) return {};
  const std::string path = join_path(folder, "modules.json");
  const Json list = read_json(path);
  BRAID_CHECK(list.is_array() && !list.empty() && list.size() <= kMaxModules, format,
              "{}: expected a list of 1 to {} modules, got {} of {}", path, kMaxModules,
              list.type_name(), list.size());
  std::vector<Module> modules;
  for (const Json& item : list) {
    const std::string where = fmt::format("{}: module {}", path, modules.size());
    Module module{text_of(item, "type", where), text_of(item, "path", where)};
    BRAID_CHECK(stays_in_folder(module.folder), format,
                "{}: path: expected a place in the folder, got {}; a model reads no other files",
                where, item["path"].dump());
    module.type.erase(0, module.type.rfind('.') + 1);
    modules.push_back(std::move(module));
  }
  return modules;
}

struct PoolingMode {
  const char *name, *member, *other_name;
};
constexpr PoolingMode kPoolingModes[] = {
    {"cls", "pooling_mode_cls_token", "cls"},
    {"max", "pooling_mode_max_tokens", "max"},
    {"mean", "pooling_mode_mean_tokens", "mean"},
    {"mean_sqrt_len", "pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"},
    {"weightedmean", "pooling_mode_weightedmean_tokens", "weightedmean"},
    {"lasttoken", "pooling_mode_lasttoken", "lasttoken"}};

// A member for each mode, true or false; newer ones name the mode instead.
std::vector<std::string> read_pooling_modes(const Json& pooling, const std::string& where) {
  std::vector<std::string> modes;
  const bool is_named = pooling.contains("pooling_mode");
  for (const PoolingMode& mode : kPoolingModes) {
    if (is_named) {
      if (pooling["pooling_mode"] == mode.other_name) modes.emplace_back(mode.name);
    } else if (pooling.contains(mode.member)) {
      const Json& is_on = pooling[mode.member];
      BRAID_CHECK(is_on.is_boolean(), format, "{}: {}: expected true or false, got {}", where,
                  mode.member, is_on.type_name());
      if (is_on.get<bool>()) modes.emplace_back(mode.name);
    }
  }
  BRAID_CHECK(!modes.empty(), format,
              "{}: expected a pooling mode, such as \"pooling_mode_mean_tokens\": true, got {}",
              where, is_named ? "an unknown pooling_mode" : "none");
  return modes;
}

void read_sentence_modules(const std::vector<Module>& modules, HubFolder* found) {
  for (const Module& module : modules) {
    found->modules.push_back(module.type);
    if (module.type == "Normalize") found->normalizes = true;
    if (module.type == "Transformer" && !module.folder.empty())
      found->model_path = join_path(found->path, module.folder);
    if (module.type != "Pooling") continue;
    const std::string config = join_path(join_path(found->path, module.folder), "config.json");
    found->pooling = read_object(config);
    found->pooling_modes = read_pooling_modes(found->pooling, config);
  }
}

bool has_tokenizer(const std::string& folder) {
  for (const char* name : {"tokenizer.json", "vocab.txt", "vocab.json", "spiece.model",
                           "sentencepiece.bpe.model", "tokenizer.model"})
    if (stands_in(folder, name)) return true;
  return false;
}

}  // namespace

HubFolder read_hub_folder(const std::string& path) {
  HubFolder found;
  found.path = found.model_path = path;
  BRAID_CHECK(file_exists(path), io, "{}: expected a model's folder, got nothing there", path);
  read_sentence_modules(read_modules(path), &found);
  if (!stands_in(found.model_path, "config.json"))
    fail(ErrorKind::format, "{}: expected config.json, as a published model has, got {}",
         found.model_path, list_names(names_in_folder(found.model_path)));
  found.config = read_object(join_path(found.model_path, "config.json"));
  found.preprocessor = read_object_if_there(found.model_path, "preprocessor_config.json");
  found.sentences = read_object_if_there(found.model_path, "sentence_bert_config.json");
  found.has_tokenizer = has_tokenizer(found.model_path);
  found.has_weights = Checkpoint::stands_in_folder(found.model_path);
  if (!found.has_weights) return found;
  const Checkpoint checkpoint = Checkpoint::open(found.model_path);
  for (const TensorView& tensor : checkpoint.tensors())
    found.num_values[tensor.dtype] += num_values(tensor);
  return found;
}

}  // namespace braid::formats
