#include "formats/image_header.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/bytes.h"

namespace braid::formats {
namespace {

bool starts_with(std::string_view bytes, std::string_view prefix) {
  return bytes.substr(0, prefix.size()) == prefix;
}

uint64_t number(std::string_view bytes, bool big_endian) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint8_t byte = static_cast<uint8_t>(bytes[big_endian ? i : bytes.size() - 1 - i]);
    value = value << 8 | byte;
  }
  return value;
}
uint64_t take_big(ByteReader& reader, size_t count, const char* what) {
  return number(reader.take(count, what), /*big_endian=*/true);
}
uint64_t take_little(ByteReader& reader, size_t count, const char* what) {
  return number(reader.take(count, what), /*big_endian=*/false);
}

void set_size(ImageHeader* header, int64_t width, int64_t height, const std::string& name,
              int64_t max_pixels) {
  header->width = width;
  header->height = height;
  BRAID_CHECK(width > 0 && height > 0, format, "{}: size: expected at least 1x1 pixels, got {}x{}",
              name, width, height);
  BRAID_CHECK(width <= max_pixels / height, format,
              "{}: has {}x{} pixels, expected at most {}; shrink it or raise max_pixels", name,
              width, height, max_pixels);
}

// The TIFF block inside a JPEG APP1 or WebP EXIF chunk; some writers of WebP leave the name out.
int exif_orientation(std::string_view block) {
  using namespace std::string_view_literals;
  if (starts_with(block, "Exif\0\0"sv)) block.remove_prefix(6);
  return read_tiff_tags(block).orientation;
}

// ITU-T T.81 annex B: markers up to the first frame header, then the end marker somewhere after.
void read_jpeg(ByteReader& reader, std::string_view bytes, int64_t max_pixels,
               ImageHeader* header) {
  using namespace std::string_view_literals;
  reader.take(2, "start marker");
  while (true) {
    uint64_t marker = take_big(reader, 1, "marker");
    if (marker != 0xFF)
      reader.fail("marker: expected 0xff, got {:#04x}; the file is damaged", marker);
    while (marker == 0xFF) marker = take_big(reader, 1, "marker");
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;
    if (marker == 0xD9 || marker == 0xDA) reader.fail("expected a frame header before the picture");
    const uint64_t length = take_big(reader, 2, "segment length");
    if (length < 2) reader.fail("segment length: expected at least 2, got {}", length);
    const std::string_view segment = reader.take(length - 2, "segment");
    if (marker == 0xE1 && starts_with(segment, "Exif\0\0"sv))
      header->orientation = exif_orientation(segment);
    const bool is_frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (!is_frame) continue;
    ByteReader frame(segment, reader.name());
    frame.take(1, "sample precision");
    const uint64_t height = take_big(frame, 2, "height");
    set_size(header, take_big(frame, 2, "width"), height, reader.name(), max_pixels);
    break;
  }
  // Entropy-coded data cannot contain the end marker, so that its absence means a cut file.
  if (bytes.find("\xFF\xD9"sv, reader.offset()) == std::string_view::npos)
    fail(ErrorKind::format, "{}: expected an end marker, got the end of the file; is it complete?",
         reader.name());
}

void read_png(ByteReader& reader, int64_t max_pixels, ImageHeader* header) {
  reader.take(8, "signature");
  bool is_first = true;
  while (true) {
    const uint64_t length = take_big(reader, 4, "chunk length");
    const std::string_view type = reader.take(4, "chunk type");
    const std::string_view data = reader.take(length, "chunk");
    reader.take(4, "chunk checksum");
    if (is_first) {
      if (type != "IHDR") reader.fail("expected the chunk IHDR first");
      ByteReader size(data, reader.name());
      const uint64_t width = take_big(size, 4, "width");
      set_size(header, width, take_big(size, 4, "height"), reader.name(), max_pixels);
      is_first = false;
    }
    if (type == "eXIf") header->orientation = exif_orientation(data);
    if (type == "IEND") return;
  }
}

// https://developers.google.com/speed/webp/docs/riff_container
void read_webp(ByteReader& reader, std::string_view bytes, int64_t max_pixels,
               ImageHeader* header) {
  reader.take(4, "signature");
  const uint64_t end = take_little(reader, 4, "file size") + 8;
  reader.take(4, "signature");
  while (reader.offset() < end) {
    const std::string_view type = reader.take(4, "chunk type");
    const uint64_t length = take_little(reader, 4, "chunk length");
    const std::string_view start = bytes.substr(reader.offset(), std::min<uint64_t>(length, 10));
    ByteReader chunk(start, reader.name());
    if (type == "VP8X") {
      const uint64_t flags = take_little(chunk, 4, "flags");
      if (flags & 2)
        reader.fail("is an animated WebP; expected a still picture; save its first frame");
      const uint64_t width = take_little(chunk, 3, "width") + 1;
      set_size(header, width, take_little(chunk, 3, "height") + 1, reader.name(), max_pixels);
    } else if (type == "VP8 " && header->width == 0) {
      chunk.take(6, "frame header");
      const uint64_t width = take_little(chunk, 2, "width") & 0x3FFF;
      set_size(header, width, take_little(chunk, 2, "height") & 0x3FFF, reader.name(), max_pixels);
    } else if (type == "VP8L" && header->width == 0) {
      chunk.take(1, "signature");
      const uint64_t bits = take_little(chunk, 4, "size");
      set_size(header, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, reader.name(), max_pixels);
    }
    const std::string_view data = reader.take(length, "chunk");
    if (type == "EXIF") header->orientation = exif_orientation(data);
    if (length % 2 == 1 && reader.offset() < end) reader.take(1, "padding");
  }
}

void read_bmp(ByteReader& reader, std::string_view bytes, int64_t max_pixels, ImageHeader* header) {
  reader.take(2, "signature");
  const uint64_t announced = take_little(reader, 4, "file size");
  reader.take(8, "file header");
  const uint64_t header_bytes = take_little(reader, 4, "header size");
  int64_t width = 0, height = 0;
  if (header_bytes == 12) {
    width = reader.little_endian<uint16_t>("width");
    height = reader.little_endian<uint16_t>("height");
  } else {
    width = reader.little_endian<int32_t>("width");
    height = reader.little_endian<int32_t>("height");
    if (height < 0) height = -height;  // rows from the top
  }
  set_size(header, width, height, reader.name(), max_pixels);
  BRAID_CHECK(announced <= bytes.size(), format,
              "{}: size: expected {} bytes, got {}; is the file complete?", reader.name(),
              announced, bytes.size());
}

void skip_gif_blocks(ByteReader& reader) {
  while (const uint64_t length = take_little(reader, 1, "block length"))
    reader.take(length, "block");
}

// The first picture up to its terminator; later frames are not looked at.
void read_gif(ByteReader& reader, int64_t max_pixels, ImageHeader* header) {
  auto skip_palette = [&reader](uint64_t flags) {
    if (flags & 0x80) reader.take(3u << ((flags & 7) + 1), "palette");
  };
  reader.take(6, "signature");
  const uint64_t width = take_little(reader, 2, "width");
  set_size(header, width, take_little(reader, 2, "height"), reader.name(), max_pixels);
  const uint64_t flags = take_little(reader, 3, "flags");
  skip_palette(flags & 0xFF);
  while (true) {
    const uint64_t block = take_little(reader, 1, "block type");
    if (block == 0x21) {
      reader.take(1, "extension type");
      skip_gif_blocks(reader);
    } else if (block == 0x2C) {
      reader.take(8, "frame position");
      skip_palette(take_little(reader, 1, "frame flags"));
      reader.take(1, "code size");
      skip_gif_blocks(reader);
      return;
    } else {
      reader.fail("block type: expected a picture, got {:#04x}; the file is damaged", block);
    }
  }
}

// The first bytes as the message shows them: printable ones as they are.
std::string quoted_start(std::string_view bytes) {
  std::string text;
  for (char c : bytes.substr(0, 8)) {
    const uint8_t byte = static_cast<uint8_t>(c);
    text += byte >= 0x20 && byte < 0x7F ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return text;
}

}  // namespace

TiffTags read_tiff_tags(std::string_view bytes) {
  using namespace std::string_view_literals;
  TiffTags tags;
  const bool big_endian = starts_with(bytes, "MM\0*"sv);
  if (!big_endian && !starts_with(bytes, "II*\0"sv)) return tags;
  auto at = [&](uint64_t offset, size_t count, uint64_t* value) {
    if (offset > bytes.size() || bytes.size() - offset < count) return false;
    *value = number(bytes.substr(offset, count), big_endian);
    return true;
  };
  uint64_t directory = 0, num_entries = 0;
  if (!at(4, 4, &directory) || !at(directory, 2, &num_entries)) return tags;
  for (uint64_t i = 0; i < num_entries; ++i) {
    const uint64_t entry = directory + 2 + 12 * i;
    uint64_t tag = 0, type = 0, value = 0;
    if (!at(entry, 2, &tag) || !at(entry + 2, 2, &type)) return tags;
    if (tag != 256 && tag != 257 && tag != 274) continue;
    // Only SHORT (3) and LONG (4) are allowed for these three.
    if ((type != 3 && type != 4) || !at(entry + 8, type == 3 ? 2 : 4, &value)) return tags;
    if (tag == 256) tags.width = static_cast<int64_t>(value);
    if (tag == 257) tags.height = static_cast<int64_t>(value);
    if (tag == 274 && value >= 1 && value <= 8) tags.orientation = static_cast<int>(value);
  }
  tags.is_valid = true;
  return tags;
}

ImageHeader read_image_header(std::string_view bytes, const std::string& name, int64_t max_pixels) {
  using namespace std::string_view_literals;
  ImageHeader header;
  ByteReader reader(bytes, name);
  if (starts_with(bytes, "\xFF\xD8\xFF"sv)) {
    header.kind = ImageKind::jpeg;
    read_jpeg(reader, bytes, max_pixels, &header);
  } else if (starts_with(bytes, "\x89PNG\r\n\x1A\n"sv)) {
    header.kind = ImageKind::png;
    read_png(reader, max_pixels, &header);
  } else if (starts_with(bytes, "RIFF"sv) && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP"sv) {
    header.kind = ImageKind::webp;
    read_webp(reader, bytes, max_pixels, &header);
  } else if (starts_with(bytes, "BM"sv)) {
    header.kind = ImageKind::bmp;
    read_bmp(reader, bytes, max_pixels, &header);
  } else if (starts_with(bytes, "II*\0"sv) || starts_with(bytes, "MM\0*"sv)) {
    header.kind = ImageKind::tiff;
    const TiffTags tags = read_tiff_tags(bytes);
    BRAID_CHECK(tags.is_valid, format,
                "{}: its first directory cannot be read; is the file complete?", name);
    set_size(&header, tags.width, tags.height, name, max_pixels);
    header.orientation = tags.orientation;
  } else if (starts_with(bytes, "GIF87a"sv) || starts_with(bytes, "GIF89a"sv)) {
    header.kind = ImageKind::gif;
    read_gif(reader, max_pixels, &header);
  } else {
    BRAID_CHECK(!bytes.empty(), format, "{}: expected a picture, got an empty file", name);
    fail(ErrorKind::format,
         "{}: not a picture: expected JPEG, PNG, WebP, BMP, TIFF or GIF, got a file that begins "
         "with \"{}\"",
         name, quoted_start(bytes));
  }
  BRAID_CHECK(header.width > 0, format, "{}: expected a picture, got none in this file", name);
  return header;
}

}  // namespace braid::formats
