#include "core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/error.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int close() {
    const int rc = ::close(fd_);
    fd_ = -1;
    return rc;
  }

 private:
  int fd_;
};

[[noreturn]] void fail_io(const std::string& path, const char* what, int code) {
  const char* hint = code == ENOSPC || code == EFBIG || code == EDQUOT
                         ? "; free some space and try again"
                     : code == EACCES ? "; check the permissions"
                                      : "";
  fail(ErrorKind::io, "{}: cannot {}: {}{}", path, what, std::strerror(code), hint);
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      fail_io(path, "write", errno);
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace

std::string read_file(const std::string& path, uint64_t limit_bytes) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) fail_io(path, "open", errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) fail_io(path, "open", errno);
  BRAID_CHECK(!S_ISDIR(info.st_mode), io, "{}: expected a file, got a folder", path);
  BRAID_CHECK(static_cast<uint64_t>(info.st_size) <= limit_bytes, io,
              "{}: expected at most {} bytes, got {}", path, limit_bytes, info.st_size);
  // Straight into the result; a pipe or /proc tells no size, so the end is where nothing comes.
  std::string bytes(static_cast<size_t>(info.st_size) + 1, '\0');
  size_t size = 0;
  for (;;) {
    if (size == bytes.size()) bytes.resize(2 * size + (1 << 16));
    const ssize_t n = ::read(fd.get(), bytes.data() + size, bytes.size() - size);
    if (n < 0) {
      if (errno == EINTR) continue;
      fail_io(path, "read", errno);
    }
    if (n == 0) break;
    size += static_cast<size_t>(n);
    BRAID_CHECK(size <= limit_bytes, io, "{}: expected at most {} bytes, got more", path,
                limit_bytes);
  }
  bytes.resize(size);
  return bytes;
}

void write_file_atomically(const std::string& path, std::string_view bytes) {
  write_file_atomically(path, std::vector<std::string_view>{bytes});
}

void write_file_atomically(const std::string& path, const std::vector<std::string_view>& pieces) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {
    // A device or pipe (/dev/stdout) is written to, never replaced.
    Descriptor fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (fd.get() < 0) fail_io(path, "open", errno);
    for (const std::string_view piece : pieces) write_all(fd.get(), piece, path);
    return;
  }
  static std::atomic<uint64_t> counter{0};
  const std::string temporary = fmt::format("{}.{}.{}.tmp", path, ::getpid(), counter++);
  try {
    Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (fd.get() < 0) fail_io(path, "create", errno);
    for (const std::string_view piece : pieces) write_all(fd.get(), piece, path);
    if (::fsync(fd.get()) != 0) fail_io(path, "write", errno);
    if (fd.close() != 0) fail_io(path, "write", errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail_io(path, "replace", errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  const std::string parent = fs::path(path).parent_path().string();
  Descriptor folder(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
}

void append_line(const std::string& path, std::string_view line) {
  Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (fd.get() < 0) fail_io(path, "open", errno);
  write_all(fd.get(), std::string(line) + "\n", path);
  if (::fsync(fd.get()) != 0) fail_io(path, "write", errno);
}

void make_folders(const std::string& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) fail_io(path, "create the folder", code.value());
}

bool file_exists(const std::string& path) {
  std::error_code code;
  return fs::exists(path, code);
}

std::string join_path(const std::string& folder, const std::string& path) {
  if (folder.empty() || (!path.empty() && path[0] == '/')) return path;
  return folder.back() == '/' ? folder + path : folder + "/" + path;
}

uint64_t hash_bytes(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

TemporaryFolder::TemporaryFolder() {
  std::error_code code;
  std::string pattern = (fs::temp_directory_path(code) / "braid.XXXXXX").string();
  if (code) fail_io("temporary folder", "find", code.value());
  if (::mkdtemp(pattern.data()) == nullptr) fail_io(pattern, "create the folder", errno);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code code;
  fs::remove_all(path_, code);
}

}  // namespace braid
