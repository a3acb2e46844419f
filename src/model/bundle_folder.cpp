#include "model/bundle_folder.h"

#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "core/version.h"

namespace braid::model {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormatName = "braid-bundle";

// Puts `fresh` in the place of `target`; where that fails, `target` is as it was.
void replace_folder(const std::string& fresh, const std::string& target) {
  std::error_code code, ignored;
  const std::string old = target + ".old";
  fs::remove_all(old, code);
  const bool is_there = fs::exists(target, ignored);
  if (!code && is_there) fs::rename(target, old, code);
  if (!code) {
    fs::rename(fresh, target, code);
    if (code && is_there) fs::rename(old, target, ignored);
  }
  BRAID_CHECK(!code, io, "{}: cannot replace the folder: {}", target, code.message());
  fs::remove_all(old, ignored);
}

void check_version(const Json& config, const std::string& path) {
  BRAID_CHECK(config.is_object() && config.contains("format") && config["format"] == kFormatName,
              format, "{}: expected a file of the format '{}', got something else", path,
              kFormatName);
  const Json version = config.value("format_version", Json());
  BRAID_CHECK(version == kBundleVersion || version == kCalibratedVersion, format,
              "{}: expected bundle version {} or {}, got {}; use the Braid that wrote it (version "
              "{})",
              path, kBundleVersion, kCalibratedVersion, version.dump(),
              config.value("braid", Json("unknown")).dump());
}

}  // namespace

void replace_as_a_whole(const std::string& given_folder,
                        const std::function<void(const std::string& fresh)>& write) {
  std::string folder = given_folder;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  const std::string fresh = folder + ".partial";
  std::error_code code;
  fs::remove_all(fresh, code);
  make_folders(fresh);
  try {
    write(fresh);
    replace_folder(fresh, folder);
  } catch (...) {
    fs::remove_all(fresh, code);
    throw;
  }
}

Json bundle_header(int64_t version) {
  return {{"format", kFormatName}, {"format_version", version}, {"braid", BRAID_VERSION}};
}

Json read_bundle_config(const std::string& folder) {
  const std::string path = folder + "/config.json";
  BRAID_CHECK(file_exists(path), io,
              "{}: expected a bundle, got a folder without config.json; give the folder that "
              "'braid train' or 'braid compare' wrote",
              folder);
  const Json config = parse_json(read_file(path, uint64_t{1} << 26), path);
  check_version(config, path);
  return config;
}

bool is_shared_space(const Json& config) {
  return config.value("kind", Json()) == kSharedSpaceKind;
}

}  // namespace braid::model
