// Where the real datasets and the golden files lie, so that a test can use them where they are and
// skip where not.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

namespace braid::testing {

namespace detail {
inline std::string existing_folder(const char* variable, const char* otherwise) {
  const char* set = std::getenv(variable);
  const std::string folder = set != nullptr && *set != '\0' ? set : otherwise;
  std::error_code code;
  return std::filesystem::is_directory(folder, code) ? folder : "";
}
}  // namespace detail

/// The folder of real datasets: BRAID_DATA, else ../shared/data beside the repository; "" when
/// absent.
inline std::string data_folder() { return detail::existing_folder("BRAID_DATA", "../shared/data"); }

/// The folder of golden files: BRAID_GOLDENS, else ../shared/goldens beside the repository; "" when
/// absent.
inline std::string goldens_folder() {
  return detail::existing_folder("BRAID_GOLDENS", "../shared/goldens");
}

}  // namespace braid::testing
