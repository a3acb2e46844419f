// Small checkpoints in memory and on disk, sound and broken.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/file.h"
#include "formats/checkpoint.h"

namespace braid::testing {

/// A safetensors file of this header and these data.
inline std::string container(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(uint64_t{header.size()} >> (8 * i) & 0xFF);
  return bytes + header + data;
}

/// "name":{...} for a U8 tensor of one axis unless told otherwise.
inline std::string entry(const std::string& name, const std::string& offsets,
                         const std::string& shape, const std::string& dtype = "\"U8\"") {
  return "\"" + name + "\":{\"dtype\":" + dtype + ",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

/// A file of one tensor of two bytes.
inline std::string one_tensor_file(const std::string& name) {
  return container("{" + entry(name, "[0,2]", "[2]") + "}", "xy");
}

/// An index of the given lines, such as "a":"1.safetensors".
inline std::string index_of(const std::string& lines) {
  return "{\"metadata\":{\"total_size\":4},\"weight_map\":{" + lines + "}}";
}

/// One tensor of every type of the format, and an empty one.
inline std::vector<formats::TensorView> every_dtype() {
  static const std::string kBytes = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL";
  const std::string_view bytes(kBytes);
  return {{"t.bool", "BOOL", {3}, std::string_view("\0\1\1", 3)},
          {"t.f64", "F64", {2, 1, 3}, bytes.substr(0, 48)},
          {"t.f32", "F32", {3}, bytes.substr(1, 12)},
          {"t.f16", "F16", {3}, bytes.substr(2, 6)},
          {"t.bf16", "BF16", {}, bytes.substr(3, 2)},
          {"t.f8_e4m3", "F8_E4M3", {5}, bytes.substr(4, 5)},
          {"t.f8_e5m2", "F8_E5M2", {1, 1}, bytes.substr(5, 1)},
          {"t.i64", "I64", {2}, bytes.substr(6, 16)},
          {"t.i32", "I32", {2}, bytes.substr(7, 8)},
          {"t.i16", "I16", {2}, bytes.substr(8, 4)},
          {"t.i8", "I8", {2}, bytes.substr(9, 2)},
          {"t.u64", "U64", {2}, bytes.substr(10, 16)},
          {"t.u32", "U32", {2}, bytes.substr(11, 8)},
          {"t.u16", "U16", {2}, bytes.substr(12, 4)},
          {"t.u8", "U8", {2}, bytes.substr(13, 2)},
          {"t.empty", "F32", {4, 0}, ""}};
}

/// Every tensor of both, by name.
inline void expect_same_tensors(const std::vector<formats::TensorView>& expected,
                                const formats::Checkpoint& got) {
  ASSERT_EQ(got.tensors().size(), expected.size());
  for (const formats::TensorView& tensor : expected) {
    const formats::TensorView* found = got.find(tensor.name);
    ASSERT_NE(found, nullptr) << tensor.name;
    EXPECT_EQ(found->dtype, tensor.dtype) << tensor.name;
    EXPECT_EQ(found->shape, tensor.shape) << tensor.name;
    EXPECT_TRUE(found->bytes == tensor.bytes) << tensor.name;
  }
}

}  // namespace braid::testing
