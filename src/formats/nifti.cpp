#include "formats/nifti.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "formats/bytes.h"
#include "formats/gzip.h"
#include "formats/nifti_header.h"
#include "formats/volume_grid.h"

namespace braid::formats {
namespace {

template <class T>
void decode(std::string_view bytes, const NiftiHeader& header, std::vector<float>* values) {
  values->resize(bytes.size() / sizeof(T));
  const char* source = bytes.data();
  for (float& target : *values) {
    char raw[sizeof(T)];
    std::memcpy(raw, source, sizeof(T));
    source += sizeof(T);
    if (header.is_swapped) std::reverse(raw, raw + sizeof(T));
    T stored;
    std::memcpy(&stored, raw, sizeof(T));
    target = to_float(static_cast<double>(stored) * header.slope + header.intercept);
  }
}

std::vector<float> decode_voxels(std::string_view bytes, const NiftiHeader& header) {
  std::vector<float> values;
  switch (header.datatype) {
    case 2:
      decode<uint8_t>(bytes, header, &values);
      break;
    case 4:
      decode<int16_t>(bytes, header, &values);
      break;
    case 8:
      decode<int32_t>(bytes, header, &values);
      break;
    case 16:
      decode<float>(bytes, header, &values);
      break;
    case 64:
      decode<double>(bytes, header, &values);
      break;
    case 256:
      decode<int8_t>(bytes, header, &values);
      break;
    case 512:
      decode<uint16_t>(bytes, header, &values);
      break;
    case 768:
      decode<uint32_t>(bytes, header, &values);
      break;
    case 1024:
      decode<int64_t>(bytes, header, &values);
      break;
    default:
      decode<uint64_t>(bytes, header, &values);
  }
  return values;
}

}  // namespace

Volume parse_nifti(std::string_view bytes, const std::string& name, const VolumeLimits& limits) {
  const bool is_compressed = is_gzip(bytes);
  std::string text;
  if (is_compressed) text = gunzip_front(bytes, kNiftiFrontBytes, name);
  const NiftiHeader header =
      parse_nifti_header(is_compressed ? std::string_view(text) : bytes, name);
  const uint64_t num_voxels = checked_voxels(header.grid.size, limits, name);
  uint64_t data_bytes = 0;
  const bool fits = multiply(num_voxels, header.item_bytes, &data_bytes) &&
                    data_bytes <= limits.max_bytes &&
                    header.data_offset <= limits.max_bytes - data_bytes;
  BRAID_CHECK(fits, format, "{}: expected at most {} bytes, got {} voxels of {} bytes at byte {}",
              name, limits.max_bytes, num_voxels, header.item_bytes, header.data_offset);
  if (is_compressed) text = gunzip_front(bytes, header.data_offset + data_bytes, name);
  ByteReader reader(is_compressed ? std::string_view(text) : bytes, name);
  reader.take(header.data_offset, "header");
  std::vector<float> values = decode_voxels(reader.take(data_bytes, "voxels"), header);
  text = {};
  make_finite(&values, name);
  return turned(header.grid, std::move(values), name);
}

}  // namespace braid::formats
