#include "ops/memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define BRAID_WATCHES_MEMORY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BRAID_WATCHES_MEMORY
#endif
#endif

namespace braid::ops {
namespace {

constexpr size_t kHeader = 64;         // before the data: the block's size; keeps 64-byte alignment
constexpr size_t kHugePage = 2 << 20;  // of x86-64 and most others
constexpr size_t kLarge = 2 * kHugePage;  // from here on in huge pages
constexpr int64_t kAlwaysKept = 16 << 20;
constexpr int64_t kFewRequests = 4096;  // a size not asked for in so many is of another time

thread_local int depth = 0;  // of scopes

// Few enough sizes that a block fits the next request, at most an eighth too large.
size_t size_class(size_t bytes) {
  size_t power = 512;
  while (power < bytes) power *= 2;
  const size_t step = power / 16;
  const size_t rounded = (bytes + step - 1) / step * step;
  return rounded < kLarge ? rounded : (rounded + kHugePage - 1) / kHugePage * kHugePage;
}

class Pool {
 public:
  // `bytes` of a size class.
  void* take(size_t bytes) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      use_.used_bytes += static_cast<int64_t>(bytes);
      use_.most_used_bytes = std::max(use_.most_used_bytes, use_.used_bytes);
      Free& free = free_[bytes];
      free.last_use = ++clock_;
      if (!free.blocks.empty()) {
        void* block = free.blocks.back();
        free.blocks.pop_back();
        use_.kept_bytes -= static_cast<int64_t>(bytes);
        return block;
      }
      ++use_.num_taken;
    }
    void* block = std::aligned_alloc(bytes < kLarge ? kHeader : kHugePage, bytes);
    if (block == nullptr) {
      give_back_all();
      block = std::aligned_alloc(bytes < kLarge ? kHeader : kHugePage, bytes);
      if (block == nullptr) throw std::bad_alloc();
    }
    if (bytes >= kLarge)
      madvise(block, bytes, MADV_HUGEPAGE);  // a wish: its failure costs speed alone
    std::memcpy(block, &bytes, sizeof bytes);
    return block;
  }

  void put(void* block) {
    size_t bytes = 0;
    std::memcpy(&bytes, block, sizeof bytes);
    const std::lock_guard<std::mutex> lock(mutex_);
    use_.used_bytes -= static_cast<int64_t>(bytes);
    use_.kept_bytes += static_cast<int64_t>(bytes);
    free_[bytes].blocks.push_back(block);
    // A model of many sizes needs more than its peak, and is not to fetch them anew in every step.
    const int64_t most = std::max(use_.most_used_bytes, kAlwaysKept);
    while (use_.used_bytes + use_.kept_bytes > 2 * most) {
      const auto oldest = oldest_free();
      if (use_.used_bytes + use_.kept_bytes <= 4 * most &&
          oldest->second.last_use + kFewRequests > clock_)
        break;
      give_back(oldest);
    }
  }

  MemoryUse use() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return use_;
  }

 private:
  struct Free {
    std::vector<void*> blocks;
    int64_t last_use = 0;
  };

  using Sizes = std::map<size_t, Free>;  // by bytes

  // The size with free blocks that nobody has asked for the longest; something is kept.
  Sizes::iterator oldest_free() {
    auto oldest = free_.end();
    for (auto at = free_.begin(); at != free_.end(); ++at)
      if (!at->second.blocks.empty() &&
          (oldest == free_.end() || at->second.last_use < oldest->second.last_use))
        oldest = at;
    return oldest;
  }

  void give_back(Sizes::iterator size) {
    std::free(size->second.blocks.back());
    size->second.blocks.pop_back();
    use_.kept_bytes -= static_cast<int64_t>(size->first);
  }

  void give_back_all() {
    const std::lock_guard<std::mutex> lock(mutex_);
    while (use_.kept_bytes > 0) give_back(oldest_free());
  }

  std::mutex mutex_;
  Sizes free_;
  MemoryUse use_;
  int64_t clock_ = 0;
};

// Never destroyed: tensors of static objects may be freed after everything else.
Pool& pool() {
  static Pool* const made = new Pool;
  return *made;
}

// The data's pointer is all that libtorch gives back, so every block begins with its size; 0: not
// from the pool.
void free_data(void* data) {
  if (data == nullptr) return;
  char* block = static_cast<char*>(data) - kHeader;
  size_t bytes = 0;
  std::memcpy(&bytes, block, sizeof bytes);
  if (bytes == 0)
    std::free(block);
  else
    pool().put(block);
}

// No `override`: allocate() is const in libtorch 1.13 and not in 2.x, where copy_data() came.
class PooledAllocator : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) const { return take(bytes); }
  c10::DataPtr allocate(size_t bytes) { return take(bytes); }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }
  c10::DeleterFnPtr raw_deleter() const { return &free_data; }

 private:
  static c10::DataPtr take(size_t bytes) {
    void* data = nullptr;
    if (bytes > 0) {
      char* block = static_cast<char*>(depth > 0 ? pool().take(size_class(bytes + kHeader))
                                                 : allocate_plain(bytes + kHeader));
      data = block + kHeader;
    }
    return {data, data, &free_data, c10::Device(c10::DeviceType::CPU)};
  }

  static void* allocate_plain(size_t bytes) {
    void* block = std::aligned_alloc(kHeader, (bytes + kHeader - 1) / kHeader * kHeader);
    if (block == nullptr) throw std::bad_alloc();
    std::memset(block, 0, kHeader);
    return block;
  }
};

void install() {
  static const bool is_installed = [] {
    c10::SetCPUAllocator(new PooledAllocator, /*priority=*/255);
    return true;
  }();
  (void)is_installed;
}

}  // namespace

MemoryScope::MemoryScope() {
#ifndef BRAID_WATCHES_MEMORY
  install();
  ++depth;
#endif
}

MemoryScope::~MemoryScope() {
#ifndef BRAID_WATCHES_MEMORY
  --depth;
#endif
}

bool MemoryScope::is_open() { return depth > 0; }

MemoryUse memory_use() { return pool().use(); }

}  // namespace braid::ops
