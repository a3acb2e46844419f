#include "model/model.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/file.h"
#include "model/make_encoder.h"
#include "model/module_state.h"
#include "model/random_input.h"
#include "model/tensors.h"
#include "ops/side_by_side.h"

namespace braid::model {

Model::Model(const ModelConfig& config, const std::vector<data::ModalitySpec>& specs,
             const heads::Context& head, Parameters first)
    : first_(first), config_(config), specs_(specs), head_context_(head) {
  BRAID_CHECK(!specs.empty(), config, "model.modalities: expected at least one modality, got none");
  fusion::Context context;
  for (const data::ModalitySpec& spec : specs) context.modalities.push_back(spec.name);
  config_.modalities = context.modalities;
  BRAID_CHECK(config_.names.is_object(), config, "model.names: expected an object, got {}",
              config_.names.dump());
  for (const auto& item : config_.names.items())
    BRAID_CHECK(item.value().is_string(), config,
                "model.names.{}: expected a prefix of names, got {}", item.key(),
                item.value().dump());
  make_head();
  make_encoders_and_fusion(&context);
}

void Model::make_head() {
  const std::string name =
      take_name(&config_.head, "model.head", heads::default_for(head_context_.task).name);
  const heads::Method& method = heads::find(name);
  BRAID_CHECK(method.applies(head_context_.task), config,
              "model.head: '{}' does not fit a {} target; leave model.head out for the default",
              name, metrics::to_string(head_context_.task));
  head_ = method.make(config_.head, "model.head", head_context_);
  config_.head = effective_config(method.name, method.describe(), config_.head);
}

// Which encoders are the default depends on the fusion, and the fusion's size on the encoders.
void Model::make_encoders_and_fusion(fusion::Context* context) {
  const std::string name =
      take_name(&config_.fusion, "model.fusion", specs_.size() == 1 ? "single" : "concat");
  fusion_method_ = &fusion::find(name);
  context->num_outputs = head_->num_outputs();
  context->activation = head_->activation();
  BRAID_CHECK(fusion_method_->supports(context->activation), config,
              "model.fusion: '{}' does not fit a {} target; use 'average' or 'concat'", name,
              metrics::to_string(head_context_.task));
  check_encoder_names(config_.encoders, context->modalities);
  const std::vector<std::string> modules = fusion::module_names(context->modalities);
  auto folder = register_module("encoders", std::make_shared<torch::nn::Module>());
  for (size_t m = 0; m < specs_.size(); ++m) {
    encoders_.push_back(
        make_encoder(specs_[m], fusion_method_->reads_raw, first_, &config_.encoders, &warnings_));
    folder->register_module(modules[m], encoders_.back());
    context->widths.push_back(encoders_.back()->width());
    context->tap_widths.push_back(encoders_.back()->tap_widths());
  }
  fusion_ =
      register_module("fusion", fusion_method_->make(config_.fusion, "model.fusion", *context));
  config_.fusion =
      effective_config(fusion_method_->name, fusion_method_->describe(), config_.fusion);
  for (const auto& encoder : encoders_) encoder->wants_taps = fusion_->reads_taps();
}

void Model::train(bool on) {
  torch::nn::Module::train(on);
  for (size_t m = 0; m < is_frozen_.size(); ++m)
    if (is_frozen_[m]) encoders_[m]->eval();
}

void Model::freeze(size_t m) {
  is_frozen_.resize(encoders_.size(), false);
  is_frozen_[m] = true;
  encoders_[m]->eval();
}

uint64_t Model::encoder_hash(size_t m) const {
  uint64_t hash = hash_bytes(config_.encoders.at(specs_[m].name).dump());
  for (const auto& item : named_state(*encoders_[m])) {
    const Tensor own = item.value().detach().to(at::kCPU).contiguous();
    hash = hash_bytes({static_cast<const char*>(own.data_ptr()), own.nbytes()}, hash);
  }
  return hash;
}

Encoded Model::encode_modality(const Input& input, size_t m) {
  try {
    return encoders_[m]->forward(input);
  } catch (const Error& e) {
    rethrow_with(e, specs_[m].name);
  }
}

const std::vector<ops::Work>& Model::encoder_work() {
  while (encoder_work_.size() < encoders_.size()) {
    const size_t m = encoder_work_.size();
    const std::vector<Tensor> all = parameters();
    const c10::Device device = all.empty() ? c10::Device(at::kCPU) : all[0].device();
    const Input input = to_device(random_input(specs_[m], /*rows=*/1), device);
    const c10::InferenceMode inference;
    const ops::WorkScope scope;
    encoders_[m]->forward(input);
    encoder_work_.push_back(scope.work());
  }
  return encoder_work_;
}

std::vector<int64_t> Model::side_by_side_order(const std::vector<Input>& inputs,
                                               const std::vector<bool>& chosen) {
  const auto is_float_on_cpu = [](const Input& input) {
    return input.present.device().is_cpu() &&
           (!input.values.defined() || input.values.scalar_type() == at::kFloat);
  };
  if (!c10::InferenceMode::is_enabled() || is_training() || encoders_.size() < 2 ||
      at::get_num_threads() < 2 || !std::all_of(inputs.begin(), inputs.end(), is_float_on_cpu))
    return {};
  std::vector<ops::Work> work = encoder_work();
  for (size_t m = 0; m < work.size(); ++m) {
    if (!chosen[m] || is_known_false(inputs[m].present)) work[m] = {};
    int64_t& multiply_adds = work[m].multiply_adds;
    multiply_adds *= inputs[m].present.size(0);
    const bool has_length = inputs[m].mask.defined() && specs_[m].max_length > 0;
    if (has_length) multiply_adds = multiply_adds * inputs[m].mask.size(1) / specs_[m].max_length;
  }
  return ops::order_side_by_side(work, at::get_num_threads());
}

std::vector<Encoded> Model::encode(const std::vector<Input>& inputs) {
  std::vector<Encoded> encoded(inputs.size());
  encode(inputs, std::vector<bool>(inputs.size(), true), &encoded);
  return encoded;
}

void Model::encode(const std::vector<Input>& inputs, const std::vector<bool>& chosen,
                   std::vector<Encoded>* encoded) {
  BRAID_CHECK(inputs.size() == encoders_.size(), shape, "model: expected {} modalities, got {}",
              encoders_.size(), inputs.size());
  BRAID_ASSERT(chosen.size() == inputs.size() && encoded->size() == inputs.size());
  const auto run = [&](int64_t m) {
    const auto i = static_cast<size_t>(m);
    if (chosen[i]) (*encoded)[i] = encode_modality(inputs[i], i);
  };
  const std::vector<int64_t> order = side_by_side_order(inputs, chosen);
  if (!order.empty()) {
    ops::side_by_side(order, run);
  } else {
    for (size_t m = 0; m < inputs.size(); ++m) run(static_cast<int64_t>(m));
  }
}

Fused Model::forward(const std::vector<Input>& inputs) { return fusion_->forward(encode(inputs)); }

int64_t Model::num_parameters() const {
  int64_t total = 0;
  for (const Tensor& parameter : parameters()) total += parameter.numel();
  return total;
}

std::string Model::checkpoint_name(const std::string& name) const {
  // The longest prefix of whole name parts wins.
  std::string best_prefix, best;
  for (const auto& item : config_.names.items()) {
    const std::string& prefix = item.key();
    const bool fits = name.compare(0, prefix.size(), prefix) == 0 &&
                      (name.size() == prefix.size() || name[prefix.size()] == '.');
    if (fits && prefix.size() > best_prefix.size()) {
      best_prefix = prefix;
      best = item.value().get<std::string>() + name.substr(prefix.size());
    }
  }
  return best_prefix.empty() ? name : best;
}

formats::SafeTensors Model::state() const {
  return module_state(*this, [this](const std::string& name) { return checkpoint_name(name); });
}

void Model::load_state(const formats::SafeTensors& state, const std::string& where) {
  load_module_state(state, where, this,
                    [this](const std::string& name) { return checkpoint_name(name); });
}

void Model::copy_single(const Model& single, size_t m) {
  BRAID_ASSERT(single.specs_.size() == 1 && m < specs_.size());
  torch::NoGradGuard no_grad;
  const std::string here = fusion::module_names(config_.modalities)[m];
  const std::string there = fusion::module_names(single.config_.modalities)[0];
  const auto source = named_state(single);
  for (const std::string part : {"encoders.", "fusion.heads."}) {
    const std::string prefix = part + here + ".";
    for (auto& item : named_state(*this)) {
      if (item.key().compare(0, prefix.size(), prefix) != 0) continue;
      const Tensor* found = source.find(part + there + "." + item.key().substr(prefix.size()));
      BRAID_CHECK(found != nullptr && found->sizes() == item.value().sizes(), config,
                  "fusion {}: parameter '{}' is not in the model of {} alone, or has another shape "
                  "there; give both the same hidden and missing",
                  fusion_method_->name, item.key(), specs_[m].name);
      item.value().copy_(*found);
    }
  }
}

std::vector<size_t> choose_modalities(const ModelConfig& config,
                                      const std::vector<data::ModalitySpec>& specs) {
  return choose_modalities(config.modalities, specs);
}

std::vector<size_t> choose_modalities(const std::vector<std::string>& names,
                                      const std::vector<data::ModalitySpec>& specs) {
  std::vector<size_t> chosen;
  std::vector<std::string> known;
  for (const data::ModalitySpec& spec : specs) known.push_back(spec.name);
  if (names.empty()) {
    for (size_t m = 0; m < specs.size(); ++m) chosen.push_back(m);
    return chosen;
  }
  for (const std::string& name : names) {
    size_t m = 0;
    while (m < known.size() && known[m] != name) ++m;
    if (m == known.size())
      throw Error(ErrorKind::config, "model.modalities: " + unknown_name("modality", name, known));
    chosen.push_back(m);
  }
  return chosen;
}

}  // namespace braid::model
