// Published checkpoints: how their config.json and their names become an encoder's, and back.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "encoders/encoder.h"
#include "formats/checkpoint.h"

namespace braid::encoders {

/// A beginning of names here and in published checkpoints; {} stands for a number. The longest that
/// fits counts; what follows it stays: {"blocks.{}.query",
/// "encoder.layer.{}.attention.self.query"}.
struct NameRule {
  std::string ours, theirs;
};

/// What a family sees of a checkpoint before its parameters are read.
struct Published {
  const Json& config;  // config.json
  /// Whether the checkpoint has a tensor of that name, after any of the family's prefixes.
  std::function<bool(const std::string& name)> has;
};

/// One architecture's checkpoints, as transformers writes them.
struct CheckpointFamily {
  std::vector<std::string> model_types;  // of config.json: {"clip", "clip_vision_model"}
  /// The method's own config. Errors   config: a key that is missing, ill-typed or asks for what
  /// the method does not do, opened by `where`.
  Json (*config_of)(const Published& published, const std::string& where);
  std::vector<NameRule> names;
  std::vector<std::string> prefixes;  // what may stand before their names: {"bert."}
  /// Beginnings of names, without the prefix, that the encoder has no place for: heads, the other
  /// modality's tower, buffers that follow from the config. {} stands for a number.
  std::vector<std::string> ignored;
};

/// Which tensors of a checkpoint were of no use.
struct Unused {
  std::vector<std::string> ignored;  // as the family foresees
  std::vector<std::string> unknown;  // worth a warning
};

/// The family's encoder for a checkpoint of `model_type`, for modalities of `kind`. Errors config:
/// none; the known types are listed, and whether another kind has one.
const Method& find_for(const std::string& model_type, data::Kind kind, const std::string& where);

/// The method's config for the checkpoint. Errors   as CheckpointFamily::config_of.
Json published_config(const CheckpointFamily& family, const Json& config,
                      const formats::Checkpoint& checkpoint, const std::string& where);

/// Fills every parameter and buffer of the encoder. LayerNorm's old names gamma and beta count as
/// weight and bias, and weight norm's old names weight_g and weight_v as the new ones.
///
/// Errors   format, opened by `where`: parameters the checkpoint lacks, or of another shape, all
///          listed by their published names.
/// Cost     reads every byte of the encoder's tensors once.
Unused load_published(Encoder& encoder, const CheckpointFamily& family,
                      const formats::Checkpoint& checkpoint, const std::string& where);

/// The encoder's parameters and buffers under their published names (without prefix), in float32 on
/// the CPU; `storage` keeps their bytes.
std::vector<formats::TensorView> published_state(const Encoder& encoder,
                                                 const CheckpointFamily& family,
                                                 std::vector<at::Tensor>* storage);

}  // namespace braid::encoders
