#include "formats/dicom_fragment.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "formats/bytes.h"

namespace braid::formats {
namespace {

unsigned big_endian(std::string_view bytes) {
  unsigned value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// One PackBits segment: a count n, then n + 1 bytes, or one byte that stands 1 - n times.
void unpack(std::string_view packed, size_t count, size_t offset, size_t step, std::string* out,
            const std::string& name) {
  ByteReader reader(packed, name);
  size_t done = 0;
  while (done < count) {
    const int head = reader.little_endian<int8_t>("RLE count");
    if (head == -128) continue;  // nothing
    const size_t length = static_cast<size_t>(head >= 0 ? head + 1 : 1 - head);
    const std::string_view part = reader.take(head >= 0 ? length : 1, "RLE bytes");
    for (size_t i = 0; i < length && done < count; ++i, ++done)
      (*out)[offset + done * step] = head >= 0 ? part[i] : part[0];
  }
}

}  // namespace

bool is_dicom(std::string_view bytes) {
  constexpr size_t kPreambleBytes = 128;
  return bytes.size() > kPreambleBytes && bytes.substr(kPreambleBytes, 4) == "DICM";
}

int checked_jpeg_bits(std::string_view bytes, int64_t height, int64_t width,
                      const std::string& name) {
  ByteReader reader(bytes, name + ": JPEG");
  const unsigned start = big_endian(reader.take(2, "start marker"));
  if (start != 0xFFD8) reader.fail("expected the start marker ffd8, got {:04x}", start);
  while (true) {
    const unsigned marker = big_endian(reader.take(2, "marker"));
    // Tables, application data, comments and, before the first scan, the frame header.
    const bool is_frame = (marker >= 0xFFC0 && marker <= 0xFFC3) || marker == 0xFFF7;
    const bool is_table = marker == 0xFFC4 || (marker >= 0xFFDB && marker <= 0xFFDD) ||
                          (marker >= 0xFFE0 && marker <= 0xFFEF) || marker == 0xFFF8 ||
                          marker == 0xFFFE;
    if (!is_frame && !is_table)
      reader.fail("expected tables and a frame header, got the marker {:04x}", marker);
    const unsigned length = big_endian(reader.take(2, "segment length"));
    if (length < 2) reader.fail("segment length: expected at least 2, got {}", length);
    const std::string_view segment = reader.take(length - 2, "segment");
    if (!is_frame) continue;
    ByteReader frame(segment, reader.name());
    const unsigned bits = big_endian(frame.take(1, "precision"));
    const unsigned rows = big_endian(frame.take(2, "height"));
    const unsigned columns = big_endian(frame.take(2, "width"));
    const unsigned components = big_endian(frame.take(1, "components"));
    if (rows != height || columns != width || components != 1)
      frame.fail("expected a grey picture of {} x {}, got {} x {} with {} components", height,
                 width, rows, columns, components);
    if (bits < 2 || bits > 16) frame.fail("precision: expected 2 to 16 bits, got {}", bits);
    return static_cast<int>(bits);
  }
}

std::string decode_dicom_rle(std::string_view bytes, size_t count, size_t item_bytes,
                             const std::string& name) {
  const std::string where = name + ": RLE";
  ByteReader reader(bytes, where);
  const uint32_t num_segments = reader.little_endian<uint32_t>("number of segments");
  if (num_segments != item_bytes)
    reader.fail("expected {} segments, got {}", item_bytes, num_segments);
  std::array<uint32_t, 15> offsets;
  for (uint32_t& offset : offsets) offset = reader.little_endian<uint32_t>("segment offset");
  std::string out(count * item_bytes, '\0');
  for (size_t segment = 0; segment < item_bytes; ++segment) {
    const uint64_t begin = offsets[segment];
    const uint64_t end = segment + 1 < item_bytes ? offsets[segment + 1] : bytes.size();
    if (begin < reader.offset() || end < begin || end > bytes.size())
      reader.fail("segment {}: expected a place in {} bytes, got {} to {}", segment + 1,
                  bytes.size(), begin, end);
    // The high byte comes first and, in this machine's order, stands last.
    unpack(bytes.substr(begin, end - begin), count, item_bytes - 1 - segment, item_bytes, &out,
           where);
  }
  return out;
}

}  // namespace braid::formats
