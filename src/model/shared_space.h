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
  int64_t members = 1;
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
    v("members", members, between(1, 64),
      "sets of encoders with a loss and, but for what starts from a folder, first parameters of "
      "their own, whose vectors stand side by side: an ensemble, for as many times the work");
  }
};

/// Vectors of one modality's samples.
struct Embedded {
  at::Tensor rows;     // (N, E) of length 1; zeros where the sample lacks the modality
  at::Tensor present;  // (N) bool
};

/// One encoder and one projection a modality and member, a scale and a bias. A cosine is the mean
/// of the members' cosines. Parameters: "encoders.NAME.*" and "projections.NAME.*" of the first
/// member, the same after "member2." and so on, "logit_scale" (the log of 1 / temperature),
/// "logit_bias".
///
/// Source   Lakshminarayanan et al. 2017, arXiv:1612.01474 (ensembles by their first parameters).
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
  /// E, of all members.
  int64_t width() const { return config_.width * config_.members; }
  /// Vectors of one member, from 0, of length 1. Shapes   (N, E) -> (N, E / members).
  at::Tensor member_rows(const at::Tensor& rows, int64_t member) const;
  const SpaceConfig& config() const { return config_; }
  /// Every key of every encoder with its value.
  const SpaceEncodersConfig& encoders_config() const { return encoders_config_; }
  /// The first member's.
  encoders::Encoder& encoder(size_t modality) { return *members_[0].encoders[modality]; }
  /// What the names of a modality's encoder parameters begin with, by member.
  std::vector<std::string> encoder_prefixes(size_t modality) const;
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
  // One encoder and projection a modality.
  struct Member {
    std::vector<std::shared_ptr<encoders::Encoder>> encoders;
    std::vector<layers::Mlp> projections;  // empty where encoders have vectors of their own
  };
  Member make_member(torch::nn::Module* parent, Parameters first, Json* encoders,
                     std::vector<std::string>* warnings);
  void make_projections(torch::nn::Module* parent, Member* member);
  SpaceConfig config_;
  SpaceEncodersConfig encoders_config_;
  data::Preparation preparation_;
  std::vector<size_t> prepared_modalities_;
  std::vector<data::ModalitySpec> specs_;
  std::vector<Member> members_;
  std::vector<bool> is_frozen_;
  at::Tensor log_scale_, bias_;
  std::vector<std::string> warnings_;
  Json metrics_ = Json::object();
};

}  // namespace braid::model
