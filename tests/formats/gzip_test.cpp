#include "formats/gzip.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "nifti_bytes.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using braid::testing::gzip_bytes;

TEST(gzip, reads_as_far_as_asked) {
  const std::string bytes = gzip_bytes("abcdefgh");
  EXPECT_TRUE(is_gzip(bytes));
  EXPECT_FALSE(is_gzip("n+1"));
  EXPECT_EQ(gunzip_front(bytes, 3, "a.gz"), "abc");
  EXPECT_EQ(gunzip_front(bytes, 0, "a.gz"), "");
  EXPECT_EQ(gunzip_front(bytes, 1000000000000, "a.gz"), "abcdefgh");
}

TEST(gzip, reads_several_streams_as_one_and_ignores_what_follows) {
  EXPECT_EQ(gunzip_front(gzip_bytes("abc") + gzip_bytes("def"), 10, "a.gz"), "abcdef");
  EXPECT_EQ(gunzip_front(gzip_bytes("abc") + "padding", 10, "a.gz"), "abc");
}

TEST(gzip, large_texts_come_in_pieces) {
  const std::string text(5 << 20, 'x');
  EXPECT_TRUE(gunzip_front(gzip_bytes(text), text.size(), "a.gz") == text);
}

TEST(gzip, refuses_damage) {
  const std::string bytes = gzip_bytes("abcdefgh");
  for (size_t length = 2; length < bytes.size(); ++length)
    expect_error(ErrorKind::format,
                 "a.gz: byte " + std::to_string(length) + ": gzip: expected more",
                 [&] { gunzip_front(std::string_view(bytes).substr(0, length), 8, "a.gz"); });
  std::string damaged = bytes;
  damaged[bytes.size() - 6] ^= 1;  // of the checksum
  expect_error(ErrorKind::format, "gzip: expected compressed bytes, got incorrect data check",
               [&] { gunzip_front(damaged, 8, "a.gz"); });
  expect_error(ErrorKind::format, "a.gz: byte 0: expected a gzip file, got other bytes",
               [] { gunzip_front("", 8, "a.gz"); });
}

}  // namespace
}  // namespace braid::formats
