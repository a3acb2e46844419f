// Prepared arrays that memory has no room for, in a temporary file without a name.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "data/prepare.h"

namespace braid::data {

/// One file of the temporary folder (TMPDIR), made with the first entry and gone with the object,
/// even after a crash. What was written is mostly read back from the system's file cache, which
/// gives way when memory is short. Thread-safe.
///
/// Cost  8 bytes of memory per slot, from the first entry on.
class SpillFile {
 public:
  /// Slots are numbered from 0; entries fill the file up to `limit_bytes`, or half of what the disk
  /// had free at first.
  SpillFile(uint64_t num_slots, uint64_t limit_bytes);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;
  /// Writes an entry that is present. Nothing happens where the file is full or the disk fails:
  /// slower, never wrong.
  void write(uint64_t slot, const Prepared& entry);
  /// False where the slot was not written, or cannot be read.
  bool read(uint64_t slot, Prepared* entry) const;
  uint64_t bytes() const { return bytes_; }

 private:
  bool open();

  const uint64_t num_slots_;
  std::atomic<uint64_t> limit_bytes_;
  std::mutex mutex_;  // of open()
  std::atomic<bool> is_closed_{false};
  std::atomic<int> descriptor_{-1};
  std::atomic<uint64_t> bytes_{0};                    // handed out to entries
  std::unique_ptr<std::atomic<uint64_t>[]> offsets_;  // by slot, plus 1; 0 = none
};

}  // namespace braid::data
