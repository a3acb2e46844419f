#include "train/tuning.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <mutex>

#include "core/error.h"
#include "core/file.h"
#include "encoders/transformer_stack.h"
#include "fusion/fusion.h"
#include "layers/layers.h"
#include "model/tensors.h"

namespace braid::train {
namespace {

bool begins_with(const std::string& name, const std::string& beginning) {
  return name.compare(0, beginning.size(), beginning) == 0;
}

// The number after "blocks." or "stages." in a parameter's name; -1 where it is in no block.
int64_t block_of(const std::string& name) {
  for (const char* word : {"blocks.", "stages.", "layers."}) {
    const size_t found = name.find(word);
    if (found == std::string::npos) continue;
    const size_t digits = found + std::string(word).size();
    if (digits < name.size() && std::isdigit(static_cast<unsigned char>(name[digits])) != 0)
      return std::stoll(name.substr(digits));
  }
  return -1;
}

// What stands before the blocks of the published families and of Braid's own encoders.
bool is_below_blocks(const std::string& name) {
  for (const char* part : {"words", "positions", "types", "patches", "class_token",
                           "distillation_token", "norm_before", "embedding", "stem", "input"})
    if (begins_with(name, part)) return true;
  return false;
}

bool is_attention(const std::string& module) {
  for (const char* part : {"query", "key", "value", "out"})
    if (module == part) return true;
  return false;
}

std::string last_part(const std::string& name) { return name.substr(name.find_last_of('.') + 1); }

}  // namespace

Tuning::Tuning(const TuningConfig& config, const std::vector<data::ModalitySpec>& all,
               model::Model* model)
    : config_(config), model_(model) {
  std::vector<std::string> known;
  for (const data::ModalitySpec& spec : all) known.push_back(spec.name);
  BRAID_CHECK(config.encoders.is_object(), config,
              "train.tuning.encoders: expected a way per modality ({{text: lora}}), got {}",
              config.encoders.dump());
  for (const auto& item : config.encoders.items())
    if (std::find(known.begin(), known.end(), item.key()) == known.end())
      throw Error(ErrorKind::config,
                  "train.tuning.encoders: " + unknown_name("modality", item.key(), known));
  std::vector<std::string> names;
  for (const data::ModalitySpec& spec : model->specs()) names.push_back(spec.name);
  const std::vector<std::string> modules = fusion::module_names(names);
  const std::vector<std::pair<std::string, Mode>> ways = {
      {"frozen", Mode::frozen}, {"bias", Mode::bias}, {"lora", Mode::lora}, {"full", Mode::full}};
  for (size_t m = 0; m < names.size(); ++m) {
    has_from_.push_back(model->config().encoders[names[m]].contains("from"));
    Mode mode = has_from_[m] ? Mode::frozen : Mode::full;
    if (config.encoders.contains(names[m])) {
      const Json& way = config.encoders[names[m]];
      const auto found =
          std::find_if(ways.begin(), ways.end(), [&](const auto& one) { return way == one.first; });
      BRAID_CHECK(found != ways.end(), config,
                  "train.tuning.encoders.{}: expected frozen, bias, lora or full, got {}", names[m],
                  way.dump());
      mode = found->second;
    }
    settle(m, mode, "encoders." + modules[m] + ".");
  }
  if (config.recompute)
    for (const auto& module : model->modules())
      if (auto* stack = module->as<encoders::TransformerStackImpl>()) stack->recomputes = true;
}

void Tuning::settle(size_t m, Mode mode, const std::string& prefix) {
  modes_.push_back(mode);
  last_depth_.push_back(0);
  if (mode == Mode::lora) {
    int64_t adapted = 0;
    for (const auto& item : model_->named_modules()) {
      if (!begins_with(item.key(), prefix)) continue;
      auto* linear = item.value()->as<layers::LinearImpl>();
      const std::string name = last_part(item.key());
      const bool is_chosen =
          is_attention(name) || (config_.adapts == "all" && (name == "up" || name == "down"));
      if (linear == nullptr || !is_chosen || linear->is_adapted()) continue;
      linear->adapt(config_.rank, config_.alpha);
      ++adapted;
    }
    BRAID_CHECK(
        adapted > 0, config,
        "train.tuning.encoders.{}: expected an encoder with attention, got one without; use "
        "bias or full",
        model_->specs()[m].name);
  }
  for (auto& item : model_->named_parameters()) {
    if (!begins_with(item.key(), prefix)) continue;
    const std::string own = item.key().substr(prefix.size());
    const std::string last = last_part(own);
    const bool learns = mode == Mode::full || (mode == Mode::bias && last == "bias") ||
                        (mode == Mode::lora && begins_with(last, "lora_"));
    item.value().set_requires_grad(learns);
    const int64_t block = block_of(own);
    last_depth_[m] = std::max(last_depth_[m], block + 2);
    if (learns)
      learners_.push_back({item.key(), item.value(), m,
                           block >= 0             ? block + 1
                           : is_below_blocks(own) ? 0
                                                  : std::numeric_limits<int64_t>::max()});
  }
  for (Learner& learner : learners_)
    if (learner.modality == m) learner.depth = std::min(learner.depth, last_depth_[m]);
}

void Tuning::scale_rates(AdamW* optimizer) const {
  if (config_.layer_decay >= 1) return;
  for (const Learner& learner : learners_)
    optimizer->scale_rate(
        learner.name, std::pow(config_.layer_decay,
                               static_cast<double>(last_depth_[learner.modality] - learner.depth)));
}

void Tuning::begin_epoch(int64_t epoch) {
  if (config_.unfreeze_epochs == 0) return;
  const int64_t unfrozen = (epoch - 1) / config_.unfreeze_epochs;  // blocks below the last
  for (Learner& learner : learners_) {
    if (!has_from_[learner.modality]) continue;
    // The last block and what stands above it learn from the start.
    const int64_t lowest = last_depth_[learner.modality] - 1 - unfrozen;
    learner.parameter.set_requires_grad(learner.depth >= lowest);
  }
}

std::vector<bool> Tuning::frozen() const {
  std::vector<bool> frozen;
  for (Mode mode : modes_) frozen.push_back(mode == Mode::frozen);
  return frozen;
}

void Tuning::finish() {
  for (const auto& module : model_->modules())
    if (auto* linear = module->as<layers::LinearImpl>()) linear->merge();
  for (Tensor& parameter : model_->parameters()) parameter.set_requires_grad(true);
}

torch::OrderedDict<std::string, at::Tensor> learning_parameters(const model::Model& model) {
  torch::OrderedDict<std::string, at::Tensor> learning;
  for (const auto& item : model.named_parameters())
    if (item.value().requires_grad()) learning.insert(item.key(), item.value());
  return learning;
}

std::vector<uint64_t> keep_encodings(const std::shared_ptr<model::Model>& model,
                                     const std::vector<bool>& is_frozen,
                                     const std::vector<size_t>& modalities,
                                     data::PreparedStore* store) {
  std::vector<uint64_t> keys(modalities.size(), 0);
  for (size_t m = 0; m < modalities.size(); ++m)
    if (is_frozen[m]) model->freeze(m);
  if (model->fusion().reads_taps()) return keys;
  auto mutex = std::make_shared<std::mutex>();  // an encoder serves one thread at a time
  for (size_t m = 0; m < modalities.size(); ++m) {
    if (!is_frozen[m]) continue;
    const std::string& name = model->specs()[m].name;
    keys[m] = std::max<uint64_t>(1, model->encoder_hash(m));
    if (store->has_encoding(modalities[m], keys[m])) continue;
    const data::ModalitySpec spec = model->specs()[m];
    const auto encode = [model, mutex, m, spec](const data::Prepared& sample) {
      const c10::InferenceMode inference;
      const std::vector<const data::Prepared*> one = {&sample};
      const c10::Device device = model->parameters()[0].device();
      const Input input = model::to_input(data::collate(spec, one), spec, device);
      Encoded encoded;
      {
        const std::lock_guard<std::mutex> lock(*mutex);
        encoded = model->encode_modality(input, m);
      }
      // Rows of real tokens alone: padding is the batch's.
      const Tensor real = encoded.tokens[0].index({encoded.mask[0]});
      const Tensor all =
          at::cat({encoded.pooled, real}).to(at::kCPU, at::kFloat).contiguous();  // [1 + T, D]
      data::Prepared kept;
      kept.present = true;
      kept.length = all.size(0);
      kept.values.assign(all.data_ptr<float>(), all.data_ptr<float>() + all.numel());
      return kept;
    };
    store->add_encoding(modalities[m], keys[m], model->encoder_width(m), encode);
  }
  return keys;
}

std::vector<uint64_t> kept_encodings(model::Model& model, const data::PreparedStore& store,
                                     const std::vector<size_t>& modalities) {
  std::vector<uint64_t> keys(modalities.size(), 0);
  if (model.fusion().reads_taps()) return keys;
  for (size_t m = 0; m < modalities.size(); ++m) {
    if (!store.has_encodings(modalities[m])) continue;
    const uint64_t key = std::max<uint64_t>(1, model.encoder_hash(m));
    if (store.has_encoding(modalities[m], key)) keys[m] = key;
  }
  return keys;
}

}  // namespace braid::train
