// braid version: what is running, for bug reports.
#include "core/version.h"

#include <fmt/core.h>

#include "cli/command.h"
#include "cli/verb.h"
#include "formats/image.h"
#include "ops/kernels.h"
#include "ops/torch_compat.h"

namespace braid::cli {
namespace {

int run(const std::vector<std::string>& args) {
  Command command("Print the version.", "version [--full]",
                  {"braid version", "braid version --full"});
  bool is_full = false;
  command.flag("--full", is_full, "compiler, libraries and machine, for bug reports", "Output");
  if (!command.parse(args)) return 0;
  fmt::print("braid {}\n", BRAID_VERSION);
  if (!is_full) return 0;
  fmt::print(
      "compiler  {}\nlibtorch  {}\nkernels   {} (--kernels takes {})\nffmpeg    {}\nthreads   {}\n",
      __VERSION__, ops::torch_version(), ops::describe_kernels(),
      fmt::join(ops::kernel_names(), ", "),
      formats::has_ffmpeg() ? "yes" : "no: images and audio cannot be decoded",
      HardwareFlags().num_threads());
  return 0;
}

}  // namespace

extern const Method version = {"version", "print the version", run};

}  // namespace braid::cli
