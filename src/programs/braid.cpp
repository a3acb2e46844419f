// `braid`: becomes the program that has the verb. It links nothing but the standard library, so
// that it starts at once and can say how libgomp's threads wait before anything loads libgomp.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "programs/waiting.h"

namespace {

constexpr int kExitIo = 5;  // as for Error(io), whose class would need a library

constexpr const char* kTensorVerbs[] = {
#include "tensor_verbs/names.inc"
};

// `version --full` describes libtorch, so it needs it.
bool needs_tensors(const std::vector<std::string>& words) {
  if (words.empty()) return false;
  for (const char* verb : kTensorVerbs)
    if (words[0] == verb) return true;
  if (words[0] != "version" && words[0] != "--version") return false;
  for (const std::string& word : words)
    if (word == "--full") return true;
  return false;
}

// The folder this program stands in, links followed; "" where the system does not say.
std::string own_folder() {
  std::vector<char> path(4096);
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || static_cast<size_t>(size) == path.size()) return "";
  const std::string whole(path.data(), static_cast<size_t>(size));
  return whole.substr(0, whole.find_last_of('/'));
}

// Beside `braid` in a build folder, below libexec once installed.
std::string find_program(const std::string& folder, const std::string& name) {
  for (const std::string& path : {folder + "/" + name, folder + "/" BRAID_LIBEXEC "/" + name}) {
    struct stat found {};
    if (stat(path.c_str(), &found) == 0) return path;
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name =
      needs_tensors({argv + (argc > 0 ? 1 : 0), argv + argc}) ? "braid-tensor" : "braid-light";
  const std::string folder = own_folder();
  const std::string path = find_program(folder, name);
  if (path.empty()) {
    std::fprintf(stderr,
                 "braid: %s: expected the program %s here or in " BRAID_LIBEXEC
                 ", got none; install Braid again\n",
                 folder.c_str(), name.c_str());
    return kExitIo;
  }
  braid::choose_waiting();
  execv(path.c_str(), argv);
  std::fprintf(stderr, "braid: %s: cannot start: %s\n", path.c_str(), std::strerror(errno));
  return kExitIo;
}
