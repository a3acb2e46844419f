// Seconds of one thread's own processor time.
#pragma once
#include <functional>

namespace braid::bench {

/// One thread's work is timed by its processor time, which a busy machine disturbs less.
double thread_s();

/// Seconds of one call: the median of 15 rounds of at least 10 ms.
double median_s(const std::function<double()>& work);

}  // namespace braid::bench
