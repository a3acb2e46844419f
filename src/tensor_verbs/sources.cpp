#include "tensor_verbs/sources.h"

#include <filesystem>

#include "core/file.h"

namespace braid::tensor_verbs {
namespace fs = std::filesystem;

std::string path_from(const std::string& path, const std::string& folder) {
  const fs::path file(path);
  if (path.empty() || file.is_absolute()) return path;
  // The file itself may be a link, whose own name is the one that is known.
  std::error_code code;
  const fs::path parent = fs::weakly_canonical(fs::absolute(file).parent_path(), code);
  const fs::path base = fs::weakly_canonical(fs::absolute(folder), code);
  return (parent.lexically_proximate(base) / file.filename()).lexically_normal().string();
}

std::string path_in(const std::string& folder, const std::string& path) {
  if (path.empty()) return path;
  return fs::path(join_path(folder, path)).lexically_normal().string();
}

}  // namespace braid::tensor_verbs
