// Where and on what tensors are computed.
#pragma once
#include <string>

#include "cli/flags.h"

namespace braid::tensor_verbs {

/// --threads, --device and --kernels, for the verbs that compute with tensors.
struct HardwareFlags : cli::ThreadFlags {
  std::string device = "cpu", kernels = "auto";
  void add(cli::Command* command);
  /// Sets the threads and the kernels of tensor operations. Errors: config, usage (a device that is
  /// not here).
  void apply() const;
};

}  // namespace braid::tensor_verbs
