// A model's forward pass or training step, ready to be timed beside peers that load its weights.
#pragma once
#include "bench/work.h"

namespace braid::bench {

/// A model of the suite or "fusion/<method>"; pass "inference" or "training".
Work model_work(const Request& request);

/// Tensors by name as a safetensors file, for a peer to read.
void write_tensors(const std::vector<std::pair<std::string, at::Tensor>>& named,
                   const std::string& path);

}  // namespace braid::bench
