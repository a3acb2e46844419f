#include "index/vector_index.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "clusters.h"
#include "core/file.h"
#include "formats/expect_error.h"
#include "formats/safetensors.h"

using namespace braid;
using namespace braid::index;
using namespace braid::index::examples;
using braid::testing::expect_error;

namespace {

// The methods that this build has.
std::vector<IndexConfig> configs() {
  std::vector<IndexConfig> all(2);
  all[1].method = "hnsw";
  try {
    VectorIndex::build({1}, 1, all[1]);
  } catch (const Error&) {
    all.pop_back();
  }
  return all;
}

// Writes the arrays anew with a summary that vouches for them, as a forger would.
void forge(const std::string& folder, const formats::SafeTensors& arrays) {
  const std::string bytes = formats::serialize_safetensors(arrays);
  Json summary = parse_json(read_file(folder + "/index.json"), "summary");
  summary["file_bytes"] = bytes.size();
  summary["fingerprint"] = fmt::format("{:016x}", hash_bytes(bytes));
  write_file_atomically(folder + "/index.safetensors", bytes);
  write_file_atomically(folder + "/index.json", summary.dump());
}

void refuses(const std::string& folder, const std::string& part) {
  expect_error(ErrorKind::format, part, [&] { VectorIndex::load(folder); });
}

}  // namespace

TEST(vector_index, finds_by_cosine_similarity) {
  // Of (1, 0), (3, 4) / 5 and (0, 2) / 2, the query (2, 0) has cosines 1, 0.6 and 0.
  for (const IndexConfig& config : configs()) {
    const VectorIndex index = VectorIndex::build({1, 0, 3, 4, 0, 2}, 2, config);
    EXPECT_EQ(index.size(), 3);
    EXPECT_EQ(index.width(), 2);
    const auto found = index.search({2, 0, 0, 1}, 2);
    ASSERT_EQ(found.size(), 2u);
    ASSERT_EQ(found[0].size(), 2u);
    EXPECT_EQ(found[0][0].row, 0);
    EXPECT_FLOAT_EQ(found[0][0].score, 1);
    EXPECT_EQ(found[0][1].row, 1);
    EXPECT_FLOAT_EQ(found[0][1].score, .6f);
    EXPECT_EQ(found[1][0].row, 2);
    EXPECT_EQ(found[1][1].row, 1);
    EXPECT_FLOAT_EQ(found[1][1].score, .8f);
    EXPECT_EQ(index.search({2, 0}, 50)[0].size(), 3u);
    EXPECT_TRUE(index.search({}, 1).empty());
  }
}

TEST(vector_index, answers_the_same_after_saving) {
  for (const IndexConfig& config : configs()) {
    const TemporaryFolder temporary;
    const std::string folder = temporary / "index";
    const VectorIndex index = VectorIndex::build(clustered(600, 13, 9, 3, 0), 13, config);
    index.save(folder);
    index.save(folder);  // over its own
    const VectorIndex loaded = VectorIndex::load(folder);
    EXPECT_EQ(loaded.config().method, config.method);
    const std::vector<float> queries = clustered(40, 13, 9, 3, 1);
    const auto expected = index.search(queries, 8), found = loaded.search(queries, 8);
    for (size_t q = 0; q < expected.size(); ++q)
      for (size_t i = 0; i < 8; ++i) {
        EXPECT_EQ(found[q][i].row, expected[q][i].row);
        EXPECT_EQ(found[q][i].score, expected[q][i].score);
      }
  }
}

TEST(vector_index, refuses_vectors_without_a_direction) {
  const IndexConfig config;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  expect_error(ErrorKind::data, "index: row 1: expected a vector with a direction, got zeros", [&] {
    VectorIndex::build({1, 2, 0, 0}, 2, config);
  });
  expect_error(ErrorKind::data, "index: row 0: expected finite values", [&] {
    VectorIndex::build({1, nan}, 2, config);
  });
  expect_error(ErrorKind::data, "index: expected at least one vector, got none",
               [&] { VectorIndex::build({}, 2, config); });
  expect_error(ErrorKind::shape, "index: expected whole rows of 2 values, got 3", [&] {
    VectorIndex::build({1, 2, 3}, 2, config);
  });
  const VectorIndex index = VectorIndex::build({1, 2}, 2, config);
  expect_error(ErrorKind::data, "index: queries: row 0: expected finite values", [&] {
    index.search({nan, 1}, 1);
  });
  expect_error(ErrorKind::shape, "index: queries: expected whole rows of 2 values, got 1",
               [&] { index.search({1}, 1); });
  expect_error(ErrorKind::usage, "index: search: expected at least 1 neighbour, got 0", [&] {
    index.search({1, 2}, 0);
  });
}

TEST(vector_index, refuses_settings_out_of_range) {
  IndexConfig config;
  config.method = "magic";
  expect_error(ErrorKind::config, "magic", [&] { VectorIndex::build({1}, 1, config); });
  config = IndexConfig();
  config.links = 1;
  expect_error(ErrorKind::config, "index.links", [&] { VectorIndex::build({1}, 1, config); });
}

TEST(vector_index, refuses_damaged_files) {
  for (const IndexConfig& config : configs()) {
    const TemporaryFolder temporary;
    const std::string folder = temporary / "index";
    VectorIndex::build({1, 0, 3, 4, 0, 2}, 2, config).save(folder);
    const std::string arrays = folder + "/index.safetensors", summary = folder + "/index.json";
    const std::string bytes = read_file(arrays), text = read_file(summary);
    write_file_atomically(arrays, bytes.substr(0, bytes.size() - 1));
    refuses(folder, fmt::format("expected {} bytes, got {}; is the file complete?", bytes.size(),
                                bytes.size() - 1));
    for (size_t i = 0; i < bytes.size(); i += 29) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
      write_file_atomically(arrays, damaged);
      refuses(folder, "the file was changed, build the index again");
    }
    write_file_atomically(arrays, bytes);
    for (size_t size = 0; size + 2 < text.size(); size += 17) {
      write_file_atomically(summary, text.substr(0, size));
      refuses(folder, "index.json");
    }
    const auto with = [&](const char* key, const Json& value, const char* part) {
      Json changed = parse_json(text, "summary");
      changed[key] = value;
      write_file_atomically(summary, changed.dump());
      refuses(folder, part);
    };
    with("format", "other", "expected a file of the format 'braid-index', got something else");
    with("format_version", 2, "expected version 1, got 2; use the Braid that wrote it");
    with("size", -1, "size: expected a whole number of at least 1, got -1");
    with("size", 4, "array 'vectors': expected F32 [4, 2], got F32 [3, 2]");
    with("width", "2", "width: expected a whole number of at least 1, got \"2\"");
    with("config", 7, "is the file damaged?");
    with("config", {{"method", "magic"}}, "is the file damaged?");
    with("fingerprint", 1, "fingerprint: expected text, got 1");
    write_file_atomically(summary, "[]");
    refuses(folder, "expected a file of the format 'braid-index'");
  }
}

TEST(vector_index, refuses_forged_files) {
  for (const IndexConfig& config : configs()) {
    const TemporaryFolder temporary;
    const std::string folder = temporary / "index";
    const VectorIndex index = VectorIndex::build({1, 0, 3, 4, 0, 2}, 2, config);
    index.save(folder);
    const formats::SafeTensors good = formats::read_safetensors(folder + "/index.safetensors");
    forge(folder, good);
    EXPECT_EQ(VectorIndex::load(folder).search({2, 0}, 1)[0][0].row, 0);
    const auto forged = [&](size_t array, int32_t value) {
      formats::SafeTensors changed = good;
      std::string& bytes = changed.tensors[array].second.bytes;
      std::memcpy(bytes.data(), &value, sizeof value);
      forge(folder, changed);
    };
    forged(0, 0x7FC00000);  // NaN
    refuses(folder, "vector 0: expected length 1, got nan; build the index again");
    formats::SafeTensors fewer = good;
    fewer.tensors.erase(fewer.tensors.begin());
    forge(folder, fewer);
    refuses(folder, "expected an array 'vectors', got none");
    for (size_t array = 1; array < good.tensors.size(); ++array) {
      forged(array, 1 << 30);
      refuses(folder, good.tensors[array].first + ": expected");
    }
  }
}

TEST(vector_index, leaves_other_folders_alone) {
  const TemporaryFolder temporary;
  write_file_atomically(temporary / "index.json", "{}");
  const VectorIndex index = VectorIndex::build({1, 2}, 2, IndexConfig());
  expect_error(ErrorKind::usage, "expected a new folder or an index, got files of another origin",
               [&] { index.save(temporary.path()); });
  EXPECT_EQ(read_file(temporary / "index.json"), "{}");
}
