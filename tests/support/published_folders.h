// The goldens' whole pipelines as the folders they were: links that were copied as text are
// followed.
#pragma once
#include <filesystem>
#include <string>

#include "core/file.h"
#include "support/shared_folders.h"

namespace braid::testing {

/// A copy of goldens/pipelines/NAME that lives as long as the object; only where there are goldens.
class PublishedFolder {
 public:
  explicit PublishedFolder(const std::string& name) : path_(folder_ / name) {
    namespace fs = std::filesystem;
    const std::string from = goldens_folder() + "/pipelines/" + name;
    fs::copy(from, path_, fs::copy_options::recursive);
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (!entry.is_regular_file() || fs::file_size(entry) > 200) continue;
      const std::string text = read_file(entry.path().string());
      if (text.rfind("../", 0) != 0) continue;
      const fs::path file = entry.path();
      fs::remove(file);
      fs::copy_file(from + "/" + text, file);
    }
  }
  const std::string& path() const { return path_; }

 private:
  TemporaryFolder folder_;
  const std::string path_;
};

}  // namespace braid::testing
