// What the processor can do, measured in the same run as what is compared with it.
#pragma once
#include <cstdint>

#include "ops/precision.h"

namespace braid::bench {

/// Operations a second of large matrix products in this format with the threads now set; the best
/// of a few.
double peak_operations(ops::Precision precision);

/// Bytes a second of reading `bytes` again and again: from the cache that holds them, or memory.
double read_bandwidth(int64_t bytes);

}  // namespace braid::bench
