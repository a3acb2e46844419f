// A fixed set of worker threads with an ordered parallel-for.
#pragma once
#include <cstdint>
#include <functional>

namespace braid {

/// Calls body(i) for i in [0, count) on `num_threads` threads (the caller's included). The first
/// exception by index is rethrown after all threads have stopped; later indices may be skipped
/// then.
void parallel_for(int64_t count, int num_threads, const std::function<void(int64_t)>& body);

/// `requested` threads, or the number of cores this process may use where it is 0.
int resolve_threads(int requested);

}  // namespace braid
