#include "formats/npy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/file.h"
#include "formats/bytes.h"
#include "formats/npy_header.h"

namespace braid::formats {
namespace {

float half_to_float(uint16_t half) {
  const int exponent = (half >> 10) & 0x1F;
  const float fraction = static_cast<float>(half & 0x3FF);
  float magnitude;
  if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else if (exponent == 0x1F) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  } else {
    magnitude = std::ldexp(fraction + 1024, exponent - 25);
  }
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

template <class T>
void widen(std::string_view bytes, std::vector<double>* values) {
  values->resize(bytes.size() / sizeof(T));
  for (size_t i = 0; i < values->size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    (*values)[i] = static_cast<double>(value);
  }
}

std::vector<double> decode(std::string_view bytes, char type, size_t size) {
  std::vector<double> values;
  switch (type) {
    case 'b':
      widen<uint8_t>(bytes, &values);
      for (double& value : values) value = value != 0 ? 1 : 0;
      break;
    case 'i':
      if (size == 1) widen<int8_t>(bytes, &values);
      if (size == 2) widen<int16_t>(bytes, &values);
      if (size == 4) widen<int32_t>(bytes, &values);
      if (size == 8) widen<int64_t>(bytes, &values);
      break;
    case 'u':
      if (size == 1) widen<uint8_t>(bytes, &values);
      if (size == 2) widen<uint16_t>(bytes, &values);
      if (size == 4) widen<uint32_t>(bytes, &values);
      if (size == 8) widen<uint64_t>(bytes, &values);
      break;
    default:
      if (size == 4) widen<float>(bytes, &values);
      if (size == 8) widen<double>(bytes, &values);
      if (size == 2) {
        widen<uint16_t>(bytes, &values);
        for (double& value : values) value = half_to_float(static_cast<uint16_t>(value));
      }
  }
  return values;
}

// Walks C order and keeps the Fortran offset of the current element beside it, like an odometer.
std::vector<double> from_fortran_order(const std::vector<double>& values,
                                       const std::vector<int64_t>& shape) {
  std::vector<size_t> stride(shape.size(), 1);
  for (size_t axis = 1; axis < shape.size(); ++axis)
    stride[axis] = stride[axis - 1] * static_cast<size_t>(shape[axis - 1]);
  std::vector<int64_t> index(shape.size(), 0);
  std::vector<double> ordered(values.size());
  size_t offset = 0;
  for (double& value : ordered) {
    value = values[offset];
    for (size_t axis = shape.size(); axis-- > 0;) {
      offset += stride[axis];
      if (++index[axis] < shape[axis]) break;
      offset -= stride[axis] * static_cast<size_t>(shape[axis]);
      index[axis] = 0;
    }
  }
  return ordered;
}

class File {
 public:
  explicit File(const std::string& path)
      : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat info {};
    const bool is_open = descriptor_ >= 0 && ::fstat(descriptor_, &info) == 0;
    const int code = errno;
    if (is_open && S_ISREG(info.st_mode)) {
      size_ = static_cast<uint64_t>(info.st_size);
      return;
    }
    if (descriptor_ >= 0) ::close(descriptor_);
    BRAID_CHECK(is_open, io, "{}: cannot open: {}", path, std::strerror(code));
    fail(ErrorKind::io, "{}: expected a file, got a folder or a device", path);
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  uint64_t size() const { return size_; }

  /// Bytes from `offset` on; fewer than `count` only where the file ends.
  std::string read(uint64_t offset, uint64_t count) const {
    std::string bytes(offset < size_ ? std::min(count, size_ - offset) : 0, '\0');
    size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = ::pread(descriptor_, bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      BRAID_CHECK(n >= 0, io, "{}: cannot read: {}", path_, std::strerror(errno));
      if (n == 0) break;  // the file shrank meanwhile
      done += static_cast<size_t>(n);
    }
    bytes.resize(done);
    return bytes;
  }

 private:
  const std::string& path_;
  int descriptor_;
  uint64_t size_ = 0;
};

void check_data_size(const NpyHeader& header, uint64_t file_bytes, const std::string& name) {
  const uint64_t expected = npy_data_bytes(header, name);
  const uint64_t got = file_bytes - header.data_offset;
  BRAID_CHECK(got >= expected, format,
              "{}: byte {}: data: expected {} bytes, got {}; is the file complete?", name,
              header.data_offset, expected, got);
  BRAID_CHECK(got == expected, format,
              "{}: byte {}: data: expected {} bytes, got {}; does the file hold several arrays?",
              name, header.data_offset, expected, got);
}

}  // namespace

NpyArray parse_npy(std::string_view bytes, const std::string& name) {
  const NpyHeader header = parse_npy_header(bytes, name);
  check_data_size(header, bytes.size(), name);
  const size_t size = npy_item_bytes(header);
  NpyArray array;
  array.shape = header.shape;
  array.values = decode(bytes.substr(header.data_offset), header.dtype[1], size);
  if (header.fortran_order && array.shape.size() > 1)
    array.values = from_fortran_order(array.values, array.shape);
  return array;
}

bool is_npy(const std::string& file) {
  if (file.size() < 4) return false;
  std::string end = file.substr(file.size() - 4);
  for (char& c : end)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return end == ".npy";
}

NpyArray read_npy(const std::string& path) { return parse_npy(read_file(path), path); }

NpyArray read_npy_row(const std::string& path, int64_t row) {
  constexpr uint64_t kFirstRead = 512;  // holds the header of nearly every file
  const File file(path);
  std::string front = file.read(0, kFirstRead);
  const uint64_t front_bytes = npy_front_bytes(front, path);
  if (front_bytes > front.size()) front = file.read(0, front_bytes);
  const NpyHeader header = parse_npy_header(front, path);
  check_data_size(header, file.size(), path);
  BRAID_CHECK(!header.shape.empty(), data, "{}: row {}: expected an array with rows, got a scalar",
              path, row);
  BRAID_CHECK(row >= 0 && row < header.shape[0], data,
              "{}: row {}: expected a row from 0 to {}, got {}; the file has {} rows", path, row,
              header.shape[0] - 1, row, header.shape[0]);
  BRAID_CHECK(!header.fortran_order || header.shape.size() == 1, format,
              "{}: row {}: expected C order, got Fortran order; save it again after "
              "numpy.ascontiguousarray",
              path, row);
  const uint64_t row_bytes = npy_data_bytes(header, path) / static_cast<uint64_t>(header.shape[0]);
  const std::string bytes =
      file.read(header.data_offset + static_cast<uint64_t>(row) * row_bytes, row_bytes);
  BRAID_CHECK(bytes.size() == row_bytes, io, "{}: row {}: expected {} bytes, got {}", path, row,
              row_bytes, bytes.size());
  NpyArray array;
  array.shape.assign(header.shape.begin() + 1, header.shape.end());
  array.values = decode(bytes, header.dtype[1], npy_item_bytes(header));
  return array;
}

std::string serialize_npy_header(const std::vector<int64_t>& shape) {
  // NumPy pads so that the data begins at a multiple of 64, and ends the header with a newline.
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
                                   fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  constexpr size_t kFront = 10;
  header.append(63 - (kFront + header.size()) % 64, ' ');
  header += '\n';
  BRAID_CHECK(header.size() <= 0xFFFF, shape, "npy: expected fewer axes, got {}", shape.size());
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header;
}

std::string serialize_npy(const std::vector<int64_t>& shape, const std::vector<float>& values) {
  uint64_t count = 1;
  for (const int64_t length : shape) {
    const bool fits = length >= 0 && multiply(count, static_cast<uint64_t>(length), &count);
    BRAID_CHECK(fits, shape, "npy: expected lengths that fit 64 bits, got [{}]",
                fmt::join(shape, ", "));
  }
  BRAID_CHECK(count == values.size(), shape, "npy: expected {} values for [{}], got {}", count,
              fmt::join(shape, ", "), values.size());
  std::string bytes = serialize_npy_header(shape);
  const size_t front_bytes = bytes.size();
  bytes.resize(front_bytes + values.size() * sizeof(float));
  if (!values.empty())
    std::memcpy(bytes.data() + front_bytes, values.data(), values.size() * sizeof(float));
  return bytes;
}

}  // namespace braid::formats
