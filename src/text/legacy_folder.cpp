#include "text/legacy_folder.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/file.h"

namespace braid::text {
namespace {

constexpr uint64_t kMaxConfig_bytes = 64 << 20;

PlainJson read_object(const std::string& file) {
  if (file.empty()) return PlainJson::object();
  PlainJson value = parse_plain_json(read_file(file, kMaxConfig_bytes), file);
  BRAID_CHECK(value.is_object(), format, "{}: expected an object, got {}", file, value.type_name());
  return value;
}

/// "[CLS]" or {"content": "[CLS]", ...}; "" for anything else.
std::string content_of(const PlainJson& token) {
  if (token.is_string()) return token.get<std::string>();
  if (!token.is_object() || !token.contains("content")) return "";
  const PlainJson& content = token.at("content");
  return content.is_string() ? content.get<std::string>() : "";
}

bool flag_of(const PlainJson& token, const char* key, bool otherwise) {
  const auto found = token.is_object() ? token.find(key) : token.end();
  return found != token.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

}  // namespace

LegacyFolder::LegacyFolder(std::string folder) : folder_(std::move(folder)) {
  config_ = read_object(file("tokenizer_config.json"));
  specials_ = read_object(file("special_tokens_map.json"));
  added_ = read_object(file("added_tokens.json"));
  model_config_ = read_object(file("config.json"));
}

std::string LegacyFolder::file(const char* name) const {
  const std::string path = join_path(folder_, name);
  return file_exists(path) ? path : "";
}

const PlainJson& LegacyFolder::value(const char* key) const {
  static const PlainJson none;
  const auto found = config_.find(key);
  return found == config_.end() ? none : *found;
}

bool LegacyFolder::flag_or(const char* key, bool otherwise) const {
  return flag_of(config_, key, otherwise);
}

std::string LegacyFolder::kind() const {
  const PlainJson& named = value("tokenizer_class");
  if (named.is_string()) {
    const auto name = named.get<std::string>();
    return name.substr(0, name.find("Tokenizer"));
  }
  static const std::map<std::string, std::string> kKinds = {{"bert", "Bert"},
                                                            {"distilbert", "DistilBert"},
                                                            {"electra", "Electra"},
                                                            {"mpnet", "MPNet"},
                                                            {"gpt2", "GPT2"},
                                                            {"roberta", "Roberta"},
                                                            {"clip", "CLIP"},
                                                            {"whisper", "Whisper"},
                                                            {"t5", "T5"},
                                                            {"albert", "Albert"},
                                                            {"xlm-roberta", "XLMRoberta"}};
  const auto type = model_config_.find("model_type");
  if (type == model_config_.end() || !type->is_string()) return "";
  const auto found = kKinds.find(type->get<std::string>());
  return found == kKinds.end() ? type->get<std::string>() : found->second;
}

const PlainJson* LegacyFolder::find_token(const char* role) const {
  for (const PlainJson* object : {&config_, &specials_}) {
    const auto found = object->find(role);
    if (found != object->end() && !content_of(*found).empty()) return &*found;
  }
  return nullptr;
}

std::string LegacyFolder::token(const char* role, const std::string& otherwise) const {
  const PlainJson* found = find_token(role);
  return found == nullptr ? otherwise : content_of(*found);
}

PlainJson LegacyFolder::special(const char* role, const std::string& otherwise, bool is_normalized,
                                bool takes_left_space) const {
  PlainJson made = added_token(token(role, otherwise), true, is_normalized, takes_left_space);
  const PlainJson* found = find_token(role);
  if (found == nullptr || !found->is_object()) return made;
  for (const char* key : {"single_word", "lstrip", "rstrip", "normalized"})
    made[key] = flag_of(*found, key, made[key].get<bool>());
  return made;
}

/// Appends the tokens that the configs list beside those with a role.
void LegacyFolder::add_listed(std::vector<PlainJson>& specials) const {
  const auto decoder = config_.find("added_tokens_decoder");
  if (decoder != config_.end() && decoder->is_object()) {
    // By their numbers, not by these as texts.
    std::map<int64_t, PlainJson> by_id;
    for (const auto& [id, token] : decoder->items()) {
      PlainJson made =
          added_token(content_of(token), flag_of(token, "special", false),
                      flag_of(token, "normalized", false), flag_of(token, "lstrip", false));
      made["rstrip"] = flag_of(token, "rstrip", false);
      made["single_word"] = flag_of(token, "single_word", false);
      by_id[std::strtoll(id.c_str(), nullptr, 10)] = std::move(made);
    }
    for (auto& [id, token] : by_id) specials.push_back(std::move(token));
  }
  for (const PlainJson* object : {&config_, &specials_}) {
    const auto more = object->find("additional_special_tokens");
    if (more == object->end() || !more->is_array()) continue;
    for (const PlainJson& token : *more)
      specials.push_back(added_token(content_of(token), true, flag_of(token, "normalized", false),
                                     flag_of(token, "lstrip", false)));
  }
}

PlainJson LegacyFolder::added_tokens(std::vector<PlainJson> specials,
                                     const PlainJson& vocabulary) const {
  add_listed(specials);
  std::map<int64_t, PlainJson> by_id;
  std::vector<PlainJson> rest;  // those with no id of their own yet
  const auto put = [&](const PlainJson& token, int64_t id) {
    PlainJson made = token;
    made["id"] = id;
    by_id.emplace(id, std::move(made));
  };
  const auto id_in = [](const PlainJson& ids, const std::string& content) {
    const auto found = ids.find(content);
    return found != ids.end() && found->is_number_integer() ? found->get<int64_t>() : -1;
  };
  for (const PlainJson& token : specials) {
    const auto content = token.at("content").get<std::string>();
    if (content.empty()) continue;
    const int64_t known = id_in(vocabulary, content);
    const int64_t id = known >= 0 ? known : id_in(added_, content);
    if (id >= 0)
      put(token, id);
    else
      rest.push_back(token);
  }
  for (const auto& [content, id] : added_.items()) {
    BRAID_CHECK(id.is_number_integer(), format, "{}: added_tokens.json: '{}': expected an id",
                folder_, content);
    const int64_t known = id_in(vocabulary, content);
    put(added_token(content, false, true, false), known >= 0 ? known : id.get<int64_t>());
  }
  auto next = static_cast<int64_t>(vocabulary.size());
  if (!by_id.empty()) next = std::max(next, by_id.rbegin()->first + 1);
  std::vector<std::string> seen;
  for (const PlainJson& token : rest) {
    const auto content = token.at("content").get<std::string>();
    if (std::find(seen.begin(), seen.end(), content) != seen.end()) continue;
    seen.push_back(content);
    put(token, next++);
  }
  PlainJson list = PlainJson::array();
  for (auto& [id, token] : by_id) list.push_back(std::move(token));
  return list;
}

PlainJson added_token(const std::string& content, bool is_special, bool is_normalized,
                      bool takes_left_space) {
  return {{"content", content},         {"special", is_special}, {"normalized", is_normalized},
          {"lstrip", takes_left_space}, {"rstrip", false},       {"single_word", false}};
}

PlainJson template_processing(const std::vector<std::string>& single,
                              const std::vector<std::string>& pair, const PlainJson& ids) {
  PlainJson specials = PlainJson::object();
  const auto pieces = [&](const std::vector<std::string>& words) {
    PlainJson list = PlainJson::array();
    for (const std::string& word : words) {
      const size_t colon = word.rfind(':');
      const std::string name = word.substr(0, colon);
      const int type_id = word[colon + 1] - '0';
      if (name == "$A" || name == "$B") {
        list.push_back({{"Sequence", {{"id", name.substr(1)}, {"type_id", type_id}}}});
        continue;
      }
      list.push_back({{"SpecialToken", {{"id", name}, {"type_id", type_id}}}});
      specials[name] = {{"id", name},
                        {"ids", PlainJson::array({ids.at(name)})},
                        {"tokens", PlainJson::array({name})}};
    }
    return list;
  };
  PlainJson made = {{"type", "TemplateProcessing"}};
  made["single"] = pieces(single);
  made["pair"] = pieces(pair);
  made["special_tokens"] = specials;
  return made;
}

}  // namespace braid::text
