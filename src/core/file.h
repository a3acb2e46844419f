// Reading whole files and writing them so that a reader sees the old or the new one, never a part.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

/// The whole file. Errors: io when it cannot be read or is larger than `limit_bytes`.
std::string read_file(const std::string& path, uint64_t limit_bytes = uint64_t{1} << 34);

/// Writes beside `path`, fsyncs, renames over it and fsyncs the folder. Errors: io (disk full, no
/// permission); whatever stood at `path` before is then untouched and no temporary file is left.
void write_file_atomically(const std::string& path, std::string_view bytes);
/// The same, of pieces that follow each other, which need not lie in one place.
void write_file_atomically(const std::string& path, const std::vector<std::string_view>& pieces);

/// Appends one line and flushes it to the disk (fsync). Errors: io.
void append_line(const std::string& path, std::string_view line);

/// Creates the folder and its parents. Errors: io.
void make_folders(const std::string& path);

bool file_exists(const std::string& path);

/// Joins a base folder and a relative path; an absolute path is returned as it is.
std::string join_path(const std::string& folder, const std::string& path);

/// 64-bit XXH3 of the bytes; `seed` chains several pieces.
uint64_t hash_bytes(std::string_view bytes, uint64_t seed = 0);

/// A folder that is removed with everything in it when the object dies.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace braid
