#include "data/spill.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace braid::data {
namespace {

// What stands before an entry's arrays.
struct Head {
  int64_t length;
  uint64_t num_values, num_ids, num_observed, num_times;
};

uint64_t bytes_of(const Head& head) {
  return sizeof head + (head.num_values + head.num_times) * sizeof(float) +
         head.num_ids * sizeof(int32_t) + head.num_observed;
}

iovec part(const void* data, size_t size) { return {const_cast<void*>(data), size}; }

}  // namespace

SpillFile::SpillFile(uint64_t num_slots, uint64_t limit_bytes)
    : num_slots_(num_slots), limit_bytes_(limit_bytes) {}

SpillFile::~SpillFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool SpillFile::open() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (descriptor_ >= 0) return true;
  if (is_closed_) return false;
  std::error_code code;
  std::string name = (std::filesystem::temp_directory_path(code) / "braid.XXXXXX").string();
  const int descriptor = code ? -1 : ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) {
    is_closed_ = true;
    return false;
  }
  ::unlink(name.c_str());
  struct statvfs disk {};
  if (::fstatvfs(descriptor, &disk) == 0)
    limit_bytes_ = std::min<uint64_t>(limit_bytes_, disk.f_bavail * disk.f_frsize / 2);
  offsets_.reset(new std::atomic<uint64_t>[num_slots_]());
  descriptor_ = descriptor;
  return true;
}

void SpillFile::write(uint64_t slot, const Prepared& entry) {
  const Head head = {entry.length, entry.values.size(), entry.ids.size(), entry.observed.size(),
                     entry.times.size()};
  const uint64_t size = bytes_of(head);
  if (is_closed_ || size > limit_bytes_ || (descriptor_ < 0 && !open())) return;
  const uint64_t limit = limit_bytes_;  // open() may have lowered it
  if (offsets_[slot] != 0) return;      // another thread was first
  uint64_t offset = bytes_;
  do {
    if (size > limit || offset > limit - size) return;
  } while (!bytes_.compare_exchange_weak(offset, offset + size));
  const iovec parts[] = {part(&head, sizeof head),
                         part(entry.values.data(), entry.values.size() * sizeof(float)),
                         part(entry.ids.data(), entry.ids.size() * sizeof(int32_t)),
                         part(entry.times.data(), entry.times.size() * sizeof(float)),
                         part(entry.observed.data(), entry.observed.size())};
  if (::pwritev(descriptor_, parts, 5, static_cast<off_t>(offset)) != static_cast<ssize_t>(size))
    is_closed_ = true;  // the disk is full
  else
    offsets_[slot] = offset + 1;
}

bool SpillFile::read(uint64_t slot, Prepared* entry) const {
  if (descriptor_ < 0) return false;
  const uint64_t offset = offsets_[slot];
  Head head;
  if (offset == 0 || ::pread(descriptor_, &head, sizeof head, static_cast<off_t>(offset - 1)) !=
                         static_cast<ssize_t>(sizeof head))
    return false;
  Prepared result;
  result.present = true;
  result.length = head.length;
  result.values.resize(head.num_values);
  result.ids.resize(head.num_ids);
  result.observed.resize(head.num_observed);
  result.times.resize(head.num_times);
  const iovec parts[] = {part(result.values.data(), head.num_values * sizeof(float)),
                         part(result.ids.data(), head.num_ids * sizeof(int32_t)),
                         part(result.times.data(), head.num_times * sizeof(float)),
                         part(result.observed.data(), head.num_observed)};
  const off_t start = static_cast<off_t>(offset - 1 + sizeof head);
  if (::preadv(descriptor_, parts, 4, start) != static_cast<ssize_t>(bytes_of(head) - sizeof head))
    return false;
  *entry = std::move(result);
  return true;
}

}  // namespace braid::data
