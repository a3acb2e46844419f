#include "formats/npy_header.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "npy_bytes.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using braid::testing::npy_bytes;
using braid::testing::npy_dict;

void expect_refused(const std::string& header, const std::string& part) {
  expect_error(ErrorKind::format, part, [&] { parse_npy_header(npy_bytes(header, ""), "a.npy"); });
}

TEST(npy_header, reads_versions_1_to_3) {
  for (int version = 1; version <= 3; ++version) {
    const std::string bytes = npy_bytes(npy_dict("<f4", "(3, 4)"), "", version);
    const NpyHeader header = parse_npy_header(bytes, "a.npy");
    EXPECT_EQ(header.dtype, "<f4");
    EXPECT_FALSE(header.fortran_order);
    EXPECT_EQ(header.shape, (std::vector<int64_t>{3, 4}));
    EXPECT_EQ(header.data_offset, bytes.size());
    EXPECT_EQ(npy_front_bytes(bytes.substr(0, 12), "a.npy"), bytes.size());
  }
  expect_error(ErrorKind::format, "a.npy: byte 6: version: expected 1, 2 or 3, got 4",
               [] { parse_npy_header(npy_bytes(npy_dict("<f4", "(1,)"), "", 4), "a.npy"); });
}

TEST(npy_header, takes_any_order_quotes_and_spaces) {
  const NpyHeader header = parse_npy_header(
      npy_bytes("{\"shape\":(2L,3L),\t'fortran_order' :True,'descr':\"|i1\"}   \n", ""), "a.npy");
  EXPECT_EQ(header.shape, (std::vector<int64_t>{2, 3}));  // 2L is Python 2's spelling
  EXPECT_TRUE(header.fortran_order);
  EXPECT_EQ(header.dtype, "|i1");
  EXPECT_TRUE(parse_npy_header(npy_bytes(npy_dict("<f8", "()"), ""), "a").shape.empty());
}

TEST(npy_header, refuses_types_that_are_no_numbers) {
  expect_refused(npy_dict("|O", "(3,)"),
                 "a.npy: dtype: expected numbers, got pickled Python objects, which are never "
                 "loaded; save it again after array.astype(\"float32\")");
  expect_refused(npy_dict(">f4", "(3,)"),
                 "a.npy: dtype: expected little-endian numbers, got big-endian '>f4'; save it "
                 "again after array.astype(\"<f4\")");
  expect_refused("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (3,), }",
                 "a.npy: dtype: expected one number type, got a structured array");
  for (const char* dtype : {"<U5", "|S3", "<c8", "<M8[ns]", "<f16", "", "<", "f4", "<f4x"})
    expect_refused(npy_dict(dtype, "(3,)"), "a.npy: dtype: expected one of b1, i1, u1, ");
}

TEST(npy_header, refuses_shapes_that_overflow) {
  expect_refused(npy_dict("<f4", "(9223372036854775808,)"), "a.npy: shape: expected lengths that");
  // 2^62 * 2 bytes of f2 is 2^63: one more than fits.
  expect_refused(npy_dict("<f2", "(4611686018427387904,)"), "a.npy: shape: expected a size that");
  expect_refused(npy_dict("<f4", "(4294967296, 4294967296)"), "got [4294967296, 4294967296]");
  expect_refused(npy_dict("<f4", "(0, 4294967296, 4294967296)"), "a size that fits 63 bits");
  expect_refused(npy_dict("<f4", "(-1,)"), "expected a length");
  std::string many = "(";
  for (int i = 0; i < 65; ++i) many += "1,";
  expect_refused(npy_dict("<f4", many + ")"), "a.npy: shape: expected at most 64 axes");
}

TEST(npy_header, refuses_broken_literals) {
  const char* const broken[] = {
      "",
      "{",
      "{}",
      "[]",
      "{'descr': '<f4'}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3 4)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': 3}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}",
      "{'descr': '<f4, 'fortran_order': False, 'shape': (3,)}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}",
  };
  for (const char* header : broken) expect_refused(header, "a.npy: header, character ");
}

TEST(npy_header, holds_the_header_to_a_size) {
  std::string bytes("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF", 12);
  expect_error(ErrorKind::format, "byte 8: header: expected at most 1048576 bytes, got 4294967295",
               [&] { parse_npy_header(bytes, "a.npy"); });
}

}  // namespace
}  // namespace braid::formats
