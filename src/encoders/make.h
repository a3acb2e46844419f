// How an encoder's make() turns its config into a module; one text of each error for all encoders.
#pragma once
#include <memory>
#include <string>
#include <utility>

#include "core/config.h"
#include "core/error.h"
#include "encoders/encoder.h"

namespace braid::encoders {

/// Errors   config: the encoder does not read the modality's kind.
void check_reads(const Method& method, const std::string& where, const data::ModalitySpec& spec);

/// Reads the config, checks the kind and makes an `Impl(config, spec)`; errors of either open with
/// `where`.
template <class Impl, class Config>
std::shared_ptr<Encoder> make_as(const Method& method, const Json& json, const std::string& where,
                                 const data::ModalitySpec& spec) {
  Config config;
  read_config(json, where, config);
  check_reads(method, where, spec);
  try {
    return std::make_shared<Impl>(config, spec);
  } catch (const Error& e) {
    rethrow_with(e, where);
  }
}

}  // namespace braid::encoders
