// braid version: what is running, for bug reports.
#include "core/version.h"

#include <fmt/core.h>

#include <cstdlib>

#include "cli/command.h"
#include "cli/flags.h"
#include "cli/program.h"
#include "cli/verb.h"
#include "formats/image.h"

namespace braid::cli {
namespace {

// How threads wait for work, in libgomp's variables: `braid` sets one where the user set none.
std::string waiting() {
  std::string text;
  for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"})
    if (const char* value = std::getenv(name))
      text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, value);
  return text.empty() ? "as the OpenMP library chooses" : text;
}

int run(const std::vector<std::string>& args) {
  Command command("Print the version.", "version [--full]",
                  {"braid version", "braid version --full"});
  bool is_full = false;
  command.flag("--full", is_full, "compiler, libraries and machine, for bug reports", "Output");
  if (!command.parse(args)) return 0;
  fmt::print("braid {}\n", BRAID_VERSION);
  if (!is_full) return 0;
  fmt::print("compiler  {}\n{}ffmpeg    {}\nthreads   {}\nwaiting   {}\n", __VERSION__,
             describe_tensors(),
             formats::has_ffmpeg() ? "yes" : "no: images and audio cannot be decoded",
             ThreadFlags().num_threads(), waiting());
  return 0;
}

}  // namespace

extern const Method version = {"version", "print the version", run};

}  // namespace braid::cli
