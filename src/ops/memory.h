// Memory of CPU tensors that is kept between steps and predictions instead of given back.
#pragma once
#include <cstdint>

namespace braid::ops {

/// While it lives, CPU tensors made in this thread (and by its backward passes) take their memory
/// from a pool of this process; what they free goes back to the pool, whenever and in whatever
/// thread that is. Outside a scope memory comes from the system and goes back to it, as libtorch
/// does by itself. Scopes nest.
///
/// The system would take large blocks back at once and hand out zeroed pages the next time, which
/// costs a training step about a tenth of its time. What is used and kept together stays within
/// twice what was in use at once, four times while all of it is still asked for; blocks of 4 MiB
/// and more lie in huge pages where the system has them. Built with AddressSanitizer the scope does
/// nothing, so that every tensor stays watched.
class MemoryScope {
 public:
  MemoryScope();
  ~MemoryScope();
  MemoryScope(const MemoryScope&) = delete;
  MemoryScope& operator=(const MemoryScope&) = delete;
  /// Whether this thread is in one.
  static bool is_open();
};

struct MemoryUse {
  int64_t used_bytes = 0;       // by tensors of scopes
  int64_t most_used_bytes = 0;  // at any time
  int64_t kept_bytes = 0;       // free, in the pool
  int64_t num_taken = 0;        // blocks taken from the system so far
};
MemoryUse memory_use();

}  // namespace braid::ops
