#include "formats/bytes.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

TEST(bytes, reads_little_endian_in_order) {
  ByteReader reader(std::string_view("\x01\x02\x01\xFF\xFF\xFF\xFFxy", 9), "a.bin");
  EXPECT_EQ(reader.little_endian<uint8_t>("one"), 1);
  EXPECT_EQ(reader.little_endian<uint16_t>("two"), 0x0102);  // bytes 02 01
  EXPECT_EQ(reader.little_endian<int32_t>("four"), -1);
  EXPECT_EQ(reader.offset(), 7u);
  EXPECT_EQ(reader.remaining(), 2u);
  EXPECT_EQ(reader.take(2, "rest"), "xy");
  EXPECT_EQ(reader.take(0, "nothing"), "");
}

TEST(bytes, says_where_a_file_ends_too_early) {
  ByteReader reader("abc", "a.bin");
  reader.take(1, "first");
  const char* message = "a.bin: byte 1: body: expected 3 bytes, got 2; is the file complete?";
  expect_error(ErrorKind::format, message, [&] { reader.take(3, "body"); });
  EXPECT_EQ(reader.offset(), 1u);
  expect_error(ErrorKind::format, "got 2", [&] { reader.take(~uint64_t{0}, "body"); });
  expect_error(ErrorKind::format, "expected 4 bytes",
               [&] { reader.little_endian<float>("number"); });
  expect_error(ErrorKind::format, "a.bin: byte 1: odd 7", [&] { reader.fail("odd {}", 7); });
}

TEST(bytes, multiplies_only_what_fits) {
  uint64_t product = 0;
  EXPECT_TRUE(multiply(uint64_t{1} << 32, (uint64_t{1} << 32) - 1, &product));
  EXPECT_EQ(product, 0xFFFFFFFF00000000u);
  EXPECT_FALSE(multiply(uint64_t{1} << 32, uint64_t{1} << 32, &product));
}

}  // namespace
}  // namespace braid::formats
