#include "model/make_encoder.h"

#include <algorithm>

#include "core/error.h"
#include "model/start.h"

namespace braid::model {
namespace {

// Takes the folder of {from: FOLDER} out of an encoder's node; "" where there is none.
std::string take_from(Json* node, const std::string& where) {
  if (!node->is_object() || !node->contains("from")) return "";
  const Json from = (*node)["from"];
  BRAID_CHECK(from.is_string() && !from.get<std::string>().empty(), config,
              "{}.from: expected the folder of a published checkpoint or a bundle, got {}", where,
              from.dump());
  node->erase("from");
  return from.get<std::string>();
}

std::shared_ptr<encoders::Encoder> start_encoder(const std::string& from, Json node,
                                                 const data::ModalitySpec& spec,
                                                 const std::string& where, Json* configs,
                                                 std::vector<std::string>* warnings) {
  const std::string name = take_name(&node, where, "");
  const Start start = Start::open(from, name, node, spec, where);
  std::shared_ptr<encoders::Encoder> encoder = start.method().make(start.config(), where, spec);
  for (std::string& warning : start.fill(*encoder)) warnings->push_back(std::move(warning));
  (*configs)[spec.name] =
      effective_config(start.method().name, start.method().describe(), start.config());
  (*configs)[spec.name]["from"] = from;
  return encoder;
}

}  // namespace

Json effective_config(const char* name, const std::vector<FieldDoc>& docs, const Json& given) {
  Json node = Json::object();
  node["name"] = name;
  for (const FieldDoc& doc : docs) {
    Json* target = &node;
    std::string key = doc.name;
    for (size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.')) {
      target = &(*target)[key.substr(0, dot)];
      key.erase(0, dot + 1);
    }
    (*target)[key] = doc.type == "text" ? Json(doc.default_value) : Json::parse(doc.default_value);
  }
  if (given.is_object()) node.merge_patch(given);
  node["name"] = name;
  return node;
}

std::string take_name(Json* node, const std::string& where, const std::string& fallback) {
  if (node->is_null()) *node = Json::object();
  if (node->is_string()) *node = Json{{"name", *node}};
  BRAID_CHECK(node->is_object(), config, "{}: expected an object with a name, got {}", where,
              node->dump());
  if (!node->contains("name")) return fallback;
  BRAID_CHECK((*node)["name"].is_string(), config, "{}.name: expected text, got {}", where,
              (*node)["name"].dump());
  const std::string name = (*node)["name"].get<std::string>();
  node->erase("name");
  return name == "auto" ? fallback : name;
}

void check_encoder_names(const Json& encoders, const std::vector<std::string>& modalities) {
  BRAID_CHECK(encoders.is_object(), config, "model.encoders: expected an object, got {}",
              encoders.dump());
  for (const auto& item : encoders.items())
    if (std::find(modalities.begin(), modalities.end(), item.key()) == modalities.end())
      throw Error(ErrorKind::config,
                  "model.encoders: " + unknown_name("modality", item.key(), modalities));
}

std::shared_ptr<encoders::Encoder> make_encoder(const data::ModalitySpec& spec, bool is_raw,
                                                Parameters first, Json* configs,
                                                std::vector<std::string>* warnings) {
  const std::string where = "model.encoders." + spec.name;
  Json node = configs->value(spec.name, Json::object());
  const std::string from = take_from(&node, where);
  if (!from.empty() && first == Parameters::fresh)
    return start_encoder(from, node, spec, where, configs, warnings);
  const std::string name = take_name(&node, where, encoders::default_for(spec.kind, is_raw).name);
  const encoders::Method& method = encoders::find(name);
  BRAID_CHECK(method.reads(spec.kind), config,
              "{}: '{}' does not read {}; leave the name out for the default", where, name,
              data::to_string(spec.kind));
  std::shared_ptr<encoders::Encoder> encoder = method.make(node, where, spec);
  (*configs)[spec.name] = effective_config(method.name, method.describe(), node);
  if (!from.empty()) (*configs)[spec.name]["from"] = from;
  return encoder;
}

}  // namespace braid::model
