// A file's bytes where the system keeps them: nothing is read before it is looked at.
#pragma once
#include <string>
#include <string_view>

namespace braid::formats {

/// Read-only and private. The size is that of the moment of opening: what is appended later is not
/// seen, what is overwritten in place may be, and a file that is cut shorter ends the process
/// (SIGBUS) on reading what is gone. A file that is replaced by renaming, or removed, stays whole.
/// Errors: io (cannot be opened, a folder, a pipe).
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace braid::formats
