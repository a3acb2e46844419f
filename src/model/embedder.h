// Vectors of samples, by whatever a folder holds that makes some.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "data/prepare.h"
#include "encoders/encoder.h"
#include "model/shared_space.h"

namespace braid::model {

/// For what a person typed: a text of unknown words would be answered, with noise.
///
/// `modality` is an index of the preparation.
/// Errors   data: texts of which a learned vocabulary knows nothing, named; a published one spells
///          all it can and is not asked.
void check_says_something(const data::Preparation& preparation, size_t modality,
                          const std::vector<data::Sample>& samples);

/// The modalities of a folder and the vectors that it makes of them, each of length 1.
class Embedder {
 public:
  /// A folder that SharedSpace::load() takes; a bundle that predicts; or a published checkpoint of
  /// one encoder, whose modality is named after its kind. An encoder of its own gives the vector it
  /// was trained to share where it has one, else its pooled one. Encoders of a bundle share no
  /// space: vectors of two of them are not comparable.
  ///
  /// Errors   io, format, config: a folder of something else, naming what it is.
  static Embedder load(const std::string& folder);
  explicit Embedder(std::shared_ptr<SharedSpace> space);

  void to(c10::Device device);

  /// In the order of `modality` below.
  const std::vector<data::ModalitySpec>& specs() const { return specs_; }
  std::vector<std::string> names() const;
  /// What the modality is prepared from: its columns, with their kinds.
  const data::Modality& modality(size_t modality) const;
  std::vector<data::Field> fields(size_t modality) const;
  /// Numbers of its vectors.
  int64_t width(size_t modality) const;

  /// check_says_something() of what is embedded next.
  void check_says_something(const std::vector<data::Sample>& samples, size_t modality) const;
  /// As SharedSpace::embed().
  Embedded embed(const std::vector<data::Sample>& samples, size_t modality, int num_threads = 1);

 private:
  Embedder(data::Preparation preparation, std::vector<size_t> prepared,
           std::vector<data::ModalitySpec> specs);
  static Embedder of_bundle(const std::string& folder);
  static Embedder of_checkpoint(const std::string& folder, data::Kind kind);
  Embedded embed_block(const std::vector<data::Sample>& samples, size_t begin, size_t end,
                       size_t modality, int num_threads);

  data::Preparation preparation_;
  std::vector<size_t> prepared_;  // the modalities, as indices of the preparation
  std::vector<data::ModalitySpec> specs_;
  std::shared_ptr<SharedSpace> space_;                        // null: single encoders
  std::vector<std::shared_ptr<encoders::Encoder>> encoders_;  // without a space
  c10::Device device_ = c10::kCPU;
};

}  // namespace braid::model
