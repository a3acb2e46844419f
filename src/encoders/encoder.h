// What an encoder is, and the family's table.
#pragma once
#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "data/modality_spec.h"
#include "layers/encoded.h"

namespace braid::encoders {

/// Turns a batch of one modality into tokens (B, T, D), a mask (B, T) and a pooled vector (B, D).
class Encoder : public torch::nn::Module {
 public:
  /// Cleans masked and absent places of the input, computes, and cleans the output again: whatever
  /// stands in those places cannot change it. An absent row has tokens, pooled and taps of zeros
  /// and a mask of false. Without gradients, a batch without a present row is one masked token of
  /// zeros per row and costs nothing. Input::encoded, where it is defined, is taken for what this
  /// encoder made earlier (without taps, hidden and embedding). Errors   shape: an input that does
  /// not fit the modality's spec, naming the argument: expected [B, 40, 64], got [...].
  Encoded forward(const Input& input);
  /// D of tokens and pooled.
  int64_t width() const { return width_; }
  /// Largest T of the tokens this encoder can hand out.
  int64_t max_tokens() const { return max_tokens_; }
  /// Widths of Encoded::taps: what the stages before the last hand on, each pooled, the first stage
  /// first. The last stage's is `pooled` itself; empty where an encoder has no other.
  virtual std::vector<int64_t> tap_widths() const { return {}; }
  /// E of Encoded::embedding; 0 where the encoder shares no space with others.
  virtual int64_t embedding_width() const { return 0; }
  /// Whether forward() fills Encoded::taps; off by default, since pooling them costs time.
  bool wants_taps = false;
  /// Whether it fills Encoded::hidden, for those that have blocks: as the blocks make it, masked
  /// places included.
  bool wants_hidden = false;
  /// Whether it fills Encoded::embedding; zeros in absent rows.
  bool wants_embedding = false;

 protected:
  Encoder(const data::ModalitySpec& spec, int64_t width, int64_t max_tokens)
      : spec_(spec), width_(width), max_tokens_(max_tokens) {}
  /// The input is clean (zeros where masked or absent). May leave anything in masked places.
  /// `present` need not be set, and taps only where wants_taps is.
  virtual Encoded compute(const Input& input) = 0;
  const data::ModalitySpec spec_;

 private:
  Encoded absent(const Input& input) const;
  Encoded unpacked(const Input& input) const;
  int64_t width_, max_tokens_;
};

struct CheckpointFamily;  // encoders/checkpoint_family.h

struct Method {
  const char* name;     // "image_cnn"
  const char* summary;  // one sentence
  const char* source;   // paper, or ""
  bool (*reads)(data::Kind kind);
  bool is_raw;  // minimal processing (flattened features, bag of n-grams): what early fusion of
                // features and the linear baseline read
  std::vector<FieldDoc> (*describe)();
  /// Errors: config, for an unknown key or a value out of bounds; `where` ("encoders.image") opens
  /// the message.
  std::shared_ptr<Encoder> (*make)(const Json& config, const std::string& where,
                                   const data::ModalitySpec& spec);
  // The published checkpoints it can start from; null: none.
  const CheckpointFamily& (*family)() = nullptr;
};

const std::vector<const Method*>& methods();
const Method& find(const std::string& name);
/// The first of the table that reads `kind` and is (not) raw.
const Method& default_for(data::Kind kind, bool is_raw);

}  // namespace braid::encoders
