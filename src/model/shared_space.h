// Encoders of several modalities whose vectors lie in one space: near where they mean the same.
#pragma once
#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/json.h"
#include "data/prepare.h"
#include "encoders/encoder.h"
#include "layers/layers.h"
#include "model/make_encoder.h"

namespace braid::model {

/// Which encoders a space has.
struct SpaceEncodersConfig {
  std::vector<std::string> modalities;  // empty = all of the dataset
  Json encoders = Json::object();
  template <class V>
  void visit(V& v) {
    v("modalities", modalities, any(), "modalities of the space, two or more; empty = all");
    v("encoders", encoders, any(),
      "encoder per modality: {image: {name: image_cnn, width: 64}}, or {text: {from: FOLDER}} of a "
      "published checkpoint or a bundle; left out = the kind's default");
  }
};

struct SpaceConfig {
  int64_t width = 128;
  std::string projection = "linear";
  std::string loss = "infonce";
  double temperature = 0.07;
  double bias = -10;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 8192), "E: numbers of a vector of the space");
    v("projection", projection, one_of({"linear", "mlp", "none"}),
      "from an encoder's pooled vector into the space; none takes the vector the encoder itself "
      "was trained to share, as CLIP's have one");
    v("loss", loss, one_of({"infonce", "sigmoid"}),
      "infonce: which of a batch is the partner (CLIP); sigmoid: partner or not, each pair by "
      "itself (SigLIP)");
    v("temperature", temperature, between(0.01, 100),
      "where the learned temperature begins: cosines are divided by it");
    v("bias", bias, between(-100, 100), "sigmoid: where the learned bias begins");
  }
};

/// Vectors of one modality's samples.
struct Embedded {
  at::Tensor rows;     // (N, E) of length 1; zeros where the sample lacks the modality
  at::Tensor present;  // (N) bool
};

/// One encoder and one projection a modality, a scale and a bias. Parameters: "encoders.NAME.*",
/// "projections.NAME.*", "logit_scale" (the log of 1 / temperature) and "logit_bias".
class SharedSpace : public torch::nn::Module {
 public:
  /// Initial parameters come from libtorch's global generator: hold an ops::InitScope.
  ///
  /// Errors   config: fewer than two modalities, an unknown one; as make_encoder(); projection none
  ///          where an encoder has no vector of its own, or one of another width.
  SharedSpace(const SpaceConfig& config, const SpaceEncodersConfig& encoders,
              data::Preparation preparation, Parameters first = Parameters::fresh);

  /// A folder that write() or 'braid contrast' wrote, or a published checkpoint of two towers
  /// (model_type clip, siglip or clap), whose modalities are then named after their kinds: text and
  /// image or audio. In evaluation mode.
  ///
  /// Errors   io, format, config: a folder of something else, naming what it is.
  static std::shared_ptr<SharedSpace> load(const std::string& folder);
  /// Writes config.json, model.safetensors, preparation.json with its vocabularies and metrics.json
  /// as a whole. Errors   io; what stood at `folder` is then untouched.
  void write(const std::string& folder, const Json& metrics) const;

  /// Prepares on `num_threads` threads and encodes without gradients, in blocks of bounded memory.
  ///
  /// Shapes   samples N, `modality` an index into modalities() -> N rows.
  /// Missing  a row of zeros that is not present.
  /// Errors   data or format, naming the sample and field.
  Embedded embed(const std::vector<data::Sample>& samples, size_t modality, int num_threads = 1);
  /// The same of a prepared batch on the parameters' device, with gradients where they are on.
  Embedded embed(const Input& input, size_t modality);

  /// What cosines are multiplied by, and what the sigmoid loss then adds.
  at::Tensor logit_scale() const { return log_scale_.exp(); }
  at::Tensor logit_bias() const { return bias_; }
  /// Brings the scale down to 100, as CLIP's training does after each step.
  void clamp_scale();

  /// Names, in the order of `modality` above.
  const std::vector<std::string>& modalities() const { return encoders_config_.modalities; }
  const std::vector<data::ModalitySpec>& specs() const { return specs_; }
  const data::Preparation& preparation() const { return preparation_; }
  /// Of modalities(), as indices of the preparation.
  const std::vector<size_t>& prepared_modalities() const { return prepared_modalities_; }
  /// E.
  int64_t width() const { return config_.width; }
  const SpaceConfig& config() const { return config_; }
  /// Every key of every encoder with its value.
  const SpaceEncodersConfig& encoders_config() const { return encoders_config_; }
  encoders::Encoder& encoder(size_t modality) { return *encoders_[modality]; }
  c10::Device device() const { return log_scale_.device(); }
  int64_t num_parameters() const;

  /// Keeps the encoder of a modality as it is: its parameters no longer learn, and it runs in
  /// evaluation mode.
  void freeze(size_t modality);
  void train(bool on = true) override;
  /// What the checkpoints its encoders started from left to say.
  const std::vector<std::string>& warnings() const { return warnings_; }
  const Json& metrics() const { return metrics_; }

 private:
  static std::shared_ptr<SharedSpace> load_published(const std::string& folder);
  void make_projections(const std::vector<std::string>& modules);
  SpaceConfig config_;
  SpaceEncodersConfig encoders_config_;
  data::Preparation preparation_;
  std::vector<size_t> prepared_modalities_;
  std::vector<data::ModalitySpec> specs_;
  std::vector<std::shared_ptr<encoders::Encoder>> encoders_;
  std::vector<layers::Mlp> projections_;  // empty where the encoders have vectors of their own
  std::vector<bool> is_frozen_;
  at::Tensor log_scale_, bias_;
  std::vector<std::string> warnings_;
  Json metrics_ = Json::object();
};

}  // namespace braid::model
