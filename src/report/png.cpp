#include "report/png.h"

#include <algorithm>

#include "core/base64.h"
#include "core/error.h"

namespace braid::report {
namespace {

std::string big_endian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

uint32_t crc32(const std::string& bytes) {
  uint32_t crc = 0xFFFFFFFFU;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
  }
  return ~crc;
}

uint32_t adler32(const std::string& bytes) {
  uint32_t a = 1, b = 0;
  for (char c : bytes) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

std::string chunk(const std::string& name, const std::string& data) {
  return big_endian(static_cast<uint32_t>(data.size())) + name + data +
         big_endian(crc32(name + data));
}

// A zlib stream of stored blocks.
std::string stored(const std::string& bytes) {
  constexpr size_t kBlock = 65535;
  std::string out = "\x78\x01";
  for (size_t begin = 0; begin < bytes.size(); begin += kBlock) {
    const size_t size = std::min(kBlock, bytes.size() - begin);
    const auto low = static_cast<char>(size & 0xFF), high = static_cast<char>(size >> 8);
    out += begin + size == bytes.size() ? '\x01' : '\x00';
    out += {low, high, static_cast<char>(~low), static_cast<char>(~high)};
    out += bytes.substr(begin, size);
  }
  return out + big_endian(adler32(bytes));
}

}  // namespace

std::string png_uri(uint32_t width, uint32_t height, const std::vector<uint8_t>& pixels) {
  BRAID_ASSERT(width > 0 && height > 0 && pixels.size() == size_t{4} * width * height);
  std::string rows;
  for (uint32_t y = 0; y < height; ++y) {
    rows += '\0';  // no filter
    const auto begin = pixels.begin() + static_cast<int64_t>(size_t{4} * width * y);
    rows.append(begin, begin + int64_t{4} * width);
  }
  const std::string header = big_endian(width) + big_endian(height) +
                             std::string("\x08\x06\x00\x00\x00", 5);  // 8 bits, RGBA
  return "data:image/png;base64," + base64("\x89PNG\r\n\x1A\n" + chunk("IHDR", header) +
                                           chunk("IDAT", stored(rows)) + chunk("IEND", ""));
}

}  // namespace braid::report
