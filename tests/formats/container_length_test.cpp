#include "formats/container_length.h"

#include <gmock/gmock.h>

namespace braid::formats {
namespace {

using namespace std::string_literals;

// Each file by hand, the last part of 10 bytes or so: whole, and every cut of that last part.
void expect_noticed(const std::string& bytes, size_t last_part, const std::string& message) {
  EXPECT_EQ(what_is_cut(bytes), "") << message;
  for (size_t lost = 1; lost < last_part; ++lost)
    EXPECT_NE(what_is_cut(bytes.substr(0, bytes.size() - lost)), "") << message << " " << lost;
  EXPECT_EQ(what_is_cut(bytes.substr(0, bytes.size() - 3)), message);
}

TEST(container_length, notices_a_cut_at_every_byte) {
  expect_noticed(
      "\0\0\0\x0C"
      "ftypisom\0\0\0\x12mdat0123456789"s,
      18, "box mdat: expected 18 bytes, got 15");
  // The same with a size of 64 bits.
  expect_noticed(
      "\0\0\0\x0C"
      "ftypisom\0\0\0\x01mdat\0\0\0\0\0\0\0\x1A"
      "0123456789"s,
      26, "box mdat: expected 26 bytes, got 23");
  // An EBML header of 2 bytes, a segment of 10 bytes.
  expect_noticed(
      "\x1A\x45\xDF\xA3\x82xx\x18\x53\x80\x67\x8A"
      "0123456789"s,
      11, "segment: expected 10 bytes, got 7");
  expect_noticed("RIFF\x0E\0\0\0AVI 0123456789"s, 11, "RIFF chunk: expected 14 bytes, got 11");
  // An MPEG-1 pack header of 12 bytes, a packet of 6 + 10.
  expect_noticed(
      "\0\0\x01\xBA\x21"
      "1234567"
      "\0\0\x01\xE0\0\x0A"
      "0123456789"s,
      12, "MPEG packet: expected 16 bytes, got 13");
  // MPEG-2's of 14 bytes and 2 of stuffing.
  expect_noticed(
      "\0\0\x01\xBA\x44"
      "12345678"
      "\x02xx"
      "\0\0\x01\xE0\0\x0A"
      "0123456789"s,
      12, "MPEG packet: expected 16 bytes, got 13");
  std::string transport(188 * 3, '\0');
  for (size_t at = 0; at < transport.size(); at += 188) transport[at] = 'G';
  expect_noticed(transport, 188, "MPEG packet: expected 188 bytes, got 185");
  // A header of 9 bytes, four bytes of 0, a tag with 10 bytes.
  expect_noticed(
      "FLV\x01\x01\0\0\0\x09\0\0\0\0"
      "\x09\0\0\x0A"
      "1234567"
      "0123456789"
      "\0\0\0\x15"s,
      25, "FLV tag: expected 25 bytes, got 22");
  expect_noticed("OggS" + std::string(22, 'x') +
                     "\x01\x0A"
                     "0123456789"s,
                 30, "Ogg page: expected 38 bytes, got 35");
}

TEST(container_length, says_nothing_of_what_is_not_announced) {
  EXPECT_EQ(what_is_cut(""), "");
  EXPECT_EQ(what_is_cut("just text"), "");
  EXPECT_EQ(what_is_cut("\0\0\0\0mdat as long as the file"s), "");
  EXPECT_EQ(what_is_cut("\0\0\0\x0C"
                        "ftypisom\1\2\3\4\5\6\7\1\2"s),
            "");
  EXPECT_EQ(what_is_cut("\x1A\x45\xDF\xA3\x82xx\x18\x53\x80\x67\xFFlive"s), "");
  EXPECT_EQ(what_is_cut("\0\0\x01\xBA\x21"
                        "1234567"
                        "\0\0\x01\xB9 and more"s),
            "");
}

TEST(container_length, a_cut_within_a_length) {
  const std::string avi = "RIFF\x0E\0\0\0AVI 0123456789RIFF\x0E\0\0\0AVIX0123456789"s;
  for (size_t size = 22 + 4; size < 22 + 8; ++size)
    EXPECT_EQ(what_is_cut(avi.substr(0, size)),
              "RIFF chunk: expected its length, got the end of the file");
  EXPECT_EQ(what_is_cut(avi.substr(0, 22 + 8)), "RIFF chunk: expected 14 bytes, got 0");
  // A header of 2 bytes; the segment's size takes 8.
  const std::string matroska = "\x1A\x45\xDF\xA3\x82xx\x18\x53\x80\x67\x01\0\0\0\0\0\0\x0A"s;
  for (size_t size = 11; size < matroska.size(); ++size)
    EXPECT_EQ(what_is_cut(matroska.substr(0, size)),
              "segment: expected its length, got the end of the file");
  EXPECT_EQ(what_is_cut(matroska), "segment: expected 10 bytes, got 0");
  EXPECT_EQ(what_is_cut("\x1A\x45\xDF\xA3\x01"s),
            "EBML header: expected its length, got the end of the file");
}

// No length in a file may lead beyond it or in circles.
TEST(container_length, hostile_lengths) {
  EXPECT_NE(what_is_cut("\0\0\0\x0C"
                        "ftypisom\0\0\0\x01mdat\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s),
            "");
  EXPECT_EQ(what_is_cut("\0\0\0\x01mdat\0\0\0\0\0\0\0\x02"s), "");
  EXPECT_NE(what_is_cut("\x1A\x45\xDF\xA3\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFE"s), "");
  EXPECT_NE(what_is_cut("RIFF\xFF\xFF\xFF\xFF"
                        "AVI "s),
            "");
  EXPECT_EQ(what_is_cut("FLV\x01\x01\xFF\xFF\xFF\xFF"s), "");
}

}  // namespace
}  // namespace braid::formats
