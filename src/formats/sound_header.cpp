#include "formats/sound_header.h"

#include <fmt/format.h>

#include "formats/bytes.h"

namespace braid::formats {
namespace {

bool starts_with(std::string_view bytes, std::string_view prefix) {
  return bytes.substr(0, prefix.size()) == prefix;
}

uint64_t take_big(ByteReader& reader, size_t count, const char* what) {
  uint64_t value = 0;
  for (char byte : reader.take(count, what)) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// An MPEG audio frame header: 11 bits of ones, a layer, a bit rate and a sample rate that exist.
bool is_mpeg_frame(std::string_view bytes) {
  if (bytes.size() < 4) return false;
  const uint8_t b1 = static_cast<uint8_t>(bytes[1]), b2 = static_cast<uint8_t>(bytes[2]);
  return static_cast<uint8_t>(bytes[0]) == 0xFF && (b1 & 0xE0) == 0xE0 && (b1 & 0x18) != 0x08 &&
         (b1 & 0x06) != 0 && (b2 & 0xF0) != 0xF0 && (b2 & 0x0C) != 0x0C;
}

// The bytes after an ID3v2 tag, which some writers also put before FLAC.
std::string_view without_id3(std::string_view bytes) {
  if (!starts_with(bytes, "ID3") || bytes.size() < 10) return bytes;
  size_t size = 10;
  for (int i = 6; i < 10; ++i) {
    const size_t part = static_cast<uint8_t>(bytes[i]) & 0x7F;
    size += part << (7 * (9 - i));
  }
  return bytes.substr(std::min(size, bytes.size()));
}

void check_wav(std::string_view bytes, const std::string& name) {
  constexpr uint32_t kUntilTheEnd = 0xFFFFFFFF;
  ByteReader reader(bytes, name);
  reader.take(12, "file header");
  uint64_t long_size = kUntilTheEnd;  // RF64 keeps the true size in the chunk ds64
  while (reader.remaining() > 0) {
    const std::string_view type = reader.take(4, "chunk type");
    const uint32_t length = reader.little_endian<uint32_t>("chunk length");
    if (type == "data") {
      const uint64_t announced = length == kUntilTheEnd ? long_size : length;
      BRAID_CHECK(announced > 0 && reader.remaining() > 0, format,
                  "{}: data chunk: expected sound, got 0 samples", name);
      if (announced == kUntilTheEnd) return;
      BRAID_CHECK(announced <= reader.remaining(), format,
                  "{}: data chunk: expected {} bytes, got {}; is the file complete?", name,
                  announced, reader.remaining());
      return;
    }
    const std::string_view chunk = reader.take(length, "chunk");
    if (type == "ds64" && length >= 16)
      std::memcpy(&long_size, chunk.data() + 8, sizeof(long_size));
    if (length % 2 == 1 && reader.remaining() > 0) reader.take(1, "padding");
  }
  fail(ErrorKind::format, "{}: expected a data chunk, got the end of the file; is it complete?",
       name);
}

// RFC 3533: each page announces its length; what follows the last page is not looked at.
void check_ogg(std::string_view bytes, const std::string& name) {
  ByteReader reader(bytes, name);
  while (starts_with(bytes.substr(reader.offset()), "OggS")) {
    reader.take(26, "Ogg page header");
    const uint8_t num_segments = reader.little_endian<uint8_t>("Ogg segment count");
    size_t length = 0;
    for (char size : reader.take(num_segments, "Ogg segment table"))
      length += static_cast<uint8_t>(size);
    reader.take(length, "Ogg page");
  }
}

// ISO/IEC 14496-12: boxes one after the other; a size of 0 means "until the end", 1 a 64-bit size.
void check_mp4(std::string_view bytes, const std::string& name) {
  ByteReader reader(bytes, name);
  while (reader.remaining() > 0) {
    uint64_t size = take_big(reader, 4, "box size");
    reader.take(4, "box type");
    uint64_t header_bytes = 8;
    if (size == 0) return;
    if (size == 1) {
      size = take_big(reader, 8, "box size");
      header_bytes = 16;
    }
    if (size < header_bytes)
      reader.fail("box size: expected at least {}, got {}", header_bytes, size);
    reader.take(size - header_bytes, "box");
  }
}

// The first frame may be a Xing or Info header, which tells how many bytes all frames take.
void check_mp3(std::string_view bytes, std::string_view frames, const std::string& name) {
  constexpr size_t kFarthest = 64;  // the header stands 13 to 36 bytes into the frame
  size_t at = frames.substr(0, kFarthest).find("Xing");
  if (at == std::string_view::npos) at = frames.substr(0, kFarthest).find("Info");
  if (at == std::string_view::npos) return;
  ByteReader reader(frames.substr(at), name);
  reader.take(4, "Xing header");
  const uint64_t flags = take_big(reader, 4, "Xing flags");
  if (!(flags & 2)) return;
  if (flags & 1) reader.take(4, "Xing frame count");
  const uint64_t announced = take_big(reader, 4, "Xing byte count");
  BRAID_CHECK(announced <= bytes.size(), format,
              "{}: expected {} bytes, got {}; is the file complete?", name, announced,
              bytes.size());
}

}  // namespace

SoundKind read_sound_header(std::string_view bytes, const std::string& name) {
  if (bytes.size() >= 12 && (starts_with(bytes, "RIFF") || starts_with(bytes, "RF64")) &&
      bytes.substr(8, 4) == "WAVE") {
    check_wav(bytes, name);
    return SoundKind::wav;
  }
  if (starts_with(bytes, "OggS")) {
    check_ogg(bytes, name);
    return SoundKind::ogg;
  }
  if (bytes.size() >= 12 && bytes.substr(4, 4) == "ftyp") {
    check_mp4(bytes, name);
    return SoundKind::mp4;
  }
  const std::string_view untagged = without_id3(bytes);
  if (starts_with(untagged, "fLaC")) return SoundKind::flac;
  if (starts_with(bytes, "ID3") || is_mpeg_frame(bytes)) {
    check_mp3(bytes, untagged, name);
    return SoundKind::mp3;
  }
  BRAID_CHECK(!bytes.empty(), format, "{}: expected sound, got an empty file", name);
  fail(ErrorKind::format,
       "{}: not sound: expected WAV, FLAC, MP3, OGG or M4A; is it another format?", name);
}

}  // namespace braid::formats
