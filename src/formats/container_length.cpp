// Whether a container is as long as it says. FFmpeg's demuxers do not tell when a file is cut, so
// that the outer structure is walked here.
#include "formats/container_length.h"

#include <fmt/format.h>

#include <cstdint>

namespace braid::formats {
namespace {

// Bytes at an offset, all of which may lie beyond the end.
class Walk {
 public:
  explicit Walk(std::string_view bytes) : bytes_(bytes) {}
  uint64_t size() const { return bytes_.size(); }
  bool has(uint64_t at, uint64_t count) const {
    return at <= bytes_.size() && count <= bytes_.size() - at;
  }
  std::string_view text(uint64_t at, uint64_t count) const {
    return has(at, count) ? bytes_.substr(at, count) : std::string_view();
  }
  uint8_t byte(uint64_t at) const { return has(at, 1) ? static_cast<uint8_t>(bytes_[at]) : 0; }
  uint64_t big(uint64_t at, int count) const {
    uint64_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 8 | byte(at + static_cast<uint64_t>(i));
    return value;
  }
  uint64_t little(uint64_t at, int count) const {
    uint64_t value = 0;
    for (int i = count - 1; i >= 0; --i) value = value << 8 | byte(at + static_cast<uint64_t>(i));
    return value;
  }
  /// The message where the part at `at` is longer than the file, else "". Beyond the end `at` only
  /// lies where the file ends within the length of the part, which is then not known.
  std::string cut(std::string_view part, uint64_t at, uint64_t length) const {
    if (has(at, length)) return "";
    if (at > size()) return fmt::format("{}: expected its length, got the end of the file", part);
    return fmt::format("{}: expected {} bytes, got {}", part, length, size() - at);
  }

 private:
  std::string_view bytes_;
};

bool is_plain(std::string_view text) {
  for (char c : text)
    if (c < ' ' || c > '~') return false;
  return !text.empty();
}

// ISO/IEC 14496-12: boxes one after the other; a size of 0 means "until the end", 1 a 64-bit size.
std::string cut_mp4(const Walk& walk) {
  for (uint64_t at = 0; at < walk.size();) {
    if (!walk.has(at, 8)) return walk.cut("box", at, 8);
    uint64_t length = walk.big(at, 4);
    if (length == 0) return "";
    if (length == 1 && !walk.has(at, 16)) return walk.cut("box", at, 16);
    if (length == 1) length = walk.big(at + 8, 8);
    const std::string_view type = walk.text(at + 4, 4);
    if (length < 8 || !is_plain(type)) return "";  // rubbish after the last box
    const std::string message = walk.cut(fmt::format("box {}", type), at, length);
    if (!message.empty()) return message;
    at += length;
  }
  return "";
}

// An EBML number of 1 to 8 bytes. All ones mean "not known", as in a live stream.
uint64_t ebml_number(const Walk& walk, uint64_t* at, bool* is_known) {
  const uint8_t first = walk.byte(*at);
  int length = 1;
  while (length < 8 && !(first & (0x80 >> (length - 1)))) ++length;
  const uint64_t mask = (uint64_t{1} << (7 * length)) - 1;
  const uint64_t value = walk.big(*at, length) & mask;
  *at += static_cast<uint64_t>(length);
  *is_known = value != mask;
  return value;
}

// RFC 8794 and 9559: the EBML header, then one segment with everything in it.
std::string cut_matroska(const Walk& walk) {
  uint64_t at = 4;
  bool is_known = false;
  const uint64_t header = ebml_number(walk, &at, &is_known);
  if (!is_known || !walk.has(at, header)) return walk.cut("EBML header", at, header);
  at += header;
  if (walk.big(at, 4) != 0x18538067) return "";
  at += 4;
  const uint64_t segment = ebml_number(walk, &at, &is_known);
  return is_known ? walk.cut("segment", at, segment) : "";
}

std::string cut_avi(const Walk& walk) {
  for (uint64_t at = 0; walk.text(at, 4) == "RIFF";) {
    const uint64_t length = walk.little(at + 4, 4);
    const std::string message = walk.cut("RIFF chunk", at + 8, length);
    if (!message.empty()) return message;
    at += 8 + length + length % 2;
  }
  return "";
}

// ISO/IEC 11172-1 and 13818-1: packs and packets, each of which tells its length.
std::string cut_program_stream(const Walk& walk) {
  uint64_t at = 0;
  while (walk.has(at, 4)) {
    const uint64_t code = walk.big(at, 4);
    if (code == 0x1B9) return "";
    uint64_t length = 1;  // where no start code stands, it is looked for
    if (code == 0x1BA) {
      const bool is_mpeg1 = walk.byte(at + 4) >> 4 == 2;
      length = is_mpeg1 ? 12 : 14 + (walk.byte(at + 13) & 7);
    } else if (code > 0x1BA && code <= 0x1FF) {
      length = walk.has(at, 6) ? 6 + walk.big(at + 4, 2) : 6;
    }
    const std::string message = walk.cut("MPEG packet", at, length);
    if (!message.empty()) return message;
    at += length;
  }
  return "";
}

// FLV 10.1, annex E: a header, then tags, each followed by its length.
std::string cut_flv(const Walk& walk) {
  for (uint64_t at = walk.big(5, 4) + 4; at < walk.size();) {
    const uint64_t length = 11 + walk.big(at + 1, 3) + 4;
    const std::string message = walk.cut("FLV tag", at, length);
    if (!message.empty()) return message;
    at += length;
  }
  return "";
}

// RFC 3533: each page announces its length; what follows the last page is not looked at.
std::string cut_ogg(const Walk& walk) {
  for (uint64_t at = 0; walk.text(at, 4) == "OggS";) {
    uint64_t length = 27u + walk.byte(at + 26);
    for (uint64_t i = 27; i < 27u + walk.byte(at + 26); ++i) length += walk.byte(at + i);
    const std::string message = walk.cut("Ogg page", at, length);
    if (!message.empty()) return message;
    at += length;
  }
  return "";
}

}  // namespace

std::string what_is_cut(std::string_view bytes) {
  const Walk walk(bytes);
  const std::string_view type = walk.text(4, 4);
  for (std::string_view known : {"ftyp", "moov", "mdat", "wide", "free", "skip"})
    if (type == known) return cut_mp4(walk);
  if (walk.big(0, 4) == 0x1A45DFA3) return cut_matroska(walk);
  if (walk.text(0, 4) == "RIFF" && walk.text(8, 4) == "AVI ") return cut_avi(walk);
  if (walk.big(0, 4) == 0x1BA) return cut_program_stream(walk);
  if (walk.text(0, 3) == "FLV") return cut_flv(walk);
  if (walk.text(0, 4) == "OggS") return cut_ogg(walk);
  // ISO/IEC 13818-1: transport packets of 188 bytes, each of which begins with 0x47.
  constexpr uint64_t kPacketBytes = 188;
  if (walk.byte(0) == 0x47 && walk.byte(kPacketBytes) == 0x47 && walk.size() % kPacketBytes != 0)
    return fmt::format("MPEG packet: expected {} bytes, got {}", kPacketBytes,
                       walk.size() % kPacketBytes);
  return "";
}

}  // namespace braid::formats
