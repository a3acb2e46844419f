#include "formats/nifti_header.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"

namespace braid::formats {
namespace {

template <class T>
T number_at(std::string_view bytes, size_t offset, bool is_swapped) {
  char raw[sizeof(T)];
  std::memcpy(raw, bytes.data() + offset, sizeof(T));
  if (is_swapped) std::reverse(raw, raw + sizeof(T));
  T value;
  std::memcpy(&value, raw, sizeof(T));
  return value;
}

/// What the two versions hold in common, at different places and in different types.
struct Fields {
  std::array<int64_t, 8> dim;
  std::array<double, 8> pixdim;
  std::array<double, 3> quaternion;           // b, c, d
  std::array<std::array<double, 4>, 3> srow;  // x, y, z
  double vox_offset, slope, intercept;
  int datatype, units, qform_code, sform_code;
};

Fields fields_of_version_1(std::string_view bytes, bool is_swapped) {
  Fields f;
  const auto real = [&](size_t offset) -> double {
    return number_at<float>(bytes, offset, is_swapped);
  };
  const auto whole = [&](size_t offset) { return number_at<int16_t>(bytes, offset, is_swapped); };
  for (size_t i = 0; i < 8; ++i) {
    f.dim[i] = whole(40 + 2 * i);
    f.pixdim[i] = real(76 + 4 * i);
  }
  f.datatype = whole(70);
  f.vox_offset = real(108);
  f.slope = real(112);
  f.intercept = real(116);
  f.units = static_cast<unsigned char>(bytes[123]);
  f.qform_code = whole(252);
  f.sform_code = whole(254);
  for (size_t i = 0; i < 3; ++i) {
    f.quaternion[i] = real(256 + 4 * i);
    for (size_t j = 0; j < 4; ++j) f.srow[i][j] = real(280 + 16 * i + 4 * j);
  }
  return f;
}

Fields fields_of_version_2(std::string_view bytes, bool is_swapped) {
  Fields f;
  const auto real = [&](size_t offset) { return number_at<double>(bytes, offset, is_swapped); };
  const auto whole = [&](size_t offset) { return number_at<int32_t>(bytes, offset, is_swapped); };
  for (size_t i = 0; i < 8; ++i) {
    f.dim[i] = number_at<int64_t>(bytes, 16 + 8 * i, is_swapped);
    f.pixdim[i] = real(104 + 8 * i);
  }
  f.datatype = number_at<int16_t>(bytes, 12, is_swapped);
  f.vox_offset = static_cast<double>(number_at<int64_t>(bytes, 168, is_swapped));
  f.slope = real(176);
  f.intercept = real(184);
  f.qform_code = whole(344);
  f.sform_code = whole(348);
  f.units = whole(500);
  for (size_t i = 0; i < 3; ++i) {
    f.quaternion[i] = real(352 + 8 * i);
    for (size_t j = 0; j < 4; ++j) f.srow[i][j] = real(400 + 32 * i + 8 * j);
  }
  return f;
}

size_t item_bytes_of(int datatype, const std::string& name) {
  switch (datatype) {
    case 2:
    case 256:
      return 1;
    case 4:
    case 512:
      return 2;
    case 8:
    case 16:
    case 768:
      return 4;
    case 64:
    case 1024:
    case 1280:
      return 8;
    default:
      break;
  }
  const char* got = "an unknown one";
  if (datatype == 32 || datatype == 1792 || datatype == 2048) got = "complex numbers";
  if (datatype == 128 || datatype == 2304) got = "colours";
  if (datatype == 1536) got = "floats of 128 bits";
  if (datatype == 1) got = "single bits";
  fail(ErrorKind::format,
       "{}: datatype {}: expected integers of 8 to 64 bits or floats of 32 or 64, got {}; save it "
       "as one number per voxel",
       name, datatype, got);
}

double millimetres(int units, const std::string& name) {
  switch (units & 7) {
    case 0:  // not said: every program takes millimetres
    case 2:
      return 1;
    case 1:
      return 1000;
    case 3:
      return 0.001;
    default:
      fail(ErrorKind::format,
           "{}: xyzt_units: expected 1 (metres), 2 (millimetres), 3 (microns) or 0, got {}", name,
           units & 7);
  }
}

std::array<int64_t, 3> size_of(const std::array<int64_t, 8>& dim, const std::string& name) {
  BRAID_CHECK(dim[0] >= 3 && dim[0] <= 7, format,
              "{}: dim[0]: expected a volume of 3 axes, got {} axes; a single picture is an image",
              name, dim[0]);
  for (int64_t axis = 4; axis <= dim[0]; ++axis)
    BRAID_CHECK(dim[axis] == 1, format,
                "{}: dim[{}]: expected one volume, got {} along that axis; save each volume as a "
                "file of its own, or their mean",
                name, axis, dim[axis]);
  return {dim[1], dim[2], dim[3]};
}

/// The qform's rotation, column by column: NIfTI-1's own formula for the quaternion (a, b, c, d).
std::array<Vector3, 3> rotation(const Fields& f, const std::string& name) {
  double b = f.quaternion[0], c = f.quaternion[1], d = f.quaternion[2];
  const double squares = b * b + c * c + d * d;
  BRAID_CHECK(std::isfinite(squares), format,
              "{}: qform: expected a quaternion, got ({}, {}, {}); correct the file's orientation",
              name, b, c, d);
  double a = 0;
  if (squares < 1) {
    a = std::sqrt(1 - squares);
  } else {  // half a turn, rounded beyond length 1
    const double norm = std::sqrt(squares);
    b /= norm, c /= norm, d /= norm;
  }
  const double face = f.pixdim[0] < 0 ? -1 : 1;
  return {{{a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)},
           {2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)},
           {face * 2 * (b * d + a * c), face * 2 * (c * d - a * b),
            face * (a * a + d * d - b * b - c * c)}}};
}

VoxelGrid grid_of(const Fields& f, const std::string& name) {
  VoxelGrid grid;
  grid.size = size_of(f.dim, name);
  const double unit = millimetres(f.units, name);
  if (f.sform_code > 0) {
    for (size_t axis = 0; axis < 3; ++axis) {
      grid.directions[axis] = {f.srow[0][axis], f.srow[1][axis], f.srow[2][axis]};
      grid.spacing_mm[axis] = length(grid.directions[axis]) * unit;
    }
    return grid;
  }
  if (f.qform_code > 0) grid.directions = rotation(f, name);
  for (size_t axis = 0; axis < 3; ++axis)
    grid.spacing_mm[axis] = std::abs(f.pixdim[axis + 1]) * unit;
  return grid;
}

uint64_t data_offset_of(double offset, size_t header_bytes, const std::string& name) {
  // The header is followed by four bytes that announce extensions.
  if (offset == 0) return header_bytes + 4;
  BRAID_CHECK(offset >= static_cast<double>(header_bytes) && offset < 0x1p53 &&
                  offset == std::floor(offset),
              format, "{}: vox_offset: expected a place after the header's {} bytes, got {:.17g}",
              name, header_bytes, offset);
  return static_cast<uint64_t>(offset);
}

}  // namespace

NiftiHeader parse_nifti_header(std::string_view bytes, const std::string& name) {
  BRAID_CHECK(bytes.size() >= 4, format,
              "{}: byte 0: expected a NIfTI header of 348 or 540 bytes, got {}; is the file "
              "complete?",
              name, bytes.size());
  NiftiHeader header;
  int32_t header_bytes = number_at<int32_t>(bytes, 0, false);
  if (header_bytes != 348 && header_bytes != 540) {
    header.is_swapped = true;
    header_bytes = number_at<int32_t>(bytes, 0, true);
  }
  BRAID_CHECK(header_bytes == 348 || header_bytes == 540, format,
              "{}: byte 0: expected a NIfTI file, which begins with its header's length of 348 or "
              "540, got other bytes",
              name);
  BRAID_CHECK(bytes.size() >= static_cast<size_t>(header_bytes), format,
              "{}: byte 0: expected a NIfTI header of {} bytes, got {}; is the file complete?",
              name, header_bytes, bytes.size());
  const bool is_first = header_bytes == 348;
  const std::string_view magic = is_first ? bytes.substr(344, 4) : bytes.substr(4, 8);
  const std::string_view single =
      is_first ? std::string_view("n+1\0", 4) : std::string_view("n+2\0\r\n\x1A\n", 8);
  BRAID_CHECK(magic.substr(0, 3) != (is_first ? "ni1" : "ni2"), format,
              "{}: expected a single NIfTI file, got one half of a pair (.hdr and .img); save both "
              "as one .nii",
              name);
  BRAID_CHECK(magic == single, format, "{}: expected the letters {} of a NIfTI file, got others{}",
              name, single.substr(0, 3),
              is_first ? "; an Analyze 7.5 file says nothing of left and right, convert it" : "");
  const Fields fields = is_first ? fields_of_version_1(bytes, header.is_swapped)
                                 : fields_of_version_2(bytes, header.is_swapped);
  header.datatype = fields.datatype;
  header.item_bytes = item_bytes_of(fields.datatype, name);
  header.data_offset = data_offset_of(fields.vox_offset, static_cast<size_t>(header_bytes), name);
  if (std::isfinite(fields.slope) && fields.slope != 0) {
    BRAID_CHECK(std::isfinite(fields.intercept), format,
                "{}: scl_inter: expected a number beside scl_slope {}, got {}", name, fields.slope,
                fields.intercept);
    header.slope = fields.slope;
    header.intercept = fields.intercept;
  }
  header.grid = grid_of(fields, name);
  return header;
}

}  // namespace braid::formats
