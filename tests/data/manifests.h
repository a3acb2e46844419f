// A manifest in a temporary folder, the dataset read from it, and the message of an error.
#pragma once
#include <algorithm>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "data/dataset.h"

namespace braid::data {

/// Writes `text` as m.csv into a folder that lives as long as the object.
struct Manifest {
  explicit Manifest(const std::string& text, const std::string& name = "m.csv")
      : path(folder / name) {
    std::ofstream(path, std::ios::binary) << text;  // hundreds of them: no sync to the disk
    config.manifest = path;
    config.target = "label";
    sinks.log = [this](LogLevel level, const std::string& line) {
      if (level == LogLevel::warning) warnings.push_back(line);
    };
  }
  Dataset open() { return Dataset::open(config, sinks); }
  bool warned(const std::string& part) const {
    for (const std::string& line : warnings)
      if (line.find(part) != std::string::npos) return true;
    return false;
  }

  TemporaryFolder folder;
  std::string path;
  DatasetConfig config;
  std::vector<std::string> warnings;
  Sinks sinks;
};

struct Failure {
  ErrorKind kind = ErrorKind::internal;
  std::string message = "(no error)";
};

inline Failure failure_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return {e.kind(), e.what()};
  }
  return {};
}

/// The kind and a part of the message.
#define EXPECT_FAILURE(body, expected_kind, part)                                            \
  do {                                                                                       \
    const ::braid::data::Failure failure = ::braid::data::failure_of([&] { (void)(body); }); \
    EXPECT_EQ(failure.kind, ::braid::ErrorKind::expected_kind) << failure.message;           \
    EXPECT_NE(failure.message.find(part), std::string::npos) << failure.message;             \
  } while (false)

/// The groups that rows belong to.
inline std::set<int64_t> groups_in(const Dataset& dataset, const std::vector<int64_t>& rows) {
  std::set<int64_t> groups;
  for (const int64_t row : rows) groups.insert(dataset.groups()[row]);
  return groups;
}

inline bool overlap(const std::set<int64_t>& a, const std::set<int64_t>& b) {
  return std::any_of(a.begin(), a.end(), [&](int64_t x) { return b.count(x) != 0; });
}

}  // namespace braid::data
