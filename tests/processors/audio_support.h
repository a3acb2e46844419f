// What the tests of sound for pretrained checkpoints share.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.h"
#include "formats/npy.h"
#include "processors/audio_processor.h"

namespace braid::processors {

inline AudioProcessor read_processor(const std::string& path) {
  return AudioProcessor::parse(parse_json(read_file(path), path), path);
}

inline std::vector<float> read_samples(const std::string& npy) {
  const formats::NpyArray array = formats::read_npy(npy);
  return {array.values.begin(), array.values.end()};
}

/// The entries of a folder, by name.
inline std::vector<std::filesystem::path> sorted_entries(const std::string& folder) {
  std::vector<std::filesystem::path> entries;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

inline double farthest(const std::vector<float>& got, const std::vector<double>& expected) {
  EXPECT_EQ(got.size(), expected.size());
  double most = 0;
  for (size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
    EXPECT_TRUE(std::isfinite(got[i])) << i;
    most = std::max(most, std::fabs(got[i] - expected[i]));
  }
  return most;
}

/// (F, T) as the reference writes it to (T, F).
inline std::vector<double> transposed(const std::vector<double>& values, int64_t rows) {
  std::vector<double> out(values.size());
  const int64_t columns = static_cast<int64_t>(values.size()) / rows;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) out[c * rows + r] = values[r * columns + c];
  return out;
}

}  // namespace braid::processors
