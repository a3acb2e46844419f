#include "formats/float_values.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "core/clones.h"

namespace braid::formats {
namespace {

// Distinct types for what C++ has none for.
struct Half {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};
struct Float8E4M3 {
  uint8_t bits;
};
struct Float8E5M2 {
  uint8_t bits;
};
struct Bool {
  uint8_t bits;
};

float from_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

uint32_t to_bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// 5 bits of exponent biased by 15 and 10 of fraction move to 8 bits biased by 127 and 23;
// infinities and NaN go to the top exponent, and values below 2^-14 are whole multiples of 2^-24,
// which are exact as float. Masks choose, where a compiler would make jumps of conditions, and no
// vectors.
float to_float(Half half) {
  const int32_t magnitude = half.bits & 0x7FFF;
  const int32_t is_small = (magnitude - 0x0400) >> 31;    // all ones or none
  const int32_t is_special = (0x7BFF - magnitude) >> 31;  // infinite or NaN
  constexpr int32_t kMoveBias = (127 - 15) << 23;
  const int32_t large = (magnitude << 13) + kMoveBias + (is_special & kMoveBias);
  const auto small = static_cast<int32_t>(to_bits(static_cast<float>(magnitude) * 0x1p-24f));
  const uint32_t sign = (half.bits & 0x8000u) << 16;
  return from_bits(sign | static_cast<uint32_t>((small & is_small) | (large & ~is_small)));
}

// The upper half of a float.
float to_float(BFloat16 value) { return from_bits(uint32_t{value.bits} << 16); }

// The upper half of a float16.
float to_float(Float8E5M2 value) {
  return to_float(Half{static_cast<uint16_t>(uint32_t{value.bits} << 8)});
}

// 4 bits of exponent biased by 7, 3 of fraction; no infinity, and all ones are NaN.
// Source   Micikevicius et al. 2022, arXiv:2209.05433, table 1.
float decode_e4m3(uint32_t bits) {
  const uint32_t magnitude = bits & 0x7Fu;
  const auto exponent = static_cast<int>(magnitude >> 3), fraction = static_cast<int>(bits & 7u);
  float value = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -9)
                              : std::ldexp(static_cast<float>(8 + fraction), exponent - 10);
  if (magnitude == 0x7Fu) value = std::numeric_limits<float>::quiet_NaN();
  return (bits & 0x80u) != 0 ? -value : value;
}

float to_float(Float8E4M3 value) {
  static const std::array<float, 256> kValues = [] {
    std::array<float, 256> values{};
    for (uint32_t bits = 0; bits < 256; ++bits) values[bits] = decode_e4m3(bits);
    return values;
  }();
  return kValues[value.bits];
}

float to_float(Bool value) { return value.bits != 0 ? 1.0f : 0.0f; }

// Every other number converts itself.
template <class T>
float to_float(T value) {
  return static_cast<float>(value);
}

template <class T>
void convert(const char* __restrict bytes, size_t count, float* __restrict values) {
  for (size_t i = 0; i < count; ++i) {
    T item;
    std::memcpy(&item, bytes + i * sizeof(T), sizeof(T));
    values[i] = to_float(item);
  }
}

// What takes the most work for a value is worth wider vectors.
BRAID_CLONES void convert_halves(const char* __restrict bytes, size_t count,
                                 float* __restrict values) {
  for (size_t i = 0; i < count; ++i) {
    Half item;
    std::memcpy(&item, bytes + i * sizeof(Half), sizeof(Half));
    values[i] = to_float(item);
  }
}

void copy_floats(const char* bytes, size_t count, float* values) {
  if (count > 0) std::memcpy(values, bytes, count * sizeof(float));
}

constexpr StoredType kTypes[] = {
    {"F64", 8, convert<double>},         {"F32", 4, copy_floats},
    {"F16", 2, convert_halves},          {"BF16", 2, convert<BFloat16>},
    {"F8_E4M3", 1, convert<Float8E4M3>}, {"F8_E5M2", 1, convert<Float8E5M2>},
    {"I64", 8, convert<int64_t>},        {"I32", 4, convert<int32_t>},
    {"I16", 2, convert<int16_t>},        {"I8", 1, convert<int8_t>},
    {"U64", 8, convert<uint64_t>},       {"U32", 4, convert<uint32_t>},
    {"U16", 2, convert<uint16_t>},       {"U8", 1, convert<uint8_t>},
    {"BOOL", 1, convert<Bool>}};

}  // namespace

const StoredType* find_stored_type(std::string_view name) {
  for (const StoredType& known : kTypes)
    if (name == known.name) return &known;
  return nullptr;
}

std::vector<std::string_view> stored_type_names() {
  std::vector<std::string_view> names;
  for (const StoredType& known : kTypes) names.emplace_back(known.name);
  return names;
}

}  // namespace braid::formats
