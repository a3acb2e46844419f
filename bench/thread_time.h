// Seconds of one thread's own processor time, and the bound that memory sets.
#pragma once
#include <functional>

namespace braid::bench {

/// One thread's work is timed by its processor time, which a busy machine disturbs less.
double thread_s();

/// Seconds of one call: the median of 15 rounds of at least 10 ms.
double median_s(const std::function<double()>& work);

/// Bytes a second of a copy that is larger than the caches, read and written counted.
double copy_bytes_per_s();

}  // namespace braid::bench
