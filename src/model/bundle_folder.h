// What all bundles' folders have in common: how one is written, and how its config.json begins.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "core/json.h"

namespace braid::model {

constexpr int64_t kBundleVersion = 1;
// With a calibration: a reader of version 1 would leave it out without a word.
constexpr int64_t kCalibratedVersion = 2;

constexpr const char* kSharedSpaceKind = "shared_space";  // "kind" in the config.json of a space

/// Calls `write` with a new folder beside `folder` and renames it into place as a whole. Errors
/// io, or what `write` throws; what stood at `folder` is then untouched.
void replace_as_a_whole(const std::string& folder,
                        const std::function<void(const std::string& fresh)>& write);

/// The keys that open every config.json.
Json bundle_header(int64_t version);

/// A folder's config.json. Errors   io, format: none, another format or version, corrupt.
Json read_bundle_config(const std::string& folder);

/// Whether a bundle's config is that of a shared space (shared_space.h), not of a model.
bool is_shared_space(const Json& config);

}  // namespace braid::model
