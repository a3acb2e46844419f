// The golden pictures of the image processors, and arrays compared with them.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/json.h"
#include "formats/image.h"
#include "formats/npy.h"
#include "support/shared_folders.h"

namespace braid::testing {

/// Files of `folder` whose name ends in `ending`, sorted; "" where the folder is absent gives none.
inline std::vector<std::string> files_that_end_in(const std::string& folder,
                                                  const std::string& ending) {
  std::vector<std::string> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > ending.size() &&
        name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
      files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

inline std::vector<std::string> folders_of(const std::string& folder) {
  std::vector<std::string> folders;
  if (!std::filesystem::is_directory(folder)) return folders;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_directory()) folders.push_back(entry.path().string());
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// Picture `index` of an array (H, W, 3) or (T, H, W, 3) of levels.
inline formats::Image image_of(const formats::NpyArray& array, int64_t index = 0) {
  const size_t axis = array.shape.size() - 3;
  formats::Image image;
  image.height = static_cast<int>(array.shape[axis]);
  image.width = static_cast<int>(array.shape[axis + 1]);
  image.channels = static_cast<int>(array.shape[axis + 2]);
  const int64_t size = int64_t{1} * image.height * image.width * image.channels;
  for (int64_t i = 0; i < size; ++i)
    image.pixels.push_back(static_cast<uint8_t>(array.values[index * size + i]));
  return image;
}

inline Json read_json(const std::string& path) { return parse_json(read_file(path), path); }

struct Difference {
  double largest = 0, mean = 0;
  int64_t num_unequal = 0;
};

inline Difference difference(const std::vector<float>& got, const formats::NpyArray& expected) {
  EXPECT_EQ(got.size(), expected.values.size());
  Difference d;
  if (got.size() != expected.values.size()) return d;
  for (size_t i = 0; i < got.size(); ++i) {
    const double off = std::fabs(got[i] - expected.values[i]);
    d.largest = std::max(d.largest, off);
    d.mean += off / static_cast<double>(got.size());
    if (off != 0) ++d.num_unequal;
  }
  return d;
}

}  // namespace braid::testing
