#include "model/start.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/file.h"
#include "encoders/checkpoint_family.h"
#include "formats/hub_folder.h"
#include "model/bundle.h"
#include "model/bundle_folder.h"
#include "model/shared_space.h"

namespace braid::model {

struct Start::State {
  std::string where;
  const encoders::Method* method = nullptr;
  Json config;
  std::optional<formats::Checkpoint> checkpoint;    // of a published folder, or
  std::shared_ptr<const torch::nn::Module> holder;  // a bundle's model or space,
  std::string prefix;                               // with the encoder's parameters under this
};

namespace {

void check_name(const std::string& name, const encoders::Method& method, const std::string& where) {
  BRAID_CHECK(name.empty() || name == method.name, config,
              "{}: the folder's encoder is {}, the config's '{}'; leave the name out", where,
              method.name, name);
}

// How sentence-transformers pools the tokens, where the folder says so.
void read_pooling(const formats::HubFolder& folder, const std::string& where, Json* config) {
  if (folder.pooling_modes.empty()) return;
  const std::string& mode = folder.pooling_modes.front();
  BRAID_CHECK(folder.pooling_modes.size() == 1 && (mode == "mean" || mode == "cls"), config,
              "{}: 1_Pooling: expected mean or cls, got {}; set `pooled` to choose one", where,
              fmt::join(folder.pooling_modes, ", "));
  (*config)["pooled"] = mode;
}

// The bundle's modality of that name, or its only one of the kind.
size_t modality_of(const std::vector<data::ModalitySpec>& specs, const data::ModalitySpec& spec,
                   const std::string& where) {
  std::vector<size_t> same_kind;
  for (size_t m = 0; m < specs.size(); ++m) {
    if (specs[m].kind != spec.kind) continue;
    if (specs[m].name == spec.name) return m;
    same_kind.push_back(m);
  }
  BRAID_CHECK(same_kind.size() == 1, config,
              "{}: expected a modality \"{}\" in the bundle, or one of its kind ({}), got {}; name "
              "the modality as the bundle does",
              where, spec.name, data::to_string(spec.kind), same_kind.size());
  return same_kind[0];
}

}  // namespace

Start Start::open(const std::string& path, const std::string& name, const Json& own,
                  const data::ModalitySpec& spec, const std::string& where) {
  auto state = std::make_shared<State>();
  state->where = where + ": " + path;
  if (file_exists(path + "/preparation.json")) {
    std::vector<data::ModalitySpec> specs;
    Json encoders;
    if (is_shared_space(read_bundle_config(path))) {
      const std::shared_ptr<SharedSpace> space = SharedSpace::load(path);
      specs = space->specs();
      encoders = space->encoders_config().encoders;
      state->holder = space;
    } else {
      const std::shared_ptr<Model> model = load_bundle(path).model;
      specs = model->specs();
      encoders = model->config().encoders;
      state->holder = model;
    }
    const size_t m = modality_of(specs, spec, state->where);
    std::vector<std::string> names;
    for (const data::ModalitySpec& one : specs) names.push_back(one.name);
    state->config = encoders.at(names[m]);
    state->method = &encoders::find(state->config.at("name").get<std::string>());
    state->config.erase("name");
    state->config.erase("from");
    state->prefix = "encoders." + fusion::module_names(names)[m] + ".";
  } else {
    const formats::HubFolder folder = formats::read_hub_folder(path);
    const auto type = folder.config.find("model_type");
    BRAID_CHECK(
        type != folder.config.end() && type->is_string(), config,
        "{}: config.json: model_type: expected text, got {}; is it a model of transformers?",
        state->where, type == folder.config.end() ? "nothing" : type->dump());
    state->method = &encoders::find_for(type->get<std::string>(), spec.kind, state->where);
    state->checkpoint = formats::Checkpoint::open(folder.model_path);
    state->config = encoders::published_config(state->method->family(), folder.config,
                                               *state->checkpoint, state->where);
    if (!own.contains("pooled")) read_pooling(folder, state->where, &state->config);
  }
  check_name(name, *state->method, where);
  if (own.is_object()) state->config.merge_patch(own);
  return Start(std::move(state));
}

const encoders::Method& Start::method() const { return *state_->method; }
const Json& Start::config() const { return state_->config; }

std::vector<std::string> Start::fill(encoders::Encoder& encoder) const {
  if (state_->checkpoint) {
    const encoders::Unused unused = encoders::load_published(encoder, state_->method->family(),
                                                             *state_->checkpoint, state_->where);
    if (unused.unknown.empty()) return {};
    const size_t shown = std::min<size_t>(unused.unknown.size(), 8);
    return {fmt::format("{}: {} tensors have no place in {}: {}{}", state_->where,
                        unused.unknown.size(), state_->method->name,
                        fmt::join(unused.unknown.begin(), unused.unknown.begin() + shown, ", "),
                        shown < unused.unknown.size() ? ", ..." : "")};
  }
  const torch::NoGradGuard no_grad;
  const auto parameters = state_->holder->named_parameters();
  const auto buffers = state_->holder->named_buffers();
  const auto copy = [&](const std::string& name, Tensor& to) {
    const Tensor* found = parameters.find(state_->prefix + name);
    if (found == nullptr) found = buffers.find(state_->prefix + name);
    BRAID_CHECK(
        found != nullptr && found->sizes() == to.sizes(), format,
        "{}: parameter '{}' is not in the bundle, or has another shape there; change no key "
        "that changes shapes",
        state_->where, name);
    to.copy_(*found);
  };
  for (auto& item : encoder.named_parameters()) copy(item.key(), item.value());
  for (auto& item : encoder.named_buffers()) copy(item.key(), item.value());
  return {};
}

}  // namespace braid::model
