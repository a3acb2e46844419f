#include "formats/npy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/file.h"
#include "expect_error.h"
#include "npy_bytes.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using braid::testing::npy_bytes;
using braid::testing::npy_dict;

NpyArray parse(const std::string& dtype, const std::string& shape, const std::string& data,
               const std::string& order = "False") {
  return parse_npy(npy_bytes(npy_dict(dtype, shape, order), data), "a.npy");
}

TEST(npy, reads_back_what_it_writes) {
  const std::vector<float> values = {1.5f, -2, 0, 3.25f, 1e-40f, INFINITY};
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{6}, {2, 3}, {1, 2, 3}, {6, 1, 1, 1}}) {
    const std::string bytes = serialize_npy(shape, values);
    EXPECT_EQ(parse_npy_header(bytes, "a.npy").data_offset % 64, 0u);
    const NpyArray array = parse_npy(bytes, "a.npy");
    EXPECT_EQ(array.shape, shape);
    EXPECT_EQ(array.values, std::vector<double>(values.begin(), values.end()));
  }
  EXPECT_EQ(parse_npy(serialize_npy({}, {7}), "a.npy").values, std::vector<double>{7});
  EXPECT_TRUE(parse_npy(serialize_npy({3, 0}, {}), "a.npy").values.empty());
}

TEST(npy, refuses_to_write_a_shape_that_does_not_fit_the_values) {
  expect_error(ErrorKind::shape, "npy: expected 6 values for [2, 3], got 1", [] {
    serialize_npy({2, 3}, {1});
  });
  expect_error(ErrorKind::shape, "npy: expected lengths", [] { serialize_npy({-1}, {1}); });
}

TEST(npy, widens_every_type) {
  const auto values = [](const char* dtype, const std::string& data) {
    return parse(dtype, "(2,)", data).values;
  };
  using Values = std::vector<double>;
  EXPECT_EQ(values("|b1", std::string("\x00\x02", 2)), (Values{0, 1}));
  EXPECT_EQ(values("|i1", "\x7F\x80"), (Values{127, -128}));
  EXPECT_EQ(values("|u1", "\x7F\x80"), (Values{127, 128}));
  EXPECT_EQ(values("<i2", std::string("\x00\x80\x01\x02", 4)), (Values{-32768, 513}));
  EXPECT_EQ(values("<u2", std::string("\x00\x80\x01\x02", 4)), (Values{32768, 513}));
  EXPECT_EQ(values("<i4", std::string("\xFE\xFF\xFF\xFF\x00\x00\x01\x00", 8)), (Values{-2, 65536}));
  EXPECT_EQ(values("<u4", std::string("\xFE\xFF\xFF\xFF\x00\x00\x01\x00", 8)),
            (Values{4294967294.0, 65536}));
  const std::string longs("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00\x01\x00\x00\x00", 16);
  EXPECT_EQ(values("<i8", longs), (Values{-1, 4294967296.0}));
  EXPECT_EQ(values("<u8", longs), (Values{18446744073709551616.0, 4294967296.0}));  // rounded up
  EXPECT_EQ(values("<f4", std::string("\x00\x00\x80\x3F\x00\x00\x20\xC0", 8)), (Values{1, -2.5}));
  EXPECT_EQ(values("<f8", std::string("\x00\x00\x00\x00\x00\x00\xF0\x3F"
                                      "\x00\x00\x00\x00\x00\x00\x04\xC0",
                                      16)),
            (Values{1, -2.5}));
}

TEST(npy, reads_half_precision) {
  // IEEE 754 binary16: 0x3C00 1, 0xC100 -2.5, 0x7BFF (2 - 2^-10) 2^15 = 65504, 0x0001 2^-24 the
  // smallest subnormal, 0x03FF 1023 * 2^-24, 0x8000 -0, 0x7C00 infinity, 0x7E00 no number.
  const std::string data("\x00\x3C\x00\xC1\xFF\x7B\x01\x00\xFF\x03\x00\x80\x00\x7C\x00\x7E", 16);
  const std::vector<double> values = parse("<f2", "(8,)", data).values;
  EXPECT_EQ(std::vector<double>(values.begin(), values.begin() + 5),
            (std::vector<double>{1, -2.5, 65504, std::pow(2, -24), 1023 * std::pow(2, -24)}));
  EXPECT_TRUE(values[5] == 0 && std::signbit(values[5]));
  EXPECT_EQ(values[6], INFINITY);
  EXPECT_TRUE(std::isnan(values[7]));
}

TEST(npy, turns_fortran_order_into_c_order) {
  // [[1, 2, 3], [4, 5, 6]] by columns.
  EXPECT_EQ(parse("|u1", "(2, 3)", "\x01\x04\x02\x05\x03\x06", "True").values,
            (std::vector<double>{1, 2, 3, 4, 5, 6}));
  // a[i][j][k] = 4i + 2j + k of shape (2, 2, 2): Fortran order runs over i first.
  EXPECT_EQ(
      parse("|u1", "(2, 2, 2)", std::string("\x00\x04\x02\x06\x01\x05\x03\x07", 8), "True").values,
      (std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(parse("|u1", "(3,)", "\x01\x02\x03", "True").values, (std::vector<double>{1, 2, 3}));
  EXPECT_TRUE(parse("|u1", "(0, 3)", "", "True").values.empty());
}

TEST(npy, truncation_at_every_byte_is_an_error) {
  const std::string bytes = serialize_npy({2, 2}, {1, 2, 3, 4});
  for (size_t length = 0; length < bytes.size(); ++length)
    expect_error(ErrorKind::format,
                 "a.npy: ", [&] { parse_npy(std::string_view(bytes).substr(0, length), "a.npy"); });
  expect_error(ErrorKind::format,
               "a.npy: byte 128: data: expected 16 bytes, got 15; is the file complete?",
               [&] { parse_npy(std::string_view(bytes).substr(0, bytes.size() - 1), "a.npy"); });
}

TEST(npy, refuses_bytes_after_the_array_and_other_files) {
  expect_error(ErrorKind::format, "expected 2 bytes, got 3; does the file hold several arrays?",
               [] { parse("|u1", "(2,)", "abc"); });
  expect_error(ErrorKind::format, "a.npy: byte 0: expected an .npy file, which begins with",
               [] { parse_npy("PK\x03\x04", "a.npy"); });
  expect_error(ErrorKind::format, "byte 0: magic: expected 6 bytes, got 0",
               [] { parse_npy("", "a.npy"); });
}

TEST(npy, reads_one_row) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  write_file_atomically(path, serialize_npy({3, 2}, {1, 2, 3, 4, 5, 6}));
  const NpyArray row = read_npy_row(path, 1);
  EXPECT_EQ(row.shape, std::vector<int64_t>{2});
  EXPECT_EQ(row.values, (std::vector<double>{3, 4}));
  EXPECT_EQ(read_npy_row(path, 2).values, (std::vector<double>{5, 6}));
  for (const int64_t outside : {int64_t{-1}, int64_t{3}, INT64_MAX, INT64_MIN})
    expect_error(ErrorKind::data, "expected a row from 0 to 2, got " + std::to_string(outside),
                 [&] { read_npy_row(path, outside); });
  write_file_atomically(path, npy_bytes(npy_dict("|u1", "(3,)", "True"), "abc"));
  EXPECT_EQ(read_npy_row(path, 2).values, std::vector<double>{'c'});
  EXPECT_TRUE(read_npy_row(path, 2).shape.empty());
}

TEST(npy, reads_a_row_behind_a_long_header) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  const std::string header = npy_dict("|u1", "(2, 2)") + std::string(100000, ' ');
  write_file_atomically(path, npy_bytes(header, "abcd", /*version=*/2));
  EXPECT_EQ(read_npy_row(path, 1).values, (std::vector<double>{'c', 'd'}));
}

TEST(npy, row_errors_name_the_file) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  expect_error(ErrorKind::io, path + ": cannot open: No such file", [&] { read_npy_row(path, 0); });
  expect_error(ErrorKind::io, "expected a file, got a folder",
               [&] { read_npy_row(folder.path(), 0); });
  write_file_atomically(path, serialize_npy({}, {1}));
  expect_error(ErrorKind::data, "got a scalar", [&] { read_npy_row(path, 0); });
  write_file_atomically(path, serialize_npy({0, 2}, {}));
  expect_error(ErrorKind::data, "the file has 0 rows", [&] { read_npy_row(path, 0); });
  write_file_atomically(path, npy_bytes(npy_dict("|u1", "(2, 2)", "True"), "abcd"));
  expect_error(ErrorKind::format, "expected C order, got Fortran order",
               [&] { read_npy_row(path, 0); });
  const std::string bytes = serialize_npy({2, 2}, {1, 2, 3, 4});
  for (const size_t length : {size_t{0}, size_t{5}, size_t{9}, size_t{100}, bytes.size() - 1}) {
    write_file_atomically(path, bytes.substr(0, length));
    expect_error(ErrorKind::format, path, [&] { read_npy_row(path, 0); });
  }
}

// A sparse file of 2^40 bytes: reading it whole would end the test.
TEST(npy, a_row_does_not_read_the_file) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  const std::string front = npy_bytes(npy_dict("|u1", "(1099511627776, 1)"), "");
  std::ofstream(path, std::ios::binary) << front << "a";
  std::error_code code;
  std::filesystem::resize_file(path, front.size() + (uint64_t{1} << 40), code);
  if (code) GTEST_SKIP() << "the file system has no sparse files: " << code.message();
  EXPECT_EQ(read_npy_row(path, 0).values, std::vector<double>{'a'});
  EXPECT_EQ(read_npy_row(path, (int64_t{1} << 40) - 1).values, std::vector<double>{0});
}

TEST(npy, writes_the_same_bytes_as_numpy) {
  const std::string folder = braid::testing::goldens_folder();
  if (folder.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  for (const char* file : {"text.npy", "image.npy", "audio.npy", "early_logits.npy"}) {
    const std::string bytes = read_file(folder + "/chapter/" + file);
    const NpyArray array = parse_npy(bytes, file);
    const std::vector<float> values(array.values.begin(), array.values.end());
    EXPECT_TRUE(serialize_npy(array.shape, values) == bytes) << file;
  }
  EXPECT_EQ(read_npy(folder + "/chapter/text.npy").shape, (std::vector<int64_t>{16, 128}));
  EXPECT_EQ(read_npy(folder + "/chapter/image.npy").shape, (std::vector<int64_t>{16, 256}));
  EXPECT_EQ(read_npy(folder + "/chapter/audio.npy").shape, (std::vector<int64_t>{16, 64}));
  // The first bytes after text.npy's header are 9c ed b7 be, which is -0.35923469066619873.
  EXPECT_FLOAT_EQ(read_npy(folder + "/chapter/text.npy").values[0], -0.35923469066619873);
  const NpyArray target = read_npy(folder + "/chapter/target.npy");
  ASSERT_EQ(target.shape, std::vector<int64_t>{16});
  for (const double value : target.values) EXPECT_TRUE(value >= 0 && value < 10) << value;
}

TEST(npy, rows_of_a_real_file_are_its_slices) {
  const std::string folder = braid::testing::goldens_folder();
  if (folder.empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  const std::string path = folder + "/chapter/audio.npy";
  const NpyArray whole = read_npy(path);
  for (int64_t row = 0; row < 16; ++row) {
    const auto begin = whole.values.begin() + row * 64;
    EXPECT_EQ(read_npy_row(path, row).values, std::vector<double>(begin, begin + 64));
  }
}

}  // namespace
}  // namespace braid::formats
