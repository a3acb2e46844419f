#include "formats/safetensors_header.h"

#include <gtest/gtest.h>

#include "checkpoint_samples.h"
#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::container;
using braid::testing::entry;
using braid::testing::expect_error;

TEST(safetensors_header, views_lie_in_the_file) {
  const std::string file =
      container("{" + entry("b", "[1,5]", "[1]", "\"F32\"") + "," + entry("a", "[0,1]", "[]") + "}",
                std::string("x\0\0\xC0\x3F", 5));
  const SafetensorsHeader header = parse_safetensors_header(file, "m");
  ASSERT_EQ(header.tensors.size(), 2u);
  EXPECT_EQ(header.tensors[0].name, "a");
  EXPECT_EQ(header.tensors[1].name, "b");
  EXPECT_EQ(header.tensors[1].bytes.data(), file.data() + file.size() - 4);
  // 0x3FC00000: sign 0, exponent 127, fraction a half; at an odd place of the data.
  EXPECT_EQ(to_floats(header.tensors[1]), std::vector<float>{1.5f});
}

TEST(safetensors_header, stands_before_the_bytes) {
  const std::vector<TensorView> tensors = {{"a", "U8", {2}, "xy"}, {"b", "I8", {1}, "z"}};
  const std::string header = serialize_safetensors_header(tensors, {{"k", "v"}});
  EXPECT_EQ(header.size() % 8, 0u);
  const std::string file = header + "xyz";  // what the result's bytes are views into
  const SafetensorsHeader again = parse_safetensors_header(file, "m");
  EXPECT_EQ(again.metadata, (std::map<std::string, std::string>{{"k", "v"}}));
  ASSERT_EQ(again.tensors.size(), 2u);
  EXPECT_EQ(again.tensors[1].name, "b");
  EXPECT_EQ(again.tensors[1].bytes, "z");
  expect_error(ErrorKind::format, "m: tensor 'b': data_offsets: expected an end within the 2 bytes",
               [&] { parse_safetensors_header(header + "xy", "m"); });
}

}  // namespace
}  // namespace braid::formats
