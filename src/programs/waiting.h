// How libgomp's threads wait for each other. libgomp reads it when it is loaded, so a program has
// to set it before it becomes the one that computes.
#pragma once
#include <cstdlib>

namespace braid {

// How often a waiting thread looks for work before it sleeps; 5000 times take some 50 microseconds
// on the machine of docs/architecture.md, which has the figures. Threads that look without end take
// the cores from other programs and from their own team; threads that never look pay for being
// woken in every small loop.
constexpr const char* kSpinCount = "5000";

/// Sets it in the environment, for programs that start from here on; what the user has set stays.
/// True where it had to be set.
inline bool choose_waiting() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr)
    return false;
  return setenv("GOMP_SPINCOUNT", kSpinCount, /*overwrite=*/1) == 0;
}

}  // namespace braid
