// Small pictures and file surgery shared by the tests of pictures and sound.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "formats/image.h"

namespace braid::testing {

/// A file of tests/data_files/media.
inline std::string media_file(const std::string& name) {
  return read_file("tests/data_files/media/" + name);
}

inline std::vector<int> pixel(const formats::Image& image, int x, int y) {
  std::vector<int> values;
  const size_t at = (static_cast<size_t>(y) * image.width + x) * image.channels;
  for (int c = 0; c < image.channels; ++c)
    values.push_back(image.bits == 8 ? image.pixels[at + c] : image.pixels16[at + c]);
  return values;
}

/// Runs `call` and returns the message of the Error it must throw, whose kind must be `kind`.
template <class Call>
std::string error_of(ErrorKind kind, Call call) {
  try {
    call();
  } catch (const Error& e) {
    EXPECT_EQ(to_string(e.kind()), std::string(to_string(kind))) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

/// A TIFF block whose only tag is the orientation, in either byte order.
inline std::string exif_block(int orientation, bool big_endian) {
  using namespace std::string_literals;
  const char value = static_cast<char>(orientation);
  // Magic, offset 8, one entry: tag 0x0112, type 3 (SHORT), count 1, value; no next directory.
  if (big_endian)
    return "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s + value + "\0\0\0\0\0\0"s;
  return "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"s + value + "\0\0\0\0\0\0\0"s;
}

/// The JPEG with an EXIF segment right after its start marker.
inline std::string with_exif(const std::string& jpeg, const std::string& block) {
  using namespace std::string_literals;
  const size_t length = block.size() + 8;
  const std::string segment = "\xFF\xE1"s + static_cast<char>(length >> 8) +
                              static_cast<char>(length & 0xFF) + "Exif\0\0"s + block;
  return jpeg.substr(0, 2) + segment + jpeg.substr(2);
}

}  // namespace braid::testing
