#include "formats/tensor_view.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "formats/bytes.h"

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

// Branch-free, so that the loop becomes vectors. 5 bits of exponent biased by 15 and 10 of fraction
// move to 8 bits biased by 127 and 23; infinities and NaN go to the top exponent, and values below
// 2^-14 are whole multiples of 2^-24, which are exact as float.
float to_float(Half half) {
  const uint32_t magnitude = half.bits & 0x7FFFu;
  const uint32_t sign = (half.bits & 0x8000u) << 16;
  const uint32_t normal = (magnitude << 13) + ((127u - 15u) << 23);
  const uint32_t special = normal + (magnitude >= 0x7C00u ? (127u - 15u) << 23 : 0u);
  const uint32_t small = to_bits(static_cast<float>(static_cast<int32_t>(magnitude)) * 0x1p-24f);
  return from_bits(sign | (magnitude < 0x0400u ? small : special));
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

void copy_floats(const char* bytes, size_t count, float* values) {
  if (count > 0) std::memcpy(values, bytes, count * sizeof(float));
}

struct Dtype {
  const char* name;
  uint64_t bytes;
  void (*convert)(const char* bytes, size_t count, float* values);
};
constexpr Dtype kDtypes[] = {
    {"F64", 8, convert<double>},         {"F32", 4, copy_floats},
    {"F16", 2, convert<Half>},           {"BF16", 2, convert<BFloat16>},
    {"F8_E4M3", 1, convert<Float8E4M3>}, {"F8_E5M2", 1, convert<Float8E5M2>},
    {"I64", 8, convert<int64_t>},        {"I32", 4, convert<int32_t>},
    {"I16", 2, convert<int16_t>},        {"I8", 1, convert<int8_t>},
    {"U64", 8, convert<uint64_t>},       {"U32", 4, convert<uint32_t>},
    {"U16", 2, convert<uint16_t>},       {"U8", 1, convert<uint8_t>},
    {"BOOL", 1, convert<Bool>}};

const Dtype* find_dtype(const std::string& name) {
  for (const Dtype& known : kDtypes)
    if (name == known.name) return &known;
  return nullptr;
}

}  // namespace

uint64_t item_bytes(const std::string& dtype) {
  const Dtype* known = find_dtype(dtype);
  return known == nullptr ? 0 : known->bytes;
}

std::string known_dtypes() {
  std::vector<std::string> names;
  for (const Dtype& known : kDtypes) names.emplace_back(known.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

// Lengths of 0 count as 1 while overflow is checked, so that the product of some axes fits as well.
bool tensor_bytes(const std::vector<int64_t>& shape, uint64_t item, uint64_t* bytes) {
  bool is_empty = false;
  *bytes = item;
  for (const int64_t length : shape) {
    is_empty = is_empty || length == 0;
    if (length < 0 || !multiply(*bytes, static_cast<uint64_t>(length == 0 ? 1 : length), bytes) ||
        *bytes > uint64_t{INT64_MAX})
      return false;
  }
  if (is_empty) *bytes = 0;
  return true;
}

int64_t num_values(const TensorView& view) {
  const uint64_t item = item_bytes(view.dtype);
  BRAID_CHECK(item > 0, format, "tensor '{}': dtype: expected one of {}, got '{}'", view.name,
              known_dtypes(), view.dtype);
  uint64_t bytes = 0;
  BRAID_CHECK(tensor_bytes(view.shape, item, &bytes) && bytes == view.bytes.size(), format,
              "tensor '{}': expected the bytes of {} [{}], got {} bytes", view.name, view.dtype,
              fmt::join(view.shape, ", "), view.bytes.size());
  return static_cast<int64_t>(bytes / item);
}

std::vector<float> to_floats(const TensorView& view) {
  std::vector<float> values(static_cast<size_t>(num_values(view)));
  to_floats(view, values.data());
  return values;
}

void to_floats(const TensorView& view, float* values) {
  const auto count = static_cast<size_t>(num_values(view));
  find_dtype(view.dtype)->convert(view.bytes.data(), count, values);
}

}  // namespace braid::formats
