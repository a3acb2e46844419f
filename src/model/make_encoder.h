// From a config's node to an encoder, for whatever holds encoders.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "data/modality_spec.h"
#include "encoders/encoder.h"

namespace braid::model {

/// What a new model's parameters are: `fresh` ones are random, or those of an encoder's `from`;
/// `blank` ones are about to be loaded, so that no such folder is looked at.
enum class Parameters { fresh, blank };

/// A method's keys with their defaults, overlaid with what the user gave, plus its name.
Json effective_config(const char* name, const std::vector<FieldDoc>& docs, const Json& given);

/// Splits {name: x, key: ...}, or just x, into x and the method's own keys; `fallback` where there
/// is no name, or auto. Errors   config.
std::string take_name(Json* node, const std::string& where, const std::string& fallback);

/// Errors   config: `encoders` is no object, or names a modality that is not among `modalities`.
void check_encoder_names(const Json& encoders, const std::vector<std::string>& modalities);

/// The encoder that (*configs)[spec.name] asks for (model.encoders), or the kind's default, of the
/// raw ones where `is_raw`; leaves its full effective config there. What the folder it starts from
/// left to say goes to `warnings`. Initial parameters come from libtorch's global generator: hold
/// an ops::InitScope.
///
/// Errors   config, opened by "model.encoders.NAME"; as Start where it has a `from`.
std::shared_ptr<encoders::Encoder> make_encoder(const data::ModalitySpec& spec, bool is_raw,
                                                Parameters first, Json* configs,
                                                std::vector<std::string>* warnings);

}  // namespace braid::model
