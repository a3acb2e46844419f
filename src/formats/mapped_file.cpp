#include "formats/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace braid::formats {
namespace {

// The mapping outlives the descriptor. An empty file has none.
std::string_view map_descriptor(int descriptor, const std::string& path) {
  struct stat info {};
  BRAID_CHECK(::fstat(descriptor, &info) == 0, io, "{}: cannot open: {}", path,
              std::strerror(errno));
  BRAID_CHECK(S_ISREG(info.st_mode), io, "{}: expected a file, got {}", path,
              S_ISDIR(info.st_mode) ? "a folder" : "a pipe or a device");
  const auto size = static_cast<size_t>(info.st_size);
  if (size == 0) return {};
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  BRAID_CHECK(address != MAP_FAILED, io, "{}: cannot map {} bytes into memory: {}", path, size,
              std::strerror(errno));
  return {static_cast<const char*>(address), size};
}

}  // namespace

MappedFile::MappedFile(const std::string& path) {
  // Without O_NONBLOCK a pipe would wait for its writer.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  BRAID_CHECK(descriptor >= 0, io, "{}: cannot open: {}", path, std::strerror(errno));
  try {
    bytes_ = map_descriptor(descriptor, path);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  ::close(descriptor);
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace braid::formats
