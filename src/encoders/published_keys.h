// Reading config.json of published checkpoints.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"

namespace braid::encoders {

/// Values of config.json, or `fallback` where the key is absent or null. Errors   config, opened by
/// `where`, naming the key: ill-typed; absent where there is no fallback.
int64_t published_integer(const Json& config, const char* key, const std::string& where);
int64_t published_integer(const Json& config, const char* key, const std::string& where,
                          int64_t fallback);
double published_number(const Json& config, const char* key, const std::string& where,
                        double fallback);
std::string published_text(const Json& config, const char* key, const std::string& where,
                           const std::string& fallback);
bool published_bool(const Json& config, const char* key, const std::string& where, bool fallback);
std::vector<int64_t> published_integers(const Json& config, const char* key,
                                        const std::string& where);

/// Errors   config: the key is there and has another value than the one the encoder computes.
void published_must_be(const Json& config, const char* key, const Json& value,
                       const std::string& where);

/// The part of config.json for one tower ("text_config"), or all of it where the folder holds that
/// tower alone.
const Json& published_tower(const Json& config, const char* key);

}  // namespace braid::encoders
