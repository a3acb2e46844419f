#include "index/written_folder.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"

namespace braid::index {
namespace {

namespace fs = std::filesystem;

// Removes what is left at `path` when it goes.
struct Leftover {
  std::string path;
  ~Leftover() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

void check_replaceable(const std::string& folder, const std::vector<NamedBytes>& files,
                       const std::string& what, const std::function<bool()>& is_own) {
  std::error_code code;
  const fs::file_status status = fs::status(folder, code);
  if (!fs::exists(status)) return;
  BRAID_CHECK(fs::is_directory(status), usage,
              "{}: expected a new folder or {}, got a file; choose another name", folder, what);
  bool is_empty = true;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    is_empty = false;
    const std::string name = entry->path().filename().string();
    const bool is_known = std::any_of(files.begin(), files.end(),
                                      [&](const NamedBytes& file) { return file.name == name; });
    BRAID_CHECK(is_known, usage,
                "{}: expected a new folder or {}, got one that holds '{}'; choose another name or "
                "move it away",
                folder, what, name);
  }
  BRAID_CHECK(!code, io, "{}: cannot list the folder: {}", folder, code.message());
  BRAID_CHECK(is_empty || is_own(), usage,
              "{}: expected a new folder or {}, got files of another origin; choose another name "
              "or move them away",
              folder, what);
}

}  // namespace

void write_folder(const std::string& given_folder, const std::vector<NamedBytes>& files,
                  const std::string& what, const std::function<bool()>& is_own) {
  std::string folder = given_folder;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  BRAID_CHECK(!folder.empty(), usage, "{}: expected the name of a folder, got none", what);
  check_replaceable(folder, files, what, is_own);

  static std::atomic<uint64_t> counter{0};
  const std::string name = fmt::format("{}.{}.{}", folder, ::getpid(), counter++);
  const Leftover fresh{name + ".partial"};
  make_folders(fresh.path);
  for (const NamedBytes& file : files)
    write_file_atomically(join_path(fresh.path, file.name), file.bytes);

  std::error_code code, ignored;
  const std::string old = name + ".old";
  const bool is_there = fs::exists(folder, ignored);
  if (is_there) fs::rename(folder, old, code);
  if (!code) {
    fs::rename(fresh.path, folder, code);
    if (code && is_there) fs::rename(old, folder, ignored);
  }
  BRAID_CHECK(!code, io, "{}: cannot replace the folder: {}", folder, code.message());
  fs::remove_all(old, ignored);
}

}  // namespace braid::index
