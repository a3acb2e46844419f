// Hand-built NIfTI files for the tests.
#pragma once
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace braid::testing {

/// Every field at its place in the two headers of nifti1.h and nifti2.h.
struct NiftiSpec {
  int version = 1;
  bool is_big_endian = false;
  std::vector<int64_t> dim = {2, 1, 1};  // without dim[0]
  int datatype = 2;                      // uint8
  std::array<double, 4> pixdim = {1, 1, 1, 1};
  double vox_offset = -1;  // -1: 352 or 544
  double slope = 0, intercept = 0;
  int units = 2;
  int qform_code = 0, sform_code = 0;
  std::array<double, 3> quaternion = {0, 0, 0};
  std::array<std::array<double, 4>, 3> srow = {};
  std::string magic;  // "": the version's own
  std::string data;
};

template <class T>
std::string number_bytes(T value, bool is_big_endian = false) {
  std::string raw(sizeof(T), '\0');
  std::memcpy(raw.data(), &value, sizeof(T));
  if (is_big_endian) std::reverse(raw.begin(), raw.end());
  return raw;
}

/// Values one after the other, as the type T.
template <class T>
std::string voxel_bytes(const std::vector<T>& values, bool is_big_endian = false) {
  std::string bytes;
  for (const T value : values) bytes += number_bytes(value, is_big_endian);
  return bytes;
}

inline std::string nifti_bytes(const NiftiSpec& spec) {
  const bool is_first = spec.version == 1;
  std::string bytes(is_first ? 352 : 544, '\0');
  const auto put = [&](size_t offset, auto value) {
    bytes.replace(offset, sizeof(value), number_bytes(value, spec.is_big_endian));
  };
  const auto real = [&](size_t first, size_t second, double value) {
    if (is_first) put(first, static_cast<float>(value));
    if (!is_first) put(second, value);
  };
  const auto code = [&](size_t first, size_t second, int value) {
    if (is_first) put(first, static_cast<int16_t>(value));
    if (!is_first) put(second, static_cast<int32_t>(value));
  };
  put(0, int32_t{is_first ? 348 : 540});
  for (size_t i = 0; i <= spec.dim.size(); ++i) {
    const int64_t length = i == 0 ? static_cast<int64_t>(spec.dim.size()) : spec.dim[i - 1];
    if (is_first) put(40 + 2 * i, static_cast<int16_t>(length));
    if (!is_first) put(16 + 8 * i, length);
  }
  put(is_first ? 70 : 12, static_cast<int16_t>(spec.datatype));
  for (size_t i = 0; i < 4; ++i) real(76 + 4 * i, 104 + 8 * i, spec.pixdim[i]);
  const double offset = spec.vox_offset < 0 ? (is_first ? 352 : 544) : spec.vox_offset;
  if (is_first) put(108, static_cast<float>(offset));
  if (!is_first) put(168, static_cast<int64_t>(offset));
  real(112, 176, spec.slope);
  real(116, 184, spec.intercept);
  if (is_first) put(123, static_cast<uint8_t>(spec.units));
  if (!is_first) put(500, static_cast<int32_t>(spec.units));
  code(252, 344, spec.qform_code);
  code(254, 348, spec.sform_code);
  for (size_t i = 0; i < 3; ++i) {
    real(256 + 4 * i, 352 + 8 * i, spec.quaternion[i]);
    for (size_t j = 0; j < 4; ++j)
      real(280 + 16 * i + 4 * j, 400 + 32 * i + 8 * j, spec.srow[i][j]);
  }
  std::string magic = spec.magic;
  if (magic.empty()) magic = is_first ? std::string("n+1\0", 4) : std::string("n+2\0\r\n\x1A\n", 8);
  bytes.replace(is_first ? 344 : 4, magic.size(), magic);
  return bytes + spec.data;
}

inline std::string gzip_bytes(const std::string& bytes) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace braid::testing
