#include "formats/folder.h"

#include <filesystem>

#include "core/error.h"
#include "core/file.h"

namespace braid::formats {

namespace fs = std::filesystem;

std::set<std::string> names_in_folder(const std::string& folder) {
  std::error_code code;
  std::set<std::string> names;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code))
    names.insert(entry->path().filename().string());
  BRAID_CHECK(!code, io, "{}: cannot read the folder: {}", folder, code.message());
  return names;
}

std::string list_names(const std::set<std::string>& names) {
  constexpr size_t kMaxListed = 8;
  if (names.empty()) return "nothing";
  auto end = names.begin();
  std::advance(end, std::min(names.size(), kMaxListed));
  const std::string listed = fmt::format("{}", fmt::join(names.begin(), end, ", "));
  return names.size() <= kMaxListed
             ? listed
             : fmt::format("{} and {} more", listed, names.size() - kMaxListed);
}

bool stands_in(const std::string& folder, const std::string& name) {
  std::error_code code;
  return fs::exists(fs::symlink_status(join_path(folder, name), code));
}

bool stays_in_folder(const std::string& path) {
  const fs::path parts(path);
  if (!parts.is_relative() || path.find('\0') != std::string::npos) return false;
  for (const fs::path& part : parts)
    if (part == "..") return false;
  return true;
}

}  // namespace braid::formats
