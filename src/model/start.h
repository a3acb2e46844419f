// Where an encoder's first parameters come from: a published checkpoint, or another bundle.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "data/modality_spec.h"
#include "encoders/encoder.h"

namespace braid::model {

/// An encoder's `from`: which method the folder asks for, with which keys and parameters.
class Start {
 public:
  /// `own` are the keys the user gave, which go over the folder's; `name` the method the user
  /// named, or "". A folder of sentence-transformers says how its tokens are pooled.
  ///
  /// Errors   config, opened by `where`: a family that does not read the modality's kind or is not
  ///          known, another method than the folder's, a pooling no encoder has. io, format: a
  ///          damaged folder.
  static Start open(const std::string& folder, const std::string& name, const Json& own,
                    const data::ModalitySpec& spec, const std::string& where);

  const encoders::Method& method() const;
  const Json& config() const;  // the method's keys
  /// Fills the encoder that method() made of config(). Returns warnings: tensors nobody asked for.
  /// Errors   format: tensors that are missing or of another shape, by name.
  std::vector<std::string> fill(encoders::Encoder& encoder) const;

 private:
  struct State;
  explicit Start(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace braid::model
