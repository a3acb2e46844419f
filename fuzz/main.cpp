// Replays files and folders of files through a fuzzer's entry, for builds without libFuzzer.
#include <cstdint>
#include <cstdio>
#include <filesystem>

#include "core/file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

int replay(const std::filesystem::path& path) {
  const std::string bytes = braid::read_file(path.string());
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  return 1;
}

}  // namespace

int main(int num_arguments, char** arguments) {
  int num_inputs = 0;
  try {
    for (int i = 1; i < num_arguments; ++i) {
      if (!std::filesystem::is_directory(arguments[i])) {
        num_inputs += replay(arguments[i]);
        continue;
      }
      for (const auto& item : std::filesystem::recursive_directory_iterator(arguments[i]))
        if (item.is_regular_file()) num_inputs += replay(item.path());
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  std::printf("%d inputs replayed\n", num_inputs);
  return num_inputs > 0 ? 0 : 1;
}
