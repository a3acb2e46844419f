// From a config to encoders, fusion and head; and a model's parameters as named arrays.
#pragma once
#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "data/modality_spec.h"
#include "encoders/encoder.h"
#include "formats/safetensors.h"
#include "fusion/fusion.h"
#include "heads/head.h"
#include "model/make_encoder.h"
#include "ops/work.h"

namespace braid::model {

struct ModelConfig {
  std::vector<std::string> modalities;  // empty = all of the dataset
  Json encoders = Json::object();
  Json fusion = Json::object();
  Json head = Json::object();
  Json names = Json::object();
  template <class V>
  void visit(V& v) {
    v("modalities", modalities, any(), "modalities the model reads; empty = all");
    v("encoders", encoders, any(),
      "encoder per modality: {image: {name: image_cnn, width: 64}}, or {text: {from: FOLDER}} of a "
      "published checkpoint or a bundle; left out = the kind's default");
    v("fusion", fusion, any(), "fusion: {name: concat, hidden: [128]}");
    v("head", head, any(),
      "task head: {name: cross_entropy, label_smoothing: 0.1}; left out = the task's default");
    v("names", names, any(),
      "prefixes of parameter names in checkpoints: {encoders.text: text_encoder}");
  }
};

/// Encoders, one fusion, one head.
class Model : public torch::nn::Module {
 public:
  /// Every modality of `specs` gets an encoder: the configured one, or its kind's default (a raw
  /// one where the fusion reads raw features). Initial parameters come from libtorch's global
  /// generator: hold an ops::InitScope. Errors: config.
  Model(const ModelConfig& config, const std::vector<data::ModalitySpec>& specs,
        const heads::Context& head, Parameters first = Parameters::fresh);

  /// inputs[m] for modality m. Shapes: see Encoder and Fusion. In c10::InferenceMode on the CPU the
  /// encoders run side by side, one thread each, where that is likely to be the faster.
  std::vector<Encoded> encode(const std::vector<Input>& inputs);
  /// The same of the `chosen` ones alone; the others' stay as they are in *encoded (M).
  void encode(const std::vector<Input>& inputs, const std::vector<bool>& chosen,
              std::vector<Encoded>* encoded);
  /// That of modality m alone. Errors   shape, naming the modality.
  Encoded encode_modality(const Input& input, size_t m);
  Fused forward(const std::vector<Input>& inputs);

  /// Training mode for all but the encoders that were frozen: they run as they will later.
  void train(bool on = true) override;
  /// Keeps the encoder of modality m in evaluation mode from now on. Its parameters are as they
  /// were; whether they learn is their own matter.
  void freeze(size_t m);
  /// Of the encoder's config, parameters and buffers. Cost   reads them all.
  uint64_t encoder_hash(size_t m) const;
  int64_t encoder_width(size_t m) const { return encoders_[m]->width(); }
  /// Of modality m; what it hands out may be asked for in full (wants_hidden, wants_embedding).
  encoders::Encoder& encoder(size_t m) { return *encoders_[m]; }

  fusion::Fusion& fusion() { return *fusion_; }
  const fusion::Method& fusion_method() const { return *fusion_method_; }
  const heads::Head& head() const { return *head_; }
  const std::vector<data::ModalitySpec>& specs() const { return specs_; }
  const heads::Context& head_context() const { return head_context_; }
  /// The full effective config: every key of every part with its value.
  const ModelConfig& config() const { return config_; }
  int64_t num_parameters() const;
  /// What the checkpoints its encoders started from left to say.
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// Of each encoder, for one row as long as a row can be. Counted once, by running them.
  const std::vector<ops::Work>& encoder_work();

  /// Parameters and buffers under their checkpoint names (ModelConfig::names applied), float32 as
  /// F32, on the CPU.
  formats::SafeTensors state() const;
  /// Errors: format naming the first parameter that is missing, unexpected or of another shape.
  void load_state(const formats::SafeTensors& state, const std::string& where);
  /// Copies the encoder and the head of a model of modality `m` alone to their places here. Errors:
  /// config, when a parameter has no counterpart of its shape there.
  void copy_single(const Model& single, size_t m);

 private:
  void make_head();
  void make_encoders_and_fusion(fusion::Context* context);
  Parameters first_;
  std::vector<std::string> warnings_;
  std::string checkpoint_name(const std::string& name) const;
  // Empty where the encoders should run one after the other.
  std::vector<int64_t> side_by_side_order(const std::vector<Input>& inputs,
                                          const std::vector<bool>& chosen);
  ModelConfig config_;
  std::vector<data::ModalitySpec> specs_;
  heads::Context head_context_;
  std::vector<std::shared_ptr<encoders::Encoder>> encoders_;
  std::vector<bool> is_frozen_;
  std::shared_ptr<fusion::Fusion> fusion_;
  const fusion::Method* fusion_method_ = nullptr;
  std::unique_ptr<heads::Head> head_;
  std::vector<ops::Work> encoder_work_;  // empty until asked for
};

/// Indices into `specs` of the modalities a config names (all where it names none). Errors: config,
/// with the nearest name.
std::vector<size_t> choose_modalities(const ModelConfig& config,
                                      const std::vector<data::ModalitySpec>& specs);
/// The same of `names`.
std::vector<size_t> choose_modalities(const std::vector<std::string>& names,
                                      const std::vector<data::ModalitySpec>& specs);

}  // namespace braid::model
