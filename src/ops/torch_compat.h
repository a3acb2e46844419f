// The one place that knows libtorch versions: 1.13 (Debian 12) is the floor, 2.x builds too.
#pragma once
#include <torch/version.h>

#include <string>

#define BRAID_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) ||        \
   (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace braid::ops {
inline std::string torch_version() { return TORCH_VERSION; }
}  // namespace braid::ops
