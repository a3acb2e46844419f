// The program behind `braid` for the verbs that compute with tensors, and for `version --full`.
#include <fmt/format.h>

#include "cli/program.h"
#include "ops/kernels.h"
#include "ops/torch_compat.h"
#include "tensor_verbs/verbs.h"

namespace braid::cli {

extern const Method version;

std::string describe_tensors() {
  return fmt::format("libtorch  {}\nkernels   {} (--kernels takes {})\n", ops::torch_version(),
                     ops::describe_kernels(), fmt::join(ops::kernel_names(), ", "));
}

}  // namespace braid::cli

int main(int argc, char** argv) {
  std::vector<const braid::cli::Method*> verbs = braid::tensor_verbs::methods();
  verbs.push_back(&braid::cli::version);
  return braid::cli::run_program(verbs, braid::cli::summaries(verbs), argc, argv);
}
