#include "formats/checkpoint_index.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using Map = std::map<std::string, std::string>;

void expect_refused(const std::string& text, const std::string& part) {
  expect_error(ErrorKind::format, part, [&] { parse_checkpoint_index(text, "i.json"); });
}

TEST(checkpoint_index, reads_the_weight_map_alone) {
  EXPECT_EQ(parse_checkpoint_index(R"({"metadata":{"total_size":1.5e9},"weight_map":
                {"b":"2.safetensors","a":"part/1.safetensors"},"more":[]})",
                                   "i.json"),
            (Map{{"a", "part/1.safetensors"}, {"b", "2.safetensors"}}));
}

TEST(checkpoint_index, reads_back_what_it_writes) {
  const Map shards = {{"a \"quoted\"", "1.safetensors"}, {"b", "2.safetensors"}};
  EXPECT_EQ(parse_checkpoint_index(serialize_checkpoint_index(shards, 12), "i"), shards);
  EXPECT_EQ(serialize_checkpoint_index({{"a", "1.safetensors"}}, 12),
            "{\n  \"metadata\": {\n    \"total_size\": 12\n  },\n  \"weight_map\": {\n"
            "    \"a\": \"1.safetensors\"\n  }\n}\n");
}

TEST(checkpoint_index, refuses_paths_that_leave_the_folder) {
  for (const char* path : {"../x.safetensors", "a/../../x.safetensors", "/x.safetensors", "..",
                           "a\\u0000.safetensors"})
    expect_refused(R"({"weight_map":{"a":")" + std::string(path) + "\"}}",
                   "i.json: weight_map: tensor 'a': expected the path of a file in the folder of "
                   "the index, got \"" +
                       std::string(path) + "\"");
  for (const char* path : {"pytorch_model.bin", "", "safetensors"})
    expect_refused(R"({"weight_map":{"a":")" + std::string(path) + "\"}}",
                   "tensor 'a': expected the name of a .safetensors file, got \"" +
                       std::string(path) + "\"; convert");
}

TEST(checkpoint_index, refuses_broken_text) {
  expect_refused("", "i.json: byte 1: expected JSON");
  expect_refused("[]", "i.json: expected an object {...}, got a list");
  expect_refused("{}", "i.json: expected the key weight_map, got none");
  expect_refused(R"({"weight_map":[]})", "i.json: weight_map: expected an object, got a list");
  expect_refused(R"({"weight_map":{}})",
                 "i.json: weight_map: expected a tensor at least, got none");
  expect_refused(R"({"weight_map":{"a":1}})",
                 "tensor 'a': expected the name of a file, got a number");
  expect_refused(R"({"weight_map":{"a":"1.safetensors","a":"2.safetensors"}})",
                 "the key 'a' stands twice");
}

TEST(checkpoint_index, bounds_the_number_of_files) {
  Map shards;
  for (size_t i = 0; i < kMaxShards; ++i)
    shards["t" + std::to_string(i)] = std::to_string(i) + ".safetensors";
  EXPECT_EQ(parse_checkpoint_index(serialize_checkpoint_index(shards, 0), "i"), shards);
  shards["one more"] = "more.safetensors";
  expect_refused(serialize_checkpoint_index(shards, 0), "expected at most 10000 files, got more");
}

}  // namespace
}  // namespace braid::formats
