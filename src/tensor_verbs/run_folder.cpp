#include "tensor_verbs/run_folder.h"

#include <fmt/core.h>

#include "core/file.h"

namespace braid::tensor_verbs {

std::string next_run_folder(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  for (int number = 1;; ++number) {
    const std::string folder = fmt::format("runs/{:04}", number);
    if (!file_exists(folder)) return folder;
  }
}

}  // namespace braid::tensor_verbs
