#include "formats/ffmpeg.h"

#include <gmock/gmock.h>

#include "formats/media_samples.h"

namespace braid::formats::ffmpeg {
namespace {

using braid::testing::error_of;
using braid::testing::media_file;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ffmpeg, tells_errors_in_words) {
  forget_message();
  EXPECT_EQ(error_text(AVERROR_INVALIDDATA), "Invalid data found when processing input");
  be_quiet();
  av_log(nullptr, AV_LOG_WARNING, "not an error\n");
  EXPECT_EQ(last_message(), "");
  av_log(nullptr, AV_LOG_ERROR, "byte %d is odd.\n", 7);
  EXPECT_EQ(error_text(AVERROR_EOF), "End of file (byte 7 is odd)");
  forget_message();
  EXPECT_EQ(error_text(AVERROR_EOF), "End of file");
}

TEST(ffmpeg, packets_own_a_copy) {
  const Packet packet = make_packet("abc", "x");
  EXPECT_EQ(std::string(reinterpret_cast<char*>(packet->data), packet->size), "abc");
}

TEST(ffmpeg, reads_from_memory) {
  const std::string flac = media_file("tone.flac");
  const MemoryInput input(flac, "tone.flac", "flac");
  ASSERT_EQ(input.get()->nb_streams, 1u);
  EXPECT_EQ(input.get()->streams[0]->codecpar->sample_rate, 16000);
}

TEST(ffmpeg, memory_input_names_what_it_cannot_read) {
  EXPECT_THAT(error_of(ErrorKind::format, [] { MemoryInput("nonsense", "x.wav", "wav"); }),
              StartsWith("x.wav: wav: "));
  EXPECT_EQ(error_of(ErrorKind::usage, [] { MemoryInput("", "x", "no_such_format"); }),
            "x: this FFmpeg was built without a reader for no_such_format");
}

// A playlist must not make the library open files.
TEST(ffmpeg, memory_input_opens_nothing_else) {
  const std::string playlist = "ffconcat version 1.0\nfile tests/data_files/media/tone.flac\n";
  EXPECT_THAT(error_of(ErrorKind::format, [&] { MemoryInput(playlist, "list", "concat"); }),
              HasSubstr("list: concat: "));
}

}  // namespace
}  // namespace braid::formats::ffmpeg
