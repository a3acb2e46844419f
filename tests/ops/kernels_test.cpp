#include "ops/kernels.h"

#include "support/kernel_checks.h"

namespace braid::ops {
namespace {

TEST(kernels, every_name_can_be_chosen_and_is_described) {
  for (const std::string& name : kernel_names()) {
    const checks::WithKernels kernels(name);
    EXPECT_THAT(describe_kernels(), testing::HasSubstr(name == "auto" ? ";" : name));
  }
}

TEST(kernels, the_reference_switches_them_off) {
  EXPECT_TRUE(has_kernels_for(at::ones({1})));
  const checks::WithKernels kernels("reference");
  EXPECT_FALSE(has_kernels_for(at::ones({1})));
}

TEST(kernels, doubles_and_empty_tensors_are_left_to_the_reference) {
  EXPECT_FALSE(has_kernels_for(at::ones({1}, at::kDouble)));
  EXPECT_FALSE(has_kernels_for(at::ones({0})));
}

TEST(kernels, an_unknown_name_is_an_error_that_lists_the_known) {
  checks::expect_error(ErrorKind::config, "unknown kernels 'avx1'", [] { choose_kernels("avx1"); });
}

}  // namespace
}  // namespace braid::ops
