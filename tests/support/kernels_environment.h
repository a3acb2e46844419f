// Runs all tests of a program with the kernels that BRAID_TEST_KERNELS names, so that the laws hold
// for every fast path and not for this processor's best alone. Included by one file of a program.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "ops/kernels.h"

namespace braid::checks {

class KernelsEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    const char* name = std::getenv("BRAID_TEST_KERNELS");
    if (name == nullptr) return;
    const std::vector<std::string> names = ops::kernel_names();
    if (std::find(names.begin(), names.end(), name) == names.end())
      GTEST_SKIP() << "this processor has no kernels " << name;
    ops::choose_kernels(name);
  }
};

inline testing::Environment* const kKernelsEnvironment =
    testing::AddGlobalTestEnvironment(new KernelsEnvironment);

}  // namespace braid::checks
