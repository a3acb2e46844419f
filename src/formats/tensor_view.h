// A named array that lies in someone else's memory, and its values as float32.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid::formats {

struct TensorView {
  std::string name;
  std::string dtype;  // one of known_dtypes()
  std::vector<int64_t> shape;
  std::string_view bytes;  // little-endian, C order; may begin at any address
};

/// Bytes of one value: "F32" -> 4; 0 for an unknown name.
uint64_t item_bytes(const std::string& dtype);
/// "F64, F32, ...", for messages.
std::string known_dtypes();
/// The size of a tensor; false where it does not fit 63 bits.
bool tensor_bytes(const std::vector<int64_t>& shape, uint64_t item, uint64_t* bytes);

/// The number of values. Errors: format (unknown dtype, bytes that do not fill the shape).
int64_t num_values(const TensorView& view);

/// The values as float32: exact for F32, F16, BF16, F8 and whole numbers up to 2^24 in size, else
/// the nearest float; F64 beyond float's range becomes infinite, BOOL 0 or 1.
///
/// Errors   format: as num_values.
/// Cost     reads every byte once. The vector is filled with zeros before; the second form writes
///          num_values(view) floats to `values` and allocates nothing.
std::vector<float> to_floats(const TensorView& view);
void to_floats(const TensorView& view, float* values);

}  // namespace braid::formats
