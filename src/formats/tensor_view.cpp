#include "formats/tensor_view.h"

#include "core/error.h"
#include "formats/bytes.h"
#include "formats/float_values.h"

namespace braid::formats {

uint64_t item_bytes(const std::string& dtype) {
  const StoredType* known = find_stored_type(dtype);
  return known == nullptr ? 0 : known->bytes;
}

std::string known_dtypes() { return fmt::format("{}", fmt::join(stored_type_names(), ", ")); }

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
  find_stored_type(view.dtype)->convert(view.bytes.data(), count, values);
}

}  // namespace braid::formats
