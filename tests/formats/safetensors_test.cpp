#include "formats/safetensors.h"

#include <gtest/gtest.h>

#include "checkpoint_samples.h"
#include "core/file.h"
#include "expect_error.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::container;
using braid::testing::entry;
using braid::testing::expect_error;

void expect_refused(const std::string& header, const std::string& data, const std::string& part) {
  expect_error(ErrorKind::format, part,
               [&] { parse_safetensors(container(header, data), "m.safetensors"); });
}

SafeTensors example() {
  SafeTensors content;
  content.tensors = {
      {"b.weight", {"F32", {2, 1}, std::string("\x00\x00\x80\x3F\x00\x00\x00\x40", 8)}},
      {"a \"quoted\" \xC3\xA9", {"BOOL", {}, std::string("\x01", 1)}},
      {"empty", {"BF16", {3, 0}, ""}},
      {"z", {"I16", {1}, "xy"}}};
  content.metadata = {{"format", "pt"}, {"note", "two\nlines"}};
  return content;
}

void expect_same(const SafeTensors& a, const SafeTensors& b) {
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    EXPECT_EQ(a.tensors[i].first, b.tensors[i].first);
    EXPECT_EQ(a.tensors[i].second.dtype, b.tensors[i].second.dtype);
    EXPECT_EQ(a.tensors[i].second.shape, b.tensors[i].second.shape);
    EXPECT_TRUE(a.tensors[i].second.bytes == b.tensors[i].second.bytes) << a.tensors[i].first;
  }
}

TEST(safetensors, reads_back_what_it_writes) {
  const std::string bytes = serialize_safetensors(example());
  expect_same(parse_safetensors(bytes, "m"), example());
  EXPECT_EQ(bytes, serialize_safetensors(example()));
  EXPECT_EQ(static_cast<unsigned char>(bytes[0]) % 8, 0);  // so the data begins at a multiple of 8
  expect_same(parse_safetensors(serialize_safetensors({}), "m"), {});
}

TEST(safetensors, writes_the_bytes_of_the_format) {
  SafeTensors content;
  content.tensors = {{"a", {"U8", {2}, "xy"}}};
  // 50 characters and 6 spaces make 56 = 0x38.
  EXPECT_EQ(serialize_safetensors(content),
            std::string("\x38\0\0\0\0\0\0\0", 8) +
                R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})" + "   " + "xy");
}

TEST(safetensors, reads_hand_built_bytes_in_data_order) {
  const SafeTensors content = parse_safetensors(
      container("{" + entry("second", "[2,5]", "[3]") + ", \"__metadata__\": {\"k\": \"v\"}, " +
                    entry("first", "[0,2]", "[1]", "\"F16\"") + "}  ",
                "abcde"),
      "m");
  ASSERT_EQ(content.tensors.size(), 2u);
  EXPECT_EQ(content.tensors[0].first, "first");
  ASSERT_NE(content.find("second"), nullptr);
  EXPECT_EQ(content.find("second")->bytes, "cde");
  EXPECT_EQ(content.find("first")->dtype, "F16");
  EXPECT_EQ(content.find("third"), nullptr);
  EXPECT_EQ(content.metadata.at("k"), "v");
}

TEST(safetensors, knows_the_size_of_every_type) {
  const std::pair<const char*, int> sizes[] = {
      {"F64", 8},     {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"F8_E4M3", 1},
      {"F8_E5M2", 1}, {"I64", 8}, {"I32", 4}, {"I16", 2},  {"I8", 1},
      {"U64", 8},     {"U32", 4}, {"U16", 2}, {"U8", 1},   {"BOOL", 1}};
  for (const auto& [dtype, size] : sizes) {
    const std::string quoted = std::string("\"") + dtype + "\"";
    const std::string end = std::to_string(3 * size);
    const std::string header = "{" + entry("a", "[0," + end + "]", "[3]", quoted) + "}";
    EXPECT_EQ(parse_safetensors(container(header, std::string(3 * size, 'x')), "m")
                  .find("a")
                  ->bytes.size(),
              3u * size);
    expect_refused("{" + entry("a", "[0," + end + "]", "[4]", quoted) + "}",
                   std::string(3 * size, 'x'),
                   "m.safetensors: tensor 'a': data_offsets: expected " + std::to_string(4 * size) +
                       " bytes for " + dtype + " [4], got " + end);
  }
}

TEST(safetensors, truncation_at_every_byte_is_an_error) {
  const std::string bytes = serialize_safetensors(example());
  for (size_t length = 0; length < bytes.size(); ++length)
    expect_error(ErrorKind::format,
                 "m: ", [&] { parse_safetensors(std::string_view(bytes).substr(0, length), "m"); });
}

TEST(safetensors, refuses_a_header_length_that_lies) {
  for (const uint64_t length : {uint64_t{1} << 60, ~uint64_t{0}, uint64_t{100'000'001}}) {
    std::string bytes = container("{}", "");
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> (8 * i) & 0xFF);
    expect_error(
        ErrorKind::format,
        "m: byte 0: header length: expected at most 100000000 bytes, got " + std::to_string(length),
        [&] { parse_safetensors(bytes, "m"); });
  }
  std::string bytes = container("{}", "");
  bytes[0] = 3;
  expect_error(ErrorKind::format, "m: byte 8: header: expected 3 bytes, got 2",
               [&] { parse_safetensors(bytes, "m"); });
}

TEST(safetensors, refuses_a_header_that_is_no_object) {
  expect_refused("{\"a\":", "", "m.safetensors: header: byte 6: expected JSON");
  expect_refused("", "", "m.safetensors: header: byte 1: expected JSON");
  expect_refused("[]", "", "m.safetensors: header: expected an object {...}, got a list");
  expect_refused("{\"a\": 1e999}", "", "expected a number within double's range");
  expect_refused("{\"a\": 1}", "", "tensor 'a': expected an object, got a number");
  expect_refused("{\"__metadata__\": []}", "", "__metadata__: expected an object, got a list");
  expect_refused("{\"__metadata__\": {\"k\": 1}}", "", "__metadata__: 'k': expected text");
}

TEST(safetensors, refuses_names_that_stand_twice) {
  expect_refused("{" + entry("a", "[0,1]", "[1]") + "," + entry("a", "[1,2]", "[1]") + "}", "xy",
                 "the key 'a' stands twice");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}})", "x",
                 "the key 'shape' stands twice");
}

TEST(safetensors, refuses_data_that_tensors_share_or_leave) {
  expect_refused("{" + entry("a", "[0,4]", "[4]") + "," + entry("b", "[2,6]", "[4]") + "}",
                 "abcdef",
                 "m.safetensors: tensor 'b': data_offsets: expected to begin at 4, got 2: tensors "
                 "overlap");
  expect_refused("{" + entry("a", "[0,2]", "[2]") + "," + entry("b", "[3,6]", "[3]") + "}",
                 "abcdef", "tensor 'b': data_offsets: expected to begin at 2, got 3: a gap");
  expect_refused("{" + entry("a", "[1,6]", "[5]") + "}", "abcdef", "begin at 0, got 1: a gap");
  expect_refused("{" + entry("a", "[0,5]", "[5]") + "}", "abcdef",
                 "m.safetensors: expected 5 bytes of data as the header says, got 6");
  expect_refused("{" + entry("a", "[0,7]", "[7]") + "}", "abcdef",
                 "tensor 'a': data_offsets: expected an end within the 6 bytes of data, got 7; is "
                 "the file complete?");
}

TEST(safetensors, refuses_broken_entries) {
  expect_refused("{" + entry("a", "[2,0]", "[2]") + "}", "ab", "begin <= end, got [2, 0]");
  for (const char* offsets : {"[0]", "[0,1,2]", "[]"})
    expect_refused("{" + entry("a", offsets, "[2]") + "}", "ab", "expected [begin, end]");
  for (const char* offsets :
       {"[-1,1]", "[0,1.5]", "[0,\"2\"]", "[0,[2]]", "[0,9223372036854775808]"})
    expect_refused("{" + entry("a", offsets, "[2]") + "}", "ab",
                   "tensor 'a': data_offsets: expected whole numbers from 0 that fit 63 bits");
  expect_refused("{" + entry("a", "7", "[2]") + "}", "ab", "data_offsets: expected a list");
  expect_refused("{" + entry("a", "[0,2]", "[-2]") + "}", "ab", "shape: expected whole numbers");
  for (const std::string dtype : {"F4", "F6_E2M3", "F6_E3M2", "F8_E8M0", "C64", "f32", ""})
    expect_refused("{" + entry("a", "[0,2]", "[2]", "\"" + dtype + "\"") + "}", "ab",
                   "tensor 'a': dtype: expected one of F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, "
                   "I32, I16, I8, U64, U32, U16, U8, BOOL, got \"" +
                       dtype + "\"; convert the tensor");
  expect_refused("{" + entry("a", "[0,2]", "[2]", "[]") + "}", "ab", "got a list");
  expect_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[2]}}", "ab", "got no data_offsets");
  expect_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2],\"x\":1}}", "ab",
                 "got 4 keys");
}

TEST(safetensors, refuses_shapes_that_overflow) {
  // 2^32 * 2^32 * 4 wraps to 0, which would match the offsets.
  for (const char* shape : {"[4294967296,4294967296]", "[0,4294967296,4294967296]",
                            "[4611686018427387904]", "[9223372036854775807]"})
    expect_refused("{" + entry("a", "[0,0]", shape, "\"F32\"") + "}", "",
                   "tensor 'a': shape: expected a size that fits 63 bits");
}

TEST(safetensors, refuses_to_write_what_it_could_not_read) {
  const auto write = [](const std::string& name, const SafeTensor& tensor) {
    SafeTensors content;
    content.tensors = {{"a", {"U8", {0}, ""}}, {name, tensor}};
    serialize_safetensors(content);
  };
  expect_error(ErrorKind::usage, "tensor 'a': expected a name that no other tensor has", [&] {
    write("a", {"U8", {1}, "x"});
  });
  expect_error(ErrorKind::usage, "a name that no other", [&] {
    write("__metadata__", {"U8", {0}, ""});
  });
  expect_error(ErrorKind::usage, "got 'F8'", [&] { write("b", {"F8", {1}, "x"}); });
  expect_error(ErrorKind::shape, "tensor 'b': expected the bytes of F32 [1, 2], got 1 bytes", [&] {
    write("b", {"F32", {1, 2}, "x"});
  });
  expect_error(ErrorKind::shape, "F32 [-1]", [&] { write("b", {"F32", {-1}, "x"}); });
  expect_error(ErrorKind::usage, "in UTF-8", [&] { write("\xFF", {"U8", {1}, "x"}); });
}

// The sizes stand in the folder's README: 128, 256 and 64 features to 512 each, 10 classes.
TEST(safetensors, reads_pytorchs_files) {
  const std::string folder = braid::testing::goldens_folder();
  if (folder.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  const std::pair<const char*, const char*> files[] = {{"early", "text_encoder.encoder.weight"},
                                                       {"late", "text_pipeline.0.encoder.weight"},
                                                       {"hybrid", "text_encoder.encoder.weight"}};
  for (const auto& [file, name] : files) {
    const SafeTensors content =
        read_safetensors(folder + "/chapter/" + std::string(file) + ".safetensors");
    const SafeTensor* weight = content.find(name);
    ASSERT_NE(weight, nullptr) << file;
    EXPECT_EQ(weight->dtype, "F32");
    EXPECT_EQ(weight->shape, (std::vector<int64_t>{512, 128}));
    EXPECT_EQ(weight->bytes.size(), 512u * 128 * 4);
    expect_same(parse_safetensors(serialize_safetensors(content), file), content);
  }
}

}  // namespace
}  // namespace braid::formats
