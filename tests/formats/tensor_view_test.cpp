#include "formats/tensor_view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

// The values of little-endian items; placed at an odd address, where no item is aligned.
template <class T>
std::vector<float> floats_of(const std::string& dtype, const std::vector<T>& items) {
  std::string memory(1 + items.size() * sizeof(T), '?');
  std::memcpy(memory.data() + 1, items.data(), items.size() * sizeof(T));
  return to_floats(
      {"t", dtype, {static_cast<int64_t>(items.size())}, std::string_view(memory).substr(1)});
}

// What the bits say by arithmetic: sign, exponent with its bias, fraction. The top exponent holds
// infinity and NaN.
double by_arithmetic(uint32_t bits, int exponent_bits, int fraction_bits) {
  const uint32_t top = (1u << exponent_bits) - 1;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const uint32_t exponent = bits >> fraction_bits & top,
                 fraction = bits & ((1u << fraction_bits) - 1);
  const double sign = (bits >> (exponent_bits + fraction_bits) & 1) != 0 ? -1 : 1;
  if (exponent == top) return fraction != 0 ? NAN : sign * INFINITY;
  const double whole = exponent == 0 ? fraction : fraction + (1u << fraction_bits);
  const int power = static_cast<int>(exponent == 0 ? 1 : exponent) - bias - fraction_bits;
  return sign * std::ldexp(whole, power);
}

void expect_float(float got, double expected, uint32_t bits) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(got)) << bits;
  } else {
    EXPECT_EQ(got, expected) << bits;
    EXPECT_EQ(std::signbit(got), std::signbit(expected)) << bits;
  }
}

TEST(tensor_view, every_half_precision_number) {
  std::vector<uint16_t> items;
  for (uint32_t bits = 0; bits < 65536; ++bits) items.push_back(static_cast<uint16_t>(bits));
  const std::vector<float> halves = floats_of("F16", items);
  const std::vector<float> brains = floats_of("BF16", items);
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    expect_float(halves[bits], by_arithmetic(bits, 5, 10), bits);
    expect_float(brains[bits], by_arithmetic(bits, 8, 7), bits);
  }
}

TEST(tensor_view, every_number_of_eight_bits) {
  std::vector<uint8_t> items;
  for (uint32_t bits = 0; bits < 256; ++bits) items.push_back(static_cast<uint8_t>(bits));
  const std::vector<float> e5m2 = floats_of("F8_E5M2", items);
  const std::vector<float> e4m3 = floats_of("F8_E4M3", items);
  for (uint32_t bits = 0; bits < 256; ++bits) {
    expect_float(e5m2[bits], by_arithmetic(bits, 5, 2), bits);
    // The top exponent is one as any other, but for all ones, which is NaN.
    const uint32_t magnitude = bits & 0x7F;
    const double sign = bits >= 0x80 ? -1 : 1;
    const double expected = magnitude == 0x7F   ? NAN
                            : magnitude >= 0x78 ? sign * (256 + 32 * (magnitude & 7))
                                                : by_arithmetic(bits, 4, 3);
    expect_float(e4m3[bits], expected, bits);
  }
}

// Table 1 of Micikevicius et al. 2022: largest, smallest normal, smallest number.
TEST(tensor_view, the_ends_of_float8) {
  EXPECT_EQ(floats_of<uint8_t>("F8_E4M3", {0x7E, 0x08, 0x01, 0x38}),
            (std::vector<float>{448, 0x1p-6f, 0x1p-9f, 1}));
  EXPECT_EQ(floats_of<uint8_t>("F8_E5M2", {0x7B, 0x04, 0x01, 0x3C}),
            (std::vector<float>{57344, 0x1p-14f, 0x1p-16f, 1}));
}

TEST(tensor_view, whole_numbers_and_doubles) {
  using Floats = std::vector<float>;
  EXPECT_EQ(floats_of<float>("F32", {1.5f, -0.0f, 1e-42f}), (Floats{1.5f, -0.0f, 1e-42f}));
  EXPECT_EQ(floats_of<double>("F64", {0.1, -2, INFINITY}), (Floats{0.1f, -2, INFINITY}));
  EXPECT_EQ(floats_of<int64_t>("I64", {INT64_MIN, -1, 1 << 24}), (Floats{-0x1p63f, -1, 0x1p24f}));
  EXPECT_EQ(floats_of<int32_t>("I32", {INT32_MIN, 7}), (Floats{-0x1p31f, 7}));
  EXPECT_EQ(floats_of<int16_t>("I16", {INT16_MIN, 7}), (Floats{-32768, 7}));
  EXPECT_EQ(floats_of<int8_t>("I8", {INT8_MIN, 7}), (Floats{-128, 7}));
  EXPECT_EQ(floats_of<uint64_t>("U64", {UINT64_MAX, 7}), (Floats{0x1p64f, 7}));
  EXPECT_EQ(floats_of<uint32_t>("U32", {UINT32_MAX, 7}), (Floats{0x1p32f, 7}));
  EXPECT_EQ(floats_of<uint16_t>("U16", {UINT16_MAX, 7}), (Floats{65535, 7}));
  EXPECT_EQ(floats_of<uint8_t>("U8", {UINT8_MAX, 7}), (Floats{255, 7}));
  EXPECT_EQ(floats_of<uint8_t>("BOOL", {0, 1, 2}), (Floats{0, 1, 1}));
}

TEST(tensor_view, writes_no_more_than_its_values) {
  float values[] = {9, 9, 9};
  to_floats({"t", "U8", {2}, "\1\2"}, values);
  EXPECT_EQ(values[0], 1);
  EXPECT_EQ(values[1], 2);
  EXPECT_EQ(values[2], 9);
  EXPECT_EQ(to_floats({"t", "U8", {}, "\3"}), std::vector<float>{3});
  for (const char* dtype : {"F32", "F16", "F64"})
    EXPECT_TRUE(to_floats({"t", dtype, {3, 0}, {}}).empty());
}

TEST(tensor_view, refuses_what_is_no_tensor) {
  expect_error(
      ErrorKind::format,
      "tensor 't': dtype: expected one of F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, I32, "
      "I16, I8, U64, U32, U16, U8, BOOL, got 'F4'",
      [] {
        to_floats({"t", "F4", {1}, "x"});
      });
  expect_error(ErrorKind::format, "tensor 't': expected the bytes of F16 [2, 3], got 3 bytes", [] {
    to_floats({"t", "F16", {2, 3}, "xyz"});
  });
  expect_error(ErrorKind::format, "expected the bytes of U8 [-1], got 0 bytes", [] {
    num_values({"t", "U8", {-1}, ""});
  });
}

}  // namespace
}  // namespace braid::formats
