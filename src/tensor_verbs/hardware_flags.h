// Where and on what tensors are computed.
#pragma once
#include <string>

#include "cli/flags.h"
#include "ops/precision.h"

namespace braid::tensor_verbs {

/// --threads, --device and --kernels, for the verbs that compute with tensors.
struct HardwareFlags : cli::ThreadFlags {
  std::string device = "cpu", kernels = "auto";
  void add(cli::Command* command);
  /// Sets the threads and the kernels of tensor operations. Errors: config, usage (a device that is
  /// not here).
  void apply() const;
};

/// The same and --precision, for the verbs that run a trained model. Those that train one read
/// theirs from the config.
struct InferenceFlags : HardwareFlags {
  std::string precision = "float32";
  void add(cli::Command* command);
  /// Errors: config, with the nearest name.
  ops::Precision parsed_precision() const;
};

}  // namespace braid::tensor_verbs
